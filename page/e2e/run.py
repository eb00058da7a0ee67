"""Opens the page in a browser without a network and holds it against the command line.

    python page/e2e/run.py                   all checks
    python page/e2e/run.py links keyboard    only these
    python page/e2e/run.py --self-test       try on altered pages that the checks notice what is wrong
    python page/e2e/run.py --measure         how long a step of a slider takes, and what the page weighs; no check

    --page FILE        the page, by default target/book/page.html (`cargo xtask page`)
    --pooltree FILE    the command line, by default target/release/pooltree (`cargo build --release`)

The browser is Chromium, as the system has it or as $CHROMIUM names it. Whatever a check is about, it fails if the page writes a
warning or an error to the console, asks for anything but itself, opens a dialog, or leaves an error to nobody. The exit status is
then 1, and the check and the fault are named. Pictures for people to look at are put into target/page/.
"""

import argparse
import pathlib
import sys
import time

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import sync_playwright

import access
import broken
import browser
import looks
import numbers_shown
import simulation
import takeaway
from faults import Fault
from native import Native

ROOT = pathlib.Path(__file__).resolve().parents[2]

CHECKS = {
    "links": numbers_shown.check_links,
    "presets": numbers_shown.check_presets,
    "trials": simulation.check_trials,
    "complete": simulation.check_complete,
    "stop": simulation.check_stop,
    "change": simulation.check_change,
    "broken": broken.check_links,
    "wrong": broken.check_changes,
    "takeaway": takeaway.check,
    "tab": access.check_tab,
    "keyboard": access.check_keys,
    "names": access.check_names,
    "axe": access.check_axe,
    "looks": looks.check,
}


def attempt(check, world):
    """What a check says, and whether it is content."""
    try:
        return check(world), True
    except Fault as fault:
        return str(fault), False
    except BrowserError as error:
        return f"the browser says: {error.message}", False


def run(world, names):
    """Runs the checks and prints a line for each; those that failed."""
    failed = []
    for name in names:
        start = time.monotonic()
        said, good = attempt(CHECKS[name], world)
        lines = said.strip().splitlines() or [""]
        head = lines[0] if good else "FAILED"
        print(f"{name:10} {time.monotonic() - start:6.1f} s  {head}", flush=True)
        if not good:
            print("\n".join(f"    {line[:400]}" for line in lines[:20]), flush=True)
            failed.append(name)
    return failed


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="CHECK", help=f"checks, all if none is named: {', '.join(CHECKS)}")
    parser.add_argument("--page", type=pathlib.Path, default=ROOT / "target" / "book" / "page.html")
    parser.add_argument("--pooltree", type=pathlib.Path, default=ROOT / "target" / "release" / "pooltree")
    parser.add_argument("--self-test", action="store_true", help="try that faults are noticed")
    parser.add_argument("--measure", action="store_true", help="print times and sizes")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in CHECKS]:
        parser.error(f"no such check: {', '.join(unknown)}")
    for file, how in [(arguments.page, "cargo xtask page"), (arguments.pooltree, "cargo build --release")]:
        if not file.is_file():
            sys.exit(f"there is no {file}; make it with `{how}`")
    pictures = ROOT / "target" / "page"
    pictures.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with sync_playwright() as playwright:
        opened = browser.launch(playwright)
        world = browser.World(opened, arguments.page, Native(arguments.pooltree), pictures=pictures)
        if arguments.measure:
            import measure

            measure.main(world)
            failed = []
        elif arguments.self_test:
            import self_test

            failed = self_test.main(world, arguments.names)
        else:
            failed = run(world, arguments.names or list(CHECKS))
            print(f"{'all':10} {time.monotonic() - start:6.1f} s  " + (f"FAILED: {', '.join(failed)}" if failed else "no fault"))
        opened.close()
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
