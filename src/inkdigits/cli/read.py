"""`inkdigits read`: the digits in pictures."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import typer

from inkdigits.cli.console import percent, print_json, say
from inkdigits.errors import ConfigError, DataError, InkdigitsError, InputError
from inkdigits.imaging.files import MAX_BYTES
from inkdigits.reading.grid import GridReading, read_grid
from inkdigits.reading.reader import Reader
from inkdigits.reading.result import Reading
from inkdigits.reading.sources import expand_source, short_name

SHIPPED = Path("shipped")
MANY = 64  # pictures, from which on more processes pay

NO_PICTURE = np.zeros((0, 0), np.uint8)
Found = Reading | GridReading | InkdigitsError


def read(
    images: list[str] = typer.Argument(
        ...,
        help="Picture files, folders, patterns or addresses; - for stdin; mnist:test/2019 for an image of a data set.",
        show_default=False,
    ),
    model: Path | None = typer.Option(
        None, help="An .onnx file of `inkdigits export`; `shipped` is the one in the package.", show_default="shipped"
    ),
    expect: str | None = typer.Option(
        None, help="What is known of each number: len=5, len=2-4, range=0-100, luhn, or several with commas."
    ),
    grid: str | None = typer.Option(None, metavar="ROWSxCOLUMNS", help="Read a printed grid, 9x9 for a sudoku."),
    json: bool = typer.Option(False, "--json", help="One JSON object a picture, one a line."),
    boxes: Path | None = typer.Option(None, help="Draw what was read over the picture, into this PNG (one picture)."),
    trace: Path | None = typer.Option(None, help="Draw every stage of the reading into this PNG (one picture only)."),
) -> None:
    """Read the handwritten digits in each picture: one digit, a number, or lines of them.

    Exit code: 0 all read, 1 some not, 3 none.
    """
    names, unread = [], 0
    show = _show_json if json else _show_text
    for image in images:
        try:
            names += expand_source(image)
        except InputError as error:
            unread += 1
            _show_error(error, image, as_json=json)
    total = len(names) + unread
    _check_drawings(names, total, boxes, trace)
    if grid and (expect or boxes or trace):
        raise ConfigError("--grid reads cells, each by itself: leave out --expect, --boxes and --trace")
    shape = _grid_shape(grid) if grid else None
    for name, found in zip(names, _answers(names, model, expect, shape), strict=True):
        unread += isinstance(found, InkdigitsError) or not found.digits
        if isinstance(found, InkdigitsError):
            _show_error(found, name, as_json=json)
        elif isinstance(found, GridReading):
            _show_grid(found, as_json=json, named=total > 1)
        else:
            show(found)
            _draw(found, boxes, trace)
    if unread:
        raise typer.Exit(1 if unread < total else InputError.exit_code)


def _answers(
    names: list[str], model: Path | None, expect: str | None, shape: tuple[int, int] | None
) -> Iterator[Found]:
    """Read every picture, many of them in several processes."""
    if len(names) < MANY or "-" in names:  # stdin belongs to this process
        return map(_prepare(model, expect, shape, threads=None, alone=True), names)
    from inkdigits.parallel import in_order  # takes longer to load than a small picture to read

    return in_order(partial(_prepare, model, expect, shape, threads=1, alone=False), names)


def _prepare(
    model: Path | None, expect: str | None, shape: tuple[int, int] | None, *, threads: int | None, alone: bool
) -> Callable[[str], Found]:
    """Load the model, and return what reads one picture with it; unless alone, without the picture in the answer."""
    reader = Reader(None if model == SHIPPED else model, threads=threads)

    def answer(name: str) -> Found:
        try:
            if shape:
                return read_grid(reader, _source(name), rows=shape[0], columns=shape[1], name=short_name(name))
            reading = _read(reader, name, expect)
        except (InputError, DataError) as error:
            return error
        return reading if alone else replace(reading, gray=NO_PICTURE, ink=None)

    return answer


def _check_drawings(names: list[str], pictures: int, boxes: Path | None, trace: Path | None) -> None:
    for option, drawing in (("--boxes", boxes), ("--trace", trace)):
        if drawing is None:
            continue
        if pictures > 1:
            raise ConfigError(f"{option} draws one picture, got {pictures}: name one, or leave out {option}")
        if drawing.suffix.lower() != ".png":
            raise ConfigError(f"{option} draws into a .png, got {drawing.name}")
        if any(drawing.resolve() == Path(name).resolve() for name in names):
            raise ConfigError(f"{option} would overwrite {drawing}, the picture to be read: choose another name")
    if boxes is not None and trace is not None and boxes.resolve() == trace.resolve():
        raise ConfigError(f"--boxes and --trace would both be {boxes}: choose two names")


def _grid_shape(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9][0-9]?)x([1-9][0-9]?)", text)
    if not found:
        raise ConfigError(f"--grid takes rows and columns, from 1x1 to 99x99, such as 9x9, got {text!r}")
    return int(found[1]), int(found[2])


def _show_grid(found: GridReading, *, as_json: bool, named: bool) -> None:
    if as_json:
        print_json(found.to_dict())
    else:
        print(f"{found.source}:\n{found.text}" if named else found.text)
    if not found.digits:
        say(f"{found.source}: no digit in any cell of the grid")


def _show_error(error: InkdigitsError, name: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"source": short_name(name), "error": {"code": type(error).__name__, "message": str(error)}})
    say(f"error: {error}")


def _read(reader: Reader, name: str, expect: str | None) -> Reading:
    if name.lower().startswith("mnist:"):
        if expect is not None:
            raise ConfigError(f"--expect is for numbers in pictures; {name} is one digit")
        return _read_dataset_image(reader, name)
    return reader.read(_source(name), name=short_name(name), expect=expect)


def _source(name: str) -> str | bytes:
    """Return the name itself, or for - what stands on stdin."""
    if name != "-":
        return name
    if sys.stdin is None or sys.stdin.isatty():
        raise ConfigError(
            "- reads a picture from stdin, but stdin is the terminal or closed: cat picture.png | inkdigits read -"
        )
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _read_dataset_image(reader: Reader, name: str) -> Reading:
    from inkdigits.data.catalog import load_dataset

    dataset_name, _, place = name.lower().partition(":")
    split, _, number = place.partition("/")
    if not number.isdecimal():
        raise InputError(f"{name}: an image of a data set is written mnist:test/2019, split and index")
    try:
        dataset = load_dataset(dataset_name, split)
    except ConfigError as error:
        raise InputError(f"{name}: {error}") from error
    if len(number) > 9 or int(number) >= len(dataset):  # Python refuses to convert 5,000 digits
        raise InputError(f"{name}: {dataset_name}:{split} holds the images 0 to {len(dataset) - 1}")
    image, label = dataset[int(number)]
    reading = reader.read_prepared(image, name=name)
    say(f"{name} is labelled {dataset.class_names[label]}")
    return reading


def _show_text(reading: Reading) -> None:
    for warning in reading.warnings:
        say(f"{reading.source}: {warning}")
    if not reading.digits:
        print(f"{reading.source}: no digit")
    elif len(reading.digits) == 1:
        (digit,) = reading.digits
        print(f"{reading.source}: {digit.label}  ({percent(digit.probability)})")
        print("   ".join(f"{name} {100 * value:.2f}" for name, value in digit.probabilities.items()))
    else:
        for line in reading.lines:
            least = min(line, key=lambda digit: digit.probability)
            text = "".join(digit.label for digit in line)
            print(f"{reading.source}: {text}  (least sure: {least.label}, {percent(least.probability)})")


def _show_json(reading: Reading) -> None:
    print_json(reading.to_dict())


def _draw(reading: Reading, boxes: Path | None, trace: Path | None) -> None:
    from inkdigits.storage import write_file

    if boxes is not None:
        drawing = io.BytesIO()
        reading.overlay().save(drawing, format="PNG")
        write_file(boxes, drawing.getvalue())
        say(f"boxes drawn in {boxes}")
    if trace is not None:
        from inkdigits.reading.trace import trace_png

        write_file(trace, trace_png(reading))
        say(f"stages drawn in {trace}")
