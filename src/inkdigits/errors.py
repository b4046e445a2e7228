"""Everything that inkdigits refuses, as one small tree.

    InkdigitsError                       exit code
    ├── ConfigError       (ValueError)   2   a name, option or setting that cannot be used
    ├── InputError        (ValueError)   3   a picture that cannot be read
    ├── DataError         (ValueError)   4   a data set that is missing, damaged or not what it claims
    ├── ModelError        (ValueError)   4   a checkpoint or model file that cannot be used
    ├── TrainingError     (ArithmeticError) 4   a training run that cannot go on
    ├── StorageError      (OSError)      5   a file that cannot be written or opened
    └── MissingExtraError (ImportError)  2   an optional part that is not installed

Each is also the builtin in brackets, so that `except ValueError` keeps working.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib.util import find_spec
from typing import ClassVar


class InkdigitsError(Exception):
    """Base of every error that inkdigits raises on purpose; its text says what, why and the mend."""

    exit_code: ClassVar[int] = 1


class ConfigError(InkdigitsError, ValueError):
    """A name, option or setting that cannot be used."""

    exit_code = 2


class InputError(InkdigitsError, ValueError):
    """A picture that cannot be read."""

    exit_code = 3


class DataError(InkdigitsError, ValueError):
    """A data set that is missing, damaged or not what it claims to be."""

    exit_code = 4


class ModelError(InkdigitsError, ValueError):
    """A checkpoint or model file that cannot be used."""

    exit_code = 4


class TrainingError(InkdigitsError, ArithmeticError):
    """A training run that cannot go on."""

    exit_code = 4


class StorageError(InkdigitsError, OSError):
    """A file that cannot be written or opened: disk full, no permission, in the way."""

    exit_code = 5


class MissingExtraError(InkdigitsError, ImportError):
    """An optional part of inkdigits that is not installed."""

    exit_code = 2


def unknown_name(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """Return the error for a name that is not in a table, with the nearest names that are."""
    known = sorted(known)
    nearest = get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(nearest)}? " if nearest else ""
    return ConfigError(f"unknown {kind} {name!r}: {hint}known: {', '.join(known)}")


def require(package: str, *, extra: str, purpose: str) -> None:
    """Check that an optional package is installed.

    Raises:
        MissingExtraError: it is not; the text is the exact command that installs it.
    """
    if find_spec(package) is None:
        raise MissingExtraError(
            f'{purpose} needs the package {package!r}, which is not installed: pip install "inkdigits[{extra}]"'
        )
