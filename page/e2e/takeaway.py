"""What a reader takes along is what the page shows."""

import csv
import io
import xml.etree.ElementTree as xml

import scenarios
from faults import Fault, ensure, same

LEVEL = ["latency", "period", "expected_discount", "filling_rate", "filled_share", "gross", "cost"]
CASES = ["exchange", "keepers by stake", "one operator", "cities", "custom flow"]


def check(world):
    """Link, file, pictures and table."""
    cases = world.some(CASES)
    for name in cases:
        try:
            with world.tab(scenarios.SOUND[name]) as tab:
                link, toml = tab.copied("#copy-link"), tab.toml()
                same("the copied link", tab.page.locator("#link").input_value(), link)
                same("the copied file", toml, tab.copied("#copy-toml"))
                saved, file = tab.saved("#save-toml")
                ensure(file.endswith(".toml"), f"the file is saved as {file}")
                same("the saved file", toml, saved)
                json, _ = tab.saved("[data-save=json]")
                pictures(tab)
                table(world, tab, toml)
            again(world, link, toml, json)
        except Fault as fault:
            raise Fault(f"{name}: {fault}") from fault
    return f"{len(cases)} studies: link, file, pictures, table"


def pictures(tab):
    """They are saved as well-formed SVG with a text that says what they show."""
    for name in ("circle", "welfare", "filling"):
        button = tab.page.locator(f"[data-save={name}]")
        if not button.is_enabled():
            continue
        text, file = tab.saved(f"[data-save={name}]")
        ensure(file.endswith(".svg"), f"the picture is saved as {file}")
        try:
            root = xml.fromstring(text)
        except xml.ParseError as error:
            raise Fault(f"the picture {name} is no SVG: {error}") from error
        ensure(root.tag == "{http://www.w3.org/2000/svg}svg" and len(list(root.iter())) > 5, f"the picture {name} shows nothing")


def table(world, tab, toml):
    """The CSV file has all architectures and heights with all digits."""
    text, file = tab.saved("[data-save=csv]")
    ensure(file.endswith(".csv"), f"the table is saved as {file}")
    rows = {(row["architecture"], row["height"]): row for row in csv.DictReader(io.StringIO(text))}
    expected = world.native.architectures(toml)
    wanted = 0
    for name, own in expected.items():
        row = rows.get((name, "all"))
        ensure(row, f"{name} is not in the CSV file")
        for field, column in [("filled", "filled_share"), ("gross", "gross"), ("cost", "cost"), ("net", "net"),
                              ("net_per_order", "net_per_order")]:
            same(f"CSV, {name}, {column}", own[field][1], row[column])
        for level in own["by_height"]:
            row = rows.get((name, level["height"]))
            ensure(row, f"height {level['height']} of {name} is not in the CSV file")
            for column in LEVEL:
                same(f"CSV, {name}, height {level['height']}, {column}", level[column], row[column])
        wanted += 1 + len(own["by_height"])
    ensure(wanted == len(rows), f"the CSV file has {len(rows)} rows, and the command line {wanted}")


def again(world, link, toml, json):
    """In a fresh page the link gives the same study, and the pasted file the same numbers."""
    ensure(link.startswith(world.url + "#"), f"the link leads to {link[:80]}")
    with world.tab(link.split("#", 1)[1]) as tab:
        same("the file after the link", toml, tab.toml())
    with world.tab() as tab:
        tab.page.evaluate("document.querySelector('#paste-box').open = true")
        tab.page.locator("#paste").fill(toml)
        tab.page.locator("#use").click()
        tab.settle()
        same("the numbers of the pasted file", json, tab.saved("[data-save=json]")[0])
