"""Keep the documents true: `make check` compares, `make docs` writes.

- docs/cli.md is what `--help` prints; docs/benchmarks.md, docs/model-card.md and docs/accuracy.svg are what
  benchmarks/results hold; docs/architecture.svg is drawn from the contracts on imports.
- docs/tutorials.md may name only functions, files and tests that exist.
- Every relative link in a document leads somewhere.
"""

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from benchmarks.model_card import model_card_page
from benchmarks.page import benchmarks_page
from benchmarks.picture import accuracy_picture
from inkdigits.cli.app import COMMANDS
from tools.draw_house import house_picture

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("lessons/*.md")]


def main() -> int:
    """Compare or write; return how many problems there are."""
    pages = {
        "docs/cli.md": cli_page(),
        "docs/benchmarks.md": benchmarks_page(),
        "docs/model-card.md": model_card_page(),
        "docs/architecture.svg": house_picture(),
        "docs/accuracy.svg": accuracy_picture(),
    }
    problems = []
    for name, page in pages.items():
        path = ROOT / name
        if "--write" in sys.argv[1:]:
            path.write_text(page)
        elif not path.exists() or path.read_text() != page:
            problems.append(f"{name} is not what the code gives today: run `make docs`")
    problems += [*broken_names(), *broken_links()]
    for problem in problems:
        print(problem)
    return len(problems)


def cli_page() -> str:
    """Return the reference of all commands, from their own help."""
    environment = os.environ | {"COLUMNS": "110", "TERM": "dumb", "NO_COLOR": "1"}
    parts = ["# Commands", "", "Written by `make docs` from `--help`.", ""]
    for command in _commands():
        arguments = [sys.executable, "-m", "inkdigits", *command, "--help"]
        shown = subprocess.run(arguments, capture_output=True, text=True, check=True, env=environment).stdout
        text = "\n".join(line.rstrip() for line in shown.strip("\n").splitlines())
        parts += [f"## {' '.join(('inkdigits', *command))}", "", "```text", text.strip(), "```", ""]
    return "\n".join(parts)


def _commands() -> Iterator[tuple[str, ...]]:
    yield ()
    for name in COMMANDS:
        yield (name,)
        command = getattr(importlib.import_module(f"inkdigits.cli.{name}"), name)
        if isinstance(command, typer.Typer):
            yield from ((name, str(part.name)) for part in command.registered_commands)


def broken_names() -> Iterator[str]:
    """Yield every `module:name` and `file::test` in docs/tutorials.md that does not exist."""
    text = (ROOT / "docs/tutorials.md").read_text()
    for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text):
        file = ROOT / path
        if not file.exists() or f"\ndef {test}(" not in file.read_text():
            yield f"docs/tutorials.md names {path}::{test}, which does not exist"
    for module, name in re.findall(r"`(inkdigits[\w.]*):(\w+)`", text):
        if not hasattr(importlib.import_module(module), name):
            yield f"docs/tutorials.md names {module}:{name}, which does not exist"
    for command in re.findall(r"`inkdigits (\w+)[^`]*`", text):
        if command not in COMMANDS:
            yield f"docs/tutorials.md names the command {command}, which does not exist"
    seen = dict(re.findall(r"^\| (D\d\d) \|.*\| (.*) \|$", text, re.MULTILINE))
    for page in sorted((ROOT / "docs/tutorials").glob("*.md")):
        for row, shown in re.findall(r"^\| (D\d\d) \|.*\| (.*) \|$", page.read_text(), re.MULTILINE):
            for lesson in re.findall(r"lessons/(\w+)\.ipynb", shown):
                if lesson not in seen[row]:
                    yield f"{page.relative_to(ROOT)} shows {row} in {lesson}, docs/tutorials.md does not"
    for row in (f"{kind}{number:02}" for kind, last in (("S", 41), ("D", 38)) for number in range(1, last + 1)):
        if f"| {row} |" not in text:
            yield f"docs/tutorials.md has no row {row}"


def broken_links() -> Iterator[str]:
    """Yield every relative link that leads nowhere."""
    for document in DOCUMENTS:
        here = ROOT if document.parent == ROOT / "docs/site" and document.stem == "index" else document.parent
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text()):
            if "://" not in target and not (here / target).exists():
                yield f"{document.relative_to(ROOT)} links to {target}, which does not exist"


if __name__ == "__main__":
    sys.exit(main())
