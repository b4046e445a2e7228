"""What a learner has done: the exercises solved, and the games played."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from inkdigits.errors import StorageError
from inkdigits.storage import write_file


@dataclass(frozen=True)
class Record:
    """The exercises solved, by the names of their lessons, and all rounds of the game against the model.

    Attributes:
        solved: names of lessons, in the order in which they were solved.
        rounds: digits shown.
        human: how many of them the human got right.
        model: how many of them the model got right.
    """

    solved: tuple[str, ...] = ()
    rounds: int = 0
    human: int = 0
    model: int = 0

    def with_solved(self, lesson: str) -> "Record":
        """Return the record with one more exercise solved."""
        return self if lesson in self.solved else replace(self, solved=(*self.solved, lesson))

    def with_round(self, *, human: bool, model: bool) -> "Record":
        """Return the record with one more round, and who was right in it."""
        return replace(self, rounds=self.rounds + 1, human=self.human + human, model=self.model + model)


def load_record(path: Path) -> Record:
    """Read a record; without a file it is empty.

    Raises:
        StorageError: the file is damaged, or cannot be read; it stays as it is.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        numbers = {name: found[name] for name in ("rounds", "human", "model")}
        if not all(type(number) is int and number >= 0 for number in numbers.values()):
            raise ValueError("a count is no whole number")
        if not isinstance(found["solved"], list):
            raise ValueError("what is solved is no list")
        return Record(solved=tuple(str(name) for name in found["solved"]), **numbers)
    except FileNotFoundError:
        return Record()
    except OSError as error:
        raise StorageError(error.errno, f"cannot open {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{path}, which keeps your solved exercises and your score, is damaged ({error}): mend it, or remove it"
        ) from error


def update_record(path: Path, change: Callable[[Record], Record]) -> Record:
    """Change the record that is in the file now, which another command may have written a moment ago.

    Returns:
        The new one.

    Raises:
        StorageError: it is damaged or cannot be written; what is there is untouched.
    """
    with _alone(path):
        record = change(load_record(path))
        write_file(path.resolve(), (json.dumps(asdict(record), indent=1) + "\n").encode())
        return record


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other command changes the record."""
    if os.name != "posix":  # Windows has no flock; two commands in the same millisecond are the user's own
        yield
        return
    import fcntl

    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("w")
    except OSError as error:
        raise StorageError(error.errno, f"cannot write {lock}: {error.strerror}; your score is kept there") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
