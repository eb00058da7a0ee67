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

# What the kernel calls a success, each in a cell of one notebook: name, source, tag, and what the fault must say.
SILENT = [
    ("a panic", NUMBER + '\npanic!("on purpose");', "", ["panic", "on purpose"]),
    ("an unwrap", 'let n: u8 = "x".parse().unwrap();', "", ["panic", "InvalidDigit"]),
    ("a panic in a thread", 'std::thread::spawn(|| panic!("there")).join().is_err()', "", ["panic", "there"]),
    ("a failing `?`", 'let n: u8 = "x".parse::<u8>()?;', "", ["`?`", "invalid digit"]),
    ("a failing `?` after output", NUMBER + '\nlet n: u8 = "x".parse::<u8>()?;', "text", ["`?`", "invalid digit"]),
    ("an echo", ":opt 2", "", ["command"]),
    ("a figure that is none", TABLE, "figure", ["SVG"]),
    ("a table that is none", FIGURE, "table", ["HTML table"]),
    ("no text", "let quiet = 1;", "text", ["prints nothing"]),
    ("a machine path", 'println!("{}", std::env::temp_dir().join("x").display());', "", ["path"]),
]

# What ends a notebook.
LOUD = [
    ("a compile error", [(NUMBER, ""), ("let n: u8 = missing;", "")], ["cell 2", "cannot find value `missing`"]),
    ("the end of the process", [(NUMBER, ""), ("std::process::exit(3);", "")], ["cell 2", "terminated"]),
    ("a failing `?`, by itself", [(NUMBER, ""), ('"x".parse::<u8>()?', "")], ["cell 2", "`?`"]),
    ("text that comes late", [("std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_millis(250)); eprintln!(\"late\"); });", "")],
     ["after the last cell", "late"]),
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
    print(f"{'ok    ' if good else 'FAILED'} {name}: {' '.join(said.split())[:110]}", flush=True)
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
        silent, _ = run.play(notebook([(source, tags) for _, source, tags, _ in SILENT]), folder)
        for (name, _, _, wanted), cell in zip(SILENT, silent.cells, strict=True):
            results.append(noticed(name, wanted, lambda cell=cell: run.inspect(1, cell)))
        for name, cells, wanted in LOUD:
            results.append(noticed(name, wanted, lambda cells=cells: run.execute(notebook(cells), folder)))
    print(f"{sum(results)} of {len(results)} faults noticed")
    return not all(results)
