"""Tries the runner on tiny notebooks with a fault each, and on some without.

Run by `python notebooks/run.py --self-test`; takes the kernel, not the library.
"""

import os
import pathlib
import tempfile

import nbformat

import run

FIGURE = 'println!("EVCXR_BEGIN_CONTENT text/html\\n<svg width=\\"9\\"><title>{}</title></svg>\\nEVCXR_END_CONTENT", 40 + 2);'
TABLE = 'println!("EVCXR_BEGIN_CONTENT text/html\\n<table><tr><td>{}</td></tr></table>\\nEVCXR_END_CONTENT", 40 + 2);'
NUMBER = 'println!("{}", 40 + 2);'
GOOD = [(NUMBER, "text"), ("let kept = vec![1, 2, 3];", ""), (FIGURE, "figure"), (TABLE, "table"), ("kept.len()", "")]

# Name, cells with their tags, and what the fault must say.
FAULTY = [
    ("a panic", [(NUMBER, ""), ('panic!("on purpose");', "")], ["cell 2", "panic"]),
    ("an unwrap", [('let n: u8 = "x".parse().unwrap();', "")], ["cell 1", "panic", "InvalidDigit"]),
    ("a panic in a thread", [('std::thread::spawn(|| panic!("there")).join().is_err()', "")], ["cell 1", "panic"]),
    ("a failing `?`", [('let n: u8 = "x".parse::<u8>()?;', ""), (NUMBER, "")], ["cell 1", "`?`", "invalid digit"]),
    ("a `?` after output", [(NUMBER + '\nlet n: u8 = "y".parse::<u8>()?;', "text")], ["cell 1", "`?`"]),
    ("a compile error", [(NUMBER, ""), ("let n: u8 = missing;", "")], ["cell 2", "missing"]),
    ("the end of the process", [(NUMBER, ""), ("std::process::exit(3);", "")], ["cell 2"]),
    ("late text", [("std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_millis(700)); eprintln!(\"late\"); });", "")],
     ["after the last cell", "late"]),
    ("an echo", [(":opt 2", "")], ["cell 1", "command"]),
    ("no figure", [(TABLE, "figure")], ["cell 1", "SVG"]),
    ("no table", [(FIGURE, "table")], ["cell 1", "HTML table"]),
    ("no text", [("let quiet = 1;", "text")], ["cell 1", "prints nothing"]),
    ("a machine path", [('println!("{}", std::env::temp_dir().join("x").display());', "")], ["cell 1", "path"]),
]


def notebook(cells):
    """A notebook of code cells with tags."""
    of = nbformat.v4.new_code_cell
    return nbformat.v4.new_notebook(cells=[of(source, metadata={"tags": tags.split()}) for source, tags in cells])


def noticed(name, wanted, act):
    """Whether `act` ends in a fault that says all that is wanted."""
    try:
        act()
        said = "nothing noticed"
    except run.Fault as fault:
        said = str(fault)
    good = all(word in said for word in wanted)
    print(f"{'ok    ' if good else 'FAILED'} {name}: {said.splitlines()[0][:110]}", flush=True)
    return good


def main():
    """Runs all; 1 if something was not noticed or a sound notebook was refused."""
    with tempfile.TemporaryDirectory() as compiled:
        os.environ["EVCXR_TMPDIR"] = compiled
        folder = pathlib.Path(__file__).resolve().parent
        results = []
        good = run.execute(notebook(GOOD), folder)
        again = run.execute(good, folder)
        run.compare(good, again)
        print("ok     a sound notebook runs, and runs again as kept", flush=True)
        for name, old, new in [("a changed number", "42\n", "41\n"), ("a changed figure", "<title>42", "<title>41")]:
            changed = nbformat.reads(nbformat.writes(good).replace(old.replace("\n", "\\n"), new.replace("\n", "\\n"), 1), 4)
            results.append(noticed(name, ["differs", "42", "41"], lambda kept=changed: run.compare(kept, again)))
        removed = nbformat.reads(nbformat.writes(good), 4)
        removed.cells[2].outputs = []
        results.append(noticed("a figure removed", ["cell 3", "differs"], lambda: run.compare(removed, again)))
        for name, cells, wanted in FAULTY:
            results.append(noticed(name, wanted, lambda cells=cells: run.execute(notebook(cells), folder)))
    print(f"{sum(results)} of {len(results)} faults noticed")
    return not all(results)
