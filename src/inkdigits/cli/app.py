"""The commands, as one table."""

import importlib
import io
import signal
import sys
from types import FrameType

import typer

from inkdigits.cli.guard import Terminated, guarded

COMMANDS = (
    "read",
    "train",
    "evaluate",
    "compare",
    "tune",
    "recipes",
    "summary",
    "data",
    "export",
    "adapt",
    "learn",
    "play",
    "doctor",
)


def run() -> int:
    """Run the command line and return its exit code."""
    app = typer.Typer(
        name="inkdigits",
        help="Read handwritten digits; train, evaluate and compare the networks that do.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode="rich",
    )
    app.callback()(_options)
    # A command that is named is loaded alone: the others take longer to load than a picture to read.
    named = [name for name in sys.argv[1:2] if name in COMMANDS]
    for name in named or COMMANDS:
        command = getattr(importlib.import_module(f"inkdigits.cli.{name}"), name)
        if isinstance(command, typer.Typer):  # a command of several
            app.add_typer(command, name=name)
        else:
            app.command(no_args_is_help=name == "read")(guarded(command))
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # as `main` left it; from here on a command ends tidily
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name that the terminal cannot spell stops nothing
    try:
        app(prog_name="inkdigits")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        from inkdigits.version import __version__

        print(f"inkdigits {__version__}")
        raise typer.Exit


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated
