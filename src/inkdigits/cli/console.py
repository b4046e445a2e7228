"""What commands print: results on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def say(message: str) -> None:
    """Print a message for people on stderr."""
    print(message, file=sys.stderr, flush=True)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on one line of stdout."""
    print(json.dumps({"schema": 1} | value), flush=True)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 1) -> None:
    """Print aligned columns on stdout: the first `left` to the left, the others, which are numbers, to the right."""
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = [
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def percent(fraction: float) -> str:
    """Write a fraction as a percentage with two decimals."""
    return f"{100 * fraction:.2f} %"
