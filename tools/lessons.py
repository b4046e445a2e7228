"""Run the lessons: `make lessons` executes each one, `make notebooks` keeps what they print and draw.

A lesson is lessons/NN_name.py, plain Python in the percent format; lessons/NN_name.ipynb is the same with its outputs.
"""

import sys
import time
from pathlib import Path

import jupytext  # type: ignore[import-untyped]  # jupytext has no types
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

from inkdigits.course.lessons import LESSONS, find_lesson
from inkdigits.errors import ConfigError

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "lessons"
SECONDS = 60.0  # that a lesson may take on 2 cores


def main() -> int:
    """Execute the lessons that are named, or all; return how many problems there are."""
    write = "--write" in sys.argv[1:]
    named = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    problems = 0
    for lesson in [find_lesson(name) for name in named] or LESSONS:
        source = FOLDER / f"{lesson.stem}.py"
        began = time.perf_counter()
        notebook = from_source(source)
        try:
            NotebookClient(
                notebook,
                timeout=240,  # on a machine that does other things too
                resources={"metadata": {"path": str(FOLDER)}},
                extra_arguments=["--log-level=40"],  # errors; its warning about TCP is not the reader's affair
            ).execute()
        except (CellExecutionError, CellTimeoutError) as error:
            print(f"{source.name}: {error}")
            problems += 1
            continue
        seconds = time.perf_counter() - began
        late = "" if seconds <= SECONDS else f": more than {SECONDS:.0f}"
        print(f"{source.name}  {seconds:5.1f} s{late}", flush=True)
        problems += bool(late)
        if write:
            source.with_suffix(".ipynb").write_text(as_text(notebook))
    return problems


def from_source(source: Path) -> NotebookNode:
    """Return a lesson's notebook, without outputs, from its Python file."""
    notebook: NotebookNode = jupytext.read(source, fmt="py:percent")
    notebook.metadata = NotebookNode(  # type: ignore[no-untyped-call]  # nbformat has no types
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # not by chance, so that a notebook changes only where its lesson does
    return notebook


def as_text(notebook: NotebookNode) -> str:
    """Return the file of a notebook, without the times at which its cells ran."""
    for cell in notebook.cells:
        cell.metadata = {}
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]  # nbformat has no types
    return f"{text}\n"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ConfigError as error:
        sys.exit(str(error))
