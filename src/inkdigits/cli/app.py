"""The commands, as one table."""

import functools
import importlib
import io
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import typer

from inkdigits.cli.console import say
from inkdigits.errors import InkdigitsError, StorageError

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
    "doctor",
)


class Terminated(KeyboardInterrupt):
    """SIGTERM, so that a command ends as tidily as after Ctrl-C."""


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
        app.command(no_args_is_help=name == "read")(_guarded(command))
    signal.signal(signal.SIGTERM, _terminate)
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


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what the library refuses into one line on stderr and the exit code of its kind."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:  # Any: whatever the command takes
        try:
            try:
                command(*args, **kwargs)
            finally:
                print(end="", flush=True)  # here, where a closed pipe or a full disk still gets its answer
        except InkdigitsError as error:
            if os.environ.get("RANK", "0") == "0":  # of processes that train together, one speaks
                say(f"error: {error.strerror if isinstance(error, OSError) else error}")
            raise typer.Exit(error.exit_code) from None
        except Terminated:
            raise typer.Exit(143) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
            _drop_output()
            raise typer.Exit(0) from None
        except OSError as error:  # the disk behind stdout is full
            _drop_output()
            say(f"error: the results cannot be written: {error.strerror}")
            raise typer.Exit(StorageError.exit_code) from None

    return guarded


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that Python does not fail on it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated
