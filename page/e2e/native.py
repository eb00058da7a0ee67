"""What the command line prints: the numbers that the page must show."""

import json
import pathlib
import re
import subprocess
import tempfile

import faults


class Native:
    """The `pooltree` binary."""

    def __init__(self, binary):
        self.binary = pathlib.Path(binary).resolve()
        self.kept = {}

    def run(self, toml, *arguments):
        """What `pooltree compare FILE …` prints; every answer is asked for once."""
        if (toml, arguments) not in self.kept:
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder, "scenario.toml")
                file.write_text(toml, encoding="utf-8")
                done = subprocess.run([self.binary, "compare", file, *arguments], capture_output=True, text=True,
                                      encoding="utf-8", timeout=120)
            if done.returncode:
                raise faults.Fault(f"pooltree compare does not accept the page's file: {done.stderr.strip()}\n{toml}")
            self.kept[toml, arguments] = done.stdout
        return self.kept[toml, arguments]

    def comparison(self, toml, *arguments):
        """The comparison with its numbers as the text that stands in the JSON."""
        return numbers(self.run(toml, "--json", *arguments))

    def architectures(self, toml):
        """Of every architecture, the best set of heights among them: what its rows show, `field -> (text, value)`."""
        found = {}
        best = self.comparison(toml, "--no-simulation")["best"]
        runs = [()] + ([("--heights", ",".join(best["heights"]))] if best else [])
        for more in runs:
            compared = self.comparison(toml, "--no-simulation", *more)
            rows = tables(self.run(toml, "--no-simulation", *more))
            for architecture in compared["architectures"]:
                name = architecture["name"]
                printed = next(row for row in rows[0] if row["architecture"].split()[0] == name)
                form = architecture["closed_form"]
                found["best" if name == "custom" else name] = {
                    "title": printed["architecture"],
                    "gross": (printed["gross"], form["gross"]),
                    "cost": (printed["cost"], form["cost"]),
                    "net": (printed["net"], form["net"]),
                    "gross_per_order": (printed["gross/order"], form["gross_per_order"]),
                    "net_per_order": (printed["net/order"], form["net_per_order"]),
                    "filled": (printed["filled"], form["filled_share"]),
                    "by_height": form["by_height"],
                }
        return found

    def heights(self, toml):
        """The rows by height of the architecture that the command line shows: its name, `field -> (text, value)` of each,
        and the share that is not filled."""
        output = self.run(toml, "--no-simulation")
        named = re.search(r"^By height: (\S+)", output, re.M)
        name = named.group(1) if named else "tree"
        compared = self.comparison(toml, "--no-simulation")
        form = next(a["closed_form"] for a in compared["architectures"] if a["name"] == name)
        worth = {level["height"]: level["value"] for level in compared["levels"]}
        levels, rows = form["by_height"], {}
        # A tree of a single height has no table of heights.
        for printed, level in zip(tables(output)[1] if named else [{}] * len(levels), levels, strict=True):
            row = {
                "latency": level["latency"],
                "period": level["period"],
                "discount": level["expected_discount"],
                "filling_rate": level["filling_rate"],
                "filled": level["filled_share"],
                "gross": level["gross"],
                "cost": level["cost"],
            }
            if level["height"] in worth:
                row["value"] = worth[level["height"]]
            rows[level["height"]] = {field: (printed.get(field.replace("_", " ")), value) for field, value in row.items()}
        return name, rows, form["unfilled_share"]

    def simulated(self, toml):
        """What is simulated, by architecture; the best set of heights among them."""
        compared = self.comparison(toml, "--no-simulation")
        runs = [()] + ([("--heights", ",".join(compared["best"]["heights"]))] if compared["best"] else [])
        found = {}
        for more in runs:
            for own in self.comparison(toml, *more)["architectures"]:
                found["best" if own["name"] == "custom" else own["name"]] = own.get("monte_carlo")
        return found


def numbers(text):
    """JSON with every number as its text: two numbers are the same if all of their digits are."""
    return json.loads(text, parse_float=str, parse_int=str)


def tables(output):
    """The tables in what the command line prints, as rows `column -> cell`."""
    found, columns = [], None
    for line in output.splitlines():
        if not line.startswith("|"):
            columns = None
        elif not columns:
            columns = cells(line)
            found.append([])
        elif not line.startswith("|--"):
            found[-1].append(dict(zip(columns, cells(line), strict=True)))
    return found


def cells(line):
    """The cells of one line of a table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
