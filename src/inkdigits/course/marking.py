"""Marking: an answer runs in a process of its own, with a time limit, and is told what is right and what to mend."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from inkdigits.course.exercise import Hint
from inkdigits.course.lessons import Lesson, exercise_file
from inkdigits.errors import InputError
from inkdigits.storage import write_file

TIME_LIMIT = 120.0  # seconds; the solutions take less than 10, most of it loading torch
LONGEST = 2**20  # bytes of an answer; the longest solution has 4,000
LARGEST = 16 * 2**20  # bytes of a file that an answer writes, what it prints among them; 0.1 MB are enough
LINES = 20  # of what an answer prints, the last of which are kept


@dataclass(frozen=True)
class Mark:
    """What came of an answer.

    Attributes:
        passed: a sentence for each thing that is right.
        hint: what to mend; None when all is right.
        printed: the last lines that the answer printed.
    """

    passed: tuple[str, ...]
    hint: str | None
    printed: tuple[str, ...] = ()

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
        InputError: it is no Python file that can be read.
    """
    _check_file(lesson, answer)
    with tempfile.TemporaryDirectory() as folder:
        told, printed, complaints = (Path(folder) / name for name in ("mark.json", "printed", "complaints"))
        # -P keeps the learner's folder, and a random.py in it, out of the way of the modules that mark.
        command = [sys.executable, "-P", "-m", "inkdigits.course.marking"]
        command += [str(exercise_file(lesson, "check.py")), str(answer), str(told)]
        with printed.open("wb") as output, complaints.open("wb") as errors:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
            )
            try:
                code: int | None = process.wait(time_limit)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _end(process)
        lines = tuple(_last_lines(printed, LINES))
        if told.exists():
            found = json.loads(told.read_text(encoding="utf-8"))
            return Mark(tuple(found["passed"]), found["hint"], lines)
        if code is None:
            hint = f"your answer still runs after {time_limit:g} seconds: is there a loop that never ends?"
        else:
            last = "".join(f": {line}" for line in _last_lines(complaints, 1))
            hint = f"your answer ended the process with code {code}, before it was marked{last}"
        return Mark((), hint, lines)


def marked(check: Path, answer: Path) -> Mark:
    """Run an answer and what checks it in this process, without a time limit."""
    passed = list[str]()
    try:
        passed.extend(_load(check, "check").check(_load(answer, "answer")))
    except Hint as hint:
        return Mark(tuple(passed), str(hint))
    except SyntaxError as error:
        line = f"line {error.lineno} is" if error.lineno else "it is"
        return Mark((), f"{line} no Python: {error.msg}: {(error.text or '').strip()}".removesuffix(": "))
    except Exception as error:  # whatever an answer may raise is the learner's to see
        return Mark(tuple(passed), _failure(error, answer))
    return Mark(tuple(passed), None)


def _check_file(lesson: Lesson, answer: Path) -> None:
    start = f"{lesson.name}_exercise.py"
    mend = f"`inkdigits learn open {lesson.name}` writes the start, {start}: the answer goes there"
    try:
        if answer.exists() and not answer.is_file():
            raise InputError(f"{answer} is no file; {mend}")
        if answer.stat().st_size > LONGEST:
            raise InputError(f"{answer} has {answer.stat().st_size:,} bytes, an answer at most {LONGEST:,}; {mend}")
        answer.read_bytes()
    except OSError as error:
        raise InputError(f"cannot open {answer}: {error.strerror}; {mend}") from error
    if answer.suffix != ".py":
        raise InputError(f"expected a Python file, got {answer.name}; {mend}")


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses and pickles of the answer look for it
    spec.loader.exec_module(module)
    return module


def _failure(error: Exception, answer: Path) -> str:
    """Say what was raised, and at which of the learner's own lines."""
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType) and error.obj.__name__ == "answer":
        return f"your file has no `{error.name}`: keep the names of the start"
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == answer]
    if own:
        return f"your answer raises {type(error).__name__} at line {own[-1].lineno}, `{own[-1].line}`: {error}"
    return (
        f"what your file gives back cannot be used ({type(error).__name__}: {error}): "
        "does a function lack its `return`, or give another kind of thing than the task asks for?"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it has left running."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _last_lines(path: Path, count: int) -> list[str]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 10_000))
        return file.read().decode("utf-8", errors="replace").splitlines()[-count:]


def _limit_files() -> None:
    """Let no file grow without end: an answer that prints for ever would fill the disk before its time is over."""
    if os.name == "posix":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        allowed = LARGEST if most == resource.RLIM_INFINITY else min(LARGEST, most)
        resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, most))


def main() -> None:
    """Mark the answer that the command line names, and leave the mark in the file that it names."""
    _limit_files()
    check, answer, told = (Path(argument).resolve() for argument in sys.argv[1:4])
    process = os.getpid()
    sys.path.append(str(answer.parent))
    mark = marked(check, answer)
    if os.getpid() == process:  # an answer may fork
        write_file(told, json.dumps(asdict(mark)).encode())


if __name__ == "__main__":
    main()
