"""How a command ends: what the library refuses becomes one line on stderr and the exit code of its kind."""

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from inkdigits.cli.console import say
from inkdigits.errors import InkdigitsError, StorageError


class Terminated(KeyboardInterrupt):
    """SIGTERM, so that a command ends as tidily as after Ctrl-C."""


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with its errors, signals and broken pipes turned into messages and exit codes."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:  # Any: whatever the command takes
        try:
            try:
                command(*args, **kwargs)
            finally:
                print(end="", flush=True)  # here, where a closed pipe or a full disk still gets its answer
        except InkdigitsError as error:
            if os.environ.get("RANK", "0") == "0":  # of processes that train together, one speaks
                told = error.strerror if isinstance(error, OSError) else None  # without the number before it
                say(f"error: {told or error}")
            raise typer.Exit(error.exit_code) from None
        except Terminated:
            raise typer.Exit(143) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except ImportError as error:
            if isinstance(error.__cause__, KeyboardInterrupt):  # Ctrl-C while an extension was being loaded
                raise typer.Exit(130) from None
            raise
        except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
            _drop_output()
            raise typer.Exit(0) from None
        except OSError as error:
            if error.filename is not None:  # one that the system refuses
                say(f"error: {error.filename}: {error.strerror}")
            else:  # the disk behind stdout is full
                _drop_output()
                say(f"error: the results cannot be written: {error.strerror}")
            raise typer.Exit(StorageError.exit_code) from None

    return run


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that Python does not fail on it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
