"""`inkdigits read`: the digit in a picture."""

import sys
from pathlib import Path

import typer

from inkdigits.cli.console import percent, print_json, say
from inkdigits.errors import ConfigError, DataError, InputError
from inkdigits.imaging.files import MAX_BYTES
from inkdigits.reading.reader import Reader
from inkdigits.reading.result import Reading


def read(
    images: list[str] = typer.Argument(
        ...,
        help="Picture files; - for stdin; mnist:test/2019 for an image of a data set.",
        show_default=False,
    ),
    model: Path | None = typer.Option(None, help="An .onnx file of `inkdigits export`.", show_default="in the package"),
    json: bool = typer.Option(False, "--json", help="One JSON object a picture, one a line."),
    trace: Path | None = typer.Option(None, help="Draw every stage of the reading into this PNG (one picture only)."),
) -> None:
    """Read the handwritten digit in each picture.

    Exit code: 0 all read, 1 some not, 3 none.
    """
    if trace is not None and (len(images) > 1 or trace.suffix.lower() != ".png"):
        raise ConfigError(f"--trace draws one picture into one .png, got {len(images)} pictures and {trace.name}")
    reader = Reader(model)
    show = _show_json if json else _show_text
    unread = 0
    for name in images:
        try:
            reading = _read(reader, name)
        except (InputError, DataError) as error:
            unread += 1
            if json:
                print_json({"source": name, "error": {"code": type(error).__name__, "message": str(error)}})
            say(f"error: {error}")
            continue
        unread += not reading.digits
        show(reading)
        if trace is not None:
            _write_trace(reading, trace)
    if unread:
        raise typer.Exit(1 if unread < len(images) else InputError.exit_code)


def _read(reader: Reader, name: str) -> Reading:
    if name.startswith("mnist:"):
        return _read_dataset_image(reader, name)
    if name == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise ConfigError(
                "- reads a picture from stdin, but stdin is the terminal or closed: cat picture.png | inkdigits read -"
            )
        return reader.read(sys.stdin.buffer.read(MAX_BYTES + 1), name="-")
    return reader.read(name)


def _read_dataset_image(reader: Reader, name: str) -> Reading:
    from inkdigits.data.catalog import load_dataset

    dataset_name, _, place = name.partition(":")
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
    for digit in reading.digits:
        print(f"{reading.source}: {digit.label}  ({percent(digit.probability)})")
        print("   ".join(f"{name} {100 * value:.2f}" for name, value in digit.probabilities.items()))


def _show_json(reading: Reading) -> None:
    print_json(reading.to_dict())


def _write_trace(reading: Reading, path: Path) -> None:
    from inkdigits.reading.trace import trace_png
    from inkdigits.storage import write_file

    write_file(path, trace_png(reading))
    say(f"stages drawn in {path}")
