"""The numbers of the page are those of the command line, to the last digit."""

import re

import scenarios
from faults import Fault, ensure, same

# The columns of the page, and what they are.
ROWS = {
    "net": "net", "gross": "gross", "cost": "cost", "net per order": "net_per_order", "gross per order": "gross_per_order",
    "filled": "filled",
}
LEVELS = {
    "filled": "filled", "filling rate": "filling_rate", "latency": "latency", "period": "period", "discount": "discount",
    "gross": "gross", "cost": "cost", "value": "value",
}


def check_links(world):
    """Opened by a link, a study has the numbers of the command line."""
    cases = world.some(scenarios.SOUND.items())
    count = 0
    for name, fragment in cases:
        try:
            with world.tab(fragment) as tab:
                count += compare(world, tab)
        except Fault as fault:
            raise Fault(f"{name}: {fault}") from fault
    return f"{len(cases)} links, {count} numbers"


def compare(world, tab):
    """Holds everything that a tab shows against the command line; how many numbers there were."""
    ensure(not tab.complaint(), f"the page says: {tab.complaint()}")
    toml = tab.toml()
    json, name = tab.saved("[data-save=json]")
    ensure(name.endswith(".json"), f"the numbers are saved as {name}")
    same("the JSON", world.native.run(toml, "--json", "--no-simulation"), json)
    tab.open_all()
    return rows(world, tab, toml) + levels(world, tab, toml)


def rows(world, tab, toml):
    """The table of the architectures."""
    expected = world.native.architectures(toml)
    shown = tab.table("#rows")
    names = {row["head"].split()[0]: row for row in shown}
    for missing in expected.keys() - names.keys() - {"best"}:
        raise Fault(f"{missing} is not in the table")
    for name, row in names.items():
        ensure(name in expected, f"the table has a row {row['head']!r}, and the command line none")
        title = expected[name]["title"].split(maxsplit=1)[1]
        ensure(title in row["head"], f"the row of {name} is of {row['head']!r}, not of {title}")
        hold(f"row {name}", ROWS, expected[name], row["cells"])
    if "best" not in names:
        heights = {own["title"].split(maxsplit=1)[1] for name, own in expected.items() if name != "best"}
        best = expected.get("best", {}).get("title", "custom ").split(maxsplit=1)[1:]
        ensure(not best or best[0] in heights, f"the best set of heights, {best}, is not in the table")
    return sum(len(row["cells"]) for row in shown)


def levels(world, tab, toml):
    """The tables by height of the tree, or what the command line shows by height."""
    name, expected, unfilled = world.native.heights(toml)
    shown = tab.text("#shown")
    ensure(shown.split()[0] == name, f"by height the page shows {shown!r}, the command line {name}")
    count = 0
    for table, columns, all_of_them in [("#levels", LEVELS, True), ("#heights", {"of all orders": "filled"}, False)]:
        found = tab.table(table)
        for row in found:
            digits = re.search(r"\d+", row["head"])
            if not digits:
                ensure(not all_of_them and row["head"] == "unfilled", f"{table} has a row {row['head']!r}")
                same("the share of unfilled orders", float(unfilled), float(row["cells"][0][2]))
                continue
            ensure(digits.group() in expected, f"{table} has a row {row['head']!r}")
            needed = expected[digits.group()] if all_of_them else {"filled": expected[digits.group()]["filled"]}
            hold(f"{table}, height {digits.group()}", columns, needed, row["cells"])
            count += len(row["cells"])
        heights = {found.group() for row in found if (found := re.search(r"\d+", row["head"]))}
        same(f"the heights of {table}", sorted(expected, key=int), sorted(heights, key=int))
    return count


def hold(what, columns, expected, cells):
    """One row: each number in its column, with its text and all of its digits; none left out."""
    for column, text, value in cells:
        ensure(column in columns, f"{what}: no number is known for the column {column!r}")
        field = columns[column]
        ensure(field in expected, f"{what}: the command line has no {column!r}, the page {text}")
        printed, digits = expected[field]
        same(f"{what}, {column}, in full", digits, value)
        if printed is not None:
            same(f"{what}, {column}, as printed", printed, text)
    fields = {columns[column] for column, _, _ in cells}
    missing = [field for field in columns.values() if field in expected and field not in fields]
    ensure(not missing, f"{what}: {missing} are not shown")


def check_presets(world):
    """Every preset opens with the verdict that the command line gives."""
    with world.tab() as tab:
        names = tab.page.locator("#presets button, #presets input, #presets option").count()
        ensure(names >= 6, f"there are {names} presets")
    for index in world.some(range(names)):
        with world.tab() as tab:
            button = tab.page.locator("#presets button, #presets input, #presets option").nth(index)
            label = button.inner_text()
            button.click()
            tab.settle()
            try:
                compare(world, tab)
                verdict(world, tab)
                ensure(tab.text("#about"), "it does not say what it shows")
            except Fault as fault:
                raise Fault(f"{label}: {fault}") from fault
    return f"{names} presets"


def verdict(world, tab):
    """One sentence or two that name the best set of heights and what it earns."""
    said = tab.text("#verdict")
    ensure(re.match(r"^[A-Z].{20,}\.$", said, re.S), f"the verdict is no sentence: {said!r}")
    toml = tab.toml()
    compared = world.native.comparison(toml, "--no-simulation")
    best, depth = compared["best"]["heights"], int(max((a["heights"][-1] for a in compared["architectures"]), key=int))
    every = [str(h) for h in range(depth + 1)]
    if best == [str(depth)]:
        wanted = ["one global pool"]
    elif best == every[1:]:
        wanted = ["whole tree"]
    elif len(best) == 1:
        wanted = ["local pools", f"height {best[0]}"]
    else:
        wanted = ["tree", " and ".join(filter(None, [", ".join(best[:-1]), best[-1]]))]
    wanted.append(world.native.architectures(toml)["best"]["net"][0])
    for words in wanted:
        ensure(words in said, f"the best are heights {', '.join(best)}, so that the verdict must say {words!r}: {said!r}")
    for level in compared["without_raison_d_etre"]:
        ensure(re.search(rf"[Hh]eights?\b[^.]*\b{level}\b|\{{[^}}]*{level}|…", said) and "no raison d'être" in said,
               f"height {level} has no raison d'être, and the verdict does not say so: {said!r}")
