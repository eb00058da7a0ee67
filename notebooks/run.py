"""Runs the notebooks of this folder from a clean state and refuses what a reader should not see.

    python notebooks/run.py                  run all and keep their outputs
    python notebooks/run.py tour orders      only these
    python notebooks/run.py --check          keep nothing; fail if an output differs from the kept one
    python notebooks/run.py --output DIR     write what was run to DIR instead, faulty or not
    python notebooks/run.py --cold           compile everything anew
    python notebooks/run.py --self-test      try on tiny notebooks without the library that all faults are noticed

The outputs of a notebook with a fault are not kept; the exit status is then 1, and notebook, cell and fault are named:

- a cell does not compile, the process behind the kernel ends, or a cell takes too long;
- a cell panics or leaves by `?`. The kernel calls such a cell successful; all there is to see is text on standard error, so
  nothing may be written there. The text may come late: after the last cell the runner writes a line there itself and waits
  for it, so that whatever was written before has arrived;
- the kernel echoes one of its own commands, such as `:opt 2`, or shows `()`;
- a cell with the tag `figure` shows no SVG, one with the tag `table` no HTML table, one with the tag `text` no text;
- an output contains a path of this machine;
- with `--check`: outputs differ from the kept ones. Same seed, same bits: everything is compared but execution counts.
"""

import argparse
import asyncio
import copy
import difflib
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent
COMPILED = ROOT / "target" / "notebooks"  # build directory of the kernel; the notebooks share it, one runs after the other
TIMEOUT = 1800  # seconds a cell; the first one compiles the library
LATE = 0.1  # seconds in which late text counts for the cell before it
ARRIVED = "everything before has arrived"
LAST = f'std::thread::sleep(std::time::Duration::from_millis(400)); eprintln!("{ARRIVED}");'
HINT = "no kernel for Rust: cargo install evcxr_jupyter --locked && evcxr_jupyter --install"
METADATA = {
    "kernelspec": {"display_name": "Rust", "language": "rust", "name": "rust"},
    "language_info": {"file_extension": ".rs", "mimetype": "text/rust", "name": "rust", "pygments_lexer": "rust"},
}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ECHO = re.compile(r"^(Optimization|cache|Toolchain|Offline mode|linker|sccache|Timing|Linker): ", re.M)


class Fault(Exception):
    """What is wrong in a notebook."""

    def __init__(self, cell, what):
        lines = COLOURS.sub("", what).strip().splitlines()
        what = "\n      ".join(lines[:8] + ["…"] * (len(lines) > 8))
        super().__init__(f"{f'cell {cell}' if cell else 'after the last cell'}: {what}")


class Client(NotebookClient):
    """Waits after every cell for text that comes late."""

    async def collect(self, cell, cell_index, **_):
        wanted = cell.metadata.get("until")
        end = time.monotonic() + (60.0 if wanted else LATE)
        while not (wanted and wanted in stream(cell, "stderr")):
            try:
                message = await self.kc.iopub_channel.get_msg(timeout=max(0.0, end - time.monotonic()))
            except (queue.Empty, asyncio.TimeoutError):
                break
            if message["msg_type"] == "stream":
                self.output(cell.outputs, message, None, cell_index)


def stream(cell, name):
    """What a cell wrote to a stream."""
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == name)


def displayed(cell):
    """What a cell displays, by media type."""
    return [dict(o.data) for o in cell.outputs if o.output_type in ("execute_result", "display_data")]


def code_cells(notebook):
    """The code cells with the number by which a fault names them: 1 is the first cell of the notebook, prose included."""
    return [(i, cell) for i, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code" and cell.source.strip()]


def play(notebook, folder):
    """Runs a notebook in `folder` with a fresh kernel: the notebook with new outputs, and text that came after its last cell."""
    notebook = copy.deepcopy(notebook)
    for _, cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    last = nbformat.v4.new_code_cell(LAST, metadata={"until": ARRIVED})
    notebook.cells.append(last)
    client = Client(notebook, timeout=TIMEOUT, kernel_name="rust", resources={"metadata": {"path": str(folder)}},
                    record_timing=False, coalesce_streams=True)
    client.on_cell_executed = client.collect
    try:
        client.execute(stdout=subprocess.DEVNULL)  # where the kernel says which configuration it found
    except NoSuchKernel:
        sys.exit(HINT)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        reached = [i for i, cell in code_cells(notebook) if cell.outputs or cell.execution_count]
        for i, cell in code_cells(notebook):
            if i in reached[:-1]:
                inspect(i, cell)  # what was silent before may be the reason
        raise Fault(reached[-1] if reached else 1, f"{type(error).__name__}: {error_of(notebook, error)}") from None
    notebook.cells.pop()
    notebook.metadata = nbformat.from_dict(METADATA)
    for count, (_, cell) in enumerate(code_cells(notebook), 1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    late = stream(last, "stderr").split(ARRIVED)
    if len(late) != 2:
        raise Fault(None, "standard error cannot be read")
    return notebook, late[0]


def judge(new, late, kept=None):
    """All faults of a notebook that was run, and of its outputs against the `kept` ones."""
    faults = []
    checks = [lambda i=i, cell=cell: inspect(i, cell) for i, cell in code_cells(new)]
    if kept:
        pairs = zip(code_cells(kept), code_cells(new), strict=True)
        checks += [lambda i=i, old=old, cell=cell: compare(i, old, cell) for (i, old), (_, cell) in pairs]
    for check in checks:
        try:
            check()
        except Fault as fault:
            faults.append(fault)
    return faults + ([Fault(None, said(late))] if late.strip() else [])


def error_of(notebook, error):
    """The message of the compiler, if there is one."""
    for _, cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                return "\n".join([output.evalue, *output.traceback])
    return str(error)


def said(text):
    """Names what text on standard error is."""
    return ("panic: " if "panicked at" in text else "failing `?`, or a message on standard error: ") + text


def inspect(number, cell):
    """Refuses what the kernel calls a success."""
    tags = cell.metadata.get("tags", [])
    for output in cell.outputs:
        if output.output_type == "error":
            raise Fault(number, f"error: {output.evalue}")
    if stream(cell, "stderr"):
        raise Fault(number, said(stream(cell, "stderr")))
    texts = [stream(cell, "stdout")] + [text for data in displayed(cell) for text in data.values() if isinstance(text, str)]
    if any("EVCXR_" in text or "panicked at" in text for text in texts):
        raise Fault(number, "the protocol of the kernel shows in the output")
    if any(ECHO.search(text) for text in texts):
        raise Fault(number, "a command of the kernel shows in the output")
    if any(data.get("text/plain") == "()" for data in displayed(cell)):
        raise Fault(number, "shows `()`: end the last statement by a semicolon")
    html = [data.get("text/html", "") for data in displayed(cell)]
    if "figure" in tags and not any("<svg" in text and "</svg>" in text for text in html):
        raise Fault(number, "tagged `figure`, but shows no SVG")
    if "table" in tags and not any("<table" in text and "</table>" in text for text in html):
        raise Fault(number, "tagged `table`, but shows no HTML table")
    if "text" in tags and not stream(cell, "stdout").strip():
        raise Fault(number, "tagged `text`, but prints nothing")
    for place in (str(ROOT), str(pathlib.Path.home()) + "/", tempfile.gettempdir() + "/"):
        if any(place in text for text in texts):
            raise Fault(number, f"the output contains a path of this machine, {place}")


def content(cell):
    """What is compared of a cell's outputs; text and displays may come in either order."""
    return [stream(cell, "stdout"), *(f"{kind}\n{text}" for data in displayed(cell) for kind, text in sorted(data.items()))]


def compare(number, kept, new):
    """Refuses outputs that differ from the kept ones."""
    sides = [content(cell) for cell in (kept, new)]
    if sides[0] != sides[1]:
        lines = [[line for text in side for line in text.splitlines()] for side in sides]
        changed = [line[:160] for line in difflib.unified_diff(*lines, n=0, lineterm="") if line[:3] not in ("---", "+++")]
        raise Fault(number, "the output differs from the kept one:\n" + "\n".join(changed))


def run(path, arguments):
    """Runs one notebook file; whether it is without fault."""
    start = time.monotonic()
    print(f"{path.stem:16}", end=" ", flush=True)
    kept = nbformat.read(path, as_version=4)
    new = None
    try:
        new, late = play(kept, path.parent)
        faults = judge(new, late, kept if arguments.check else None)
    except Fault as fault:
        faults = [fault]
    seconds = time.monotonic() - start
    if new and arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        nbformat.write(new, arguments.output / path.name)
    if faults:
        print(f"{seconds:6.1f} s  FAILED\n" + "\n".join(f"    {path.name}, {fault}" for fault in faults), flush=True)
        return False
    if not (arguments.check or arguments.output):
        nbformat.write(new, path)
    cells = code_cells(new)
    figures, tables = (sum(tag in cell.metadata.get("tags", []) for _, cell in cells) for tag in ("figure", "table"))
    checked = ", as kept" if arguments.check else ""
    print(f"{seconds:6.1f} s  {len(cells)} cells, {figures} figures, {tables} tables{checked}", flush=True)
    return True


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="notebooks, all if none is named")
    parser.add_argument("--check", action="store_true", help="compare with the kept outputs, keep nothing")
    parser.add_argument("--output", type=pathlib.Path, metavar="DIR", help="write to DIR instead, faulty or not")
    parser.add_argument("--cold", action="store_true", help="compile everything anew")
    parser.add_argument("--self-test", action="store_true", help="try that faults are noticed")
    arguments = parser.parse_args()
    if arguments.self_test:
        import self_test

        sys.exit(self_test.main())
    if arguments.cold:
        shutil.rmtree(COMPILED, ignore_errors=True)
    COMPILED.mkdir(parents=True, exist_ok=True)
    os.environ["EVCXR_TMPDIR"] = str(COMPILED)
    paths = [FOLDER / (pathlib.Path(name).stem + ".ipynb") for name in arguments.names] or sorted(FOLDER.glob("*.ipynb"))
    if missing := [path.name for path in paths if not path.exists()]:
        sys.exit(f"no such notebook: {', '.join(missing)}")
    start = time.monotonic()
    failed = [path.stem for path in paths if not run(path, arguments)]
    print(f"{'all':16} {time.monotonic() - start:6.1f} s  " + (f"FAILED: {', '.join(failed)}" if failed else "no fault"))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
