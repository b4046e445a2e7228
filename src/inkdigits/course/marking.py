"""Marking: an answer runs in a process of its own, with a time limit, and is told what is right and what to mend."""

import contextlib
import importlib.util
import io
import json
import subprocess
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from inkdigits.course.exercise import Hint
from inkdigits.course.lessons import Lesson, exercise_file
from inkdigits.errors import InputError

TIME_LIMIT = 120.0  # seconds; the solutions take less than 10, most of it loading torch


@dataclass(frozen=True)
class Mark:
    """What came of an answer.

    Attributes:
        passed: a sentence for each thing that is right.
        hint: what to mend; None when all is right.
    """

    passed: tuple[str, ...]
    hint: str | None

    @property
    def solved(self) -> bool:
        """Whether nothing is left to mend."""
        return self.hint is None


def mark_answer(lesson: Lesson, answer: Path, *, time_limit: float = TIME_LIMIT) -> Mark:
    """Run an answer and what checks it.

    Args:
        lesson: whose exercise it answers.
        answer: a Python file.
        time_limit: seconds after which it is stopped.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        answer.read_bytes()
    except OSError as error:
        start = f"{lesson.name}_exercise.py"
        raise InputError(
            f"cannot open {answer}: {error.strerror}; `inkdigits learn open {lesson.name}` writes the start, {start}"
        ) from error
    command = [sys.executable, "-m", "inkdigits.course.marking", str(exercise_file(lesson, "check.py")), str(answer)]
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=time_limit, check=False
        )
    except subprocess.TimeoutExpired:
        return Mark((), f"your answer still runs after {time_limit:g} seconds: is there a loop that never ends?")
    try:
        found = json.loads(ended.stdout.splitlines()[-1])
    except (IndexError, ValueError):  # it ended the process, by sys.exit or worse
        last = ended.stderr.strip().splitlines()[-1:] or ["no message"]
        return Mark((), f"your answer ended the process with code {ended.returncode}: {last[0]}")
    return Mark(tuple(found["passed"]), found["hint"])


def marked(check: Path, answer: Path) -> Mark:
    """Run an answer and what checks it in this process, without a time limit."""
    passed = list[str]()
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # what an answer prints is its own affair
            passed.extend(_load(check, "check").check(_load(answer, "answer")))
    except Hint as hint:
        return Mark(tuple(passed), str(hint))
    except SyntaxError as error:
        return Mark((), f"line {error.lineno} is no Python: {error.msg}: {(error.text or '').strip()}")
    except AttributeError as error:
        if isinstance(error.obj, ModuleType) and error.obj.__name__ == "answer":
            return Mark(tuple(passed), f"your file has no `{error.name}`: keep the names of the start")
        return Mark(tuple(passed), _failure(error, answer))
    except Exception as error:  # whatever an answer may raise is the learner's to see
        return Mark(tuple(passed), _failure(error, answer))
    return Mark(tuple(passed), None)


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _failure(error: Exception, answer: Path) -> str:
    """Say what was raised, and at which of the learner's own lines."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == answer]
    place = f" at line {own[-1].lineno}, `{own[-1].line}`" if own else ""
    return f"your answer raises {type(error).__name__}{place}: {error}"


if __name__ == "__main__":
    print(json.dumps(asdict(marked(*(Path(argument).resolve() for argument in sys.argv[1:3])))))
