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
    ("an empty value", "for _ in 0..2 {}", "", ["()"]),
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


def noticed(name, wanted, faults):
    """Whether there is one fault and it says all that is wanted."""
    said = "; ".join(map(str, faults)) or "nothing noticed"
    good = len(faults) == 1 and all(word in said for word in wanted)
    print(f"{'ok    ' if good else 'FAILED'} {name}: {' '.join(said.split())[:110]}", flush=True)
    return good


def main():
    """Runs all; 1 if something was not noticed or a sound notebook was refused."""
    with tempfile.TemporaryDirectory() as compiled:
        os.environ["EVCXR_TMPDIR"] = compiled
        folder = pathlib.Path(__file__).resolve().parent
        results = []
        good, late = run.play(notebook(GOOD), folder)
        again, late_again = run.play(good, folder)
        results.append(not run.judge(good, late) and not run.judge(again, late_again, good))
        print(f"{'ok    ' if results[0] else 'FAILED'} a sound notebook runs, and runs again as kept", flush=True)
        for name, old, new in [("a changed number", '"42\\n"', '"41\\n"'), ("a changed figure", "<title>42", "<title>41")]:
            changed = nbformat.reads(nbformat.writes(good).replace(old, new, 1), 4)
            results.append(noticed(name, ["differs", "42", "41"], run.judge(again, "", changed)))
        removed = nbformat.reads(nbformat.writes(good), 4)
        removed.cells[2].outputs = []
        results.append(noticed("a figure that is not kept", ["cell 3", "differs"], run.judge(again, "", removed)))
        silent, late = run.play(notebook([(source, tags) for _, source, tags, _ in SILENT]), folder)
        for (name, _, _, wanted), cell in zip(SILENT, silent.cells, strict=True):
            results.append(noticed(name, wanted, run.judge(nbformat.v4.new_notebook(cells=[cell]), late)))
        for name, cells, wanted in LOUD:
            try:
                faults = run.judge(*run.play(notebook(cells), folder))
            except run.Fault as fault:
                faults = [fault]
            results.append(noticed(name, wanted, faults))
    print(f"{sum(results)} of {len(results)} as it should be")
    return not all(results)
