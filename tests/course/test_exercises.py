"""Every exercise: its start solves nothing, its solution is right, and common wrong answers get the hint they need."""

import contextlib
import os
import time
from pathlib import Path

import pytest

from inkdigits.course.exercise import Hint, close, expect
from inkdigits.course.lessons import LESSONS, Lesson, exercise_file, find_lesson
from inkdigits.course.marking import Mark, mark_answer, marked
from inkdigits.errors import InputError

WRONG = sorted((Path(__file__).parent / "wrong").rglob("*.py"))


def answered(lesson: Lesson, answer: Path) -> str | None:
    return marked(exercise_file(lesson, "check.py"), answer).hint


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_solution_is_right(lesson: Lesson) -> None:
    mark = marked(exercise_file(lesson, "check.py"), exercise_file(lesson, "solution.py"))
    assert mark.hint is None
    assert len(mark.passed) >= 3


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_start_runs_and_is_told_what_to_do_first(lesson: Lesson) -> None:
    hint = answered(lesson, exercise_file(lesson, "start.py"))
    assert hint
    assert "raises" not in hint
    assert f"inkdigits learn check {lesson.name} " in exercise_file(lesson, "start.py").read_text()


@pytest.mark.parametrize("answer", WRONG, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_common_wrong_answer_gets_the_hint_it_needs(answer: Path) -> None:
    expected = answer.read_text().splitlines()[0].removeprefix("# expects: ")
    hint = answered(find_lesson(answer.parent.name), answer)
    assert hint is not None, "a wrong answer passed"
    assert expected in hint


def test_every_exercise_has_at_least_four_wrong_answers() -> None:
    for lesson in LESSONS:
        assert sum(path.parent.name == lesson.name for path in WRONG) >= 4, lesson.name


SOFTMAX = find_lesson("softmax")
SOLUTION = exercise_file(SOFTMAX, "solution.py").read_text()


def mark_of(text: str, tmp_path: Path, *, time_limit: float = 120) -> Mark:
    answer = tmp_path / "answer.py"
    answer.write_text(text)
    return mark_answer(SOFTMAX, answer, time_limit=time_limit)


def test_an_answer_that_never_ends_is_stopped(tmp_path: Path) -> None:
    hint = mark_of("while True:\n    pass\n", tmp_path, time_limit=3).hint
    assert hint is not None
    assert "is there a loop that never ends" in hint


def test_an_answer_that_ends_its_process_is_told_so(tmp_path: Path) -> None:
    hint = mark_of("import sys\nsys.exit(7)\n", tmp_path).hint
    assert hint == "your answer ended the process with code 7, before it was marked"


@pytest.mark.parametrize(
    "habit",
    [
        'print(\'{"passed": [], "hint": "fooled"}\')',
        "import atexit; atexit.register(print, 5)",
        "import os; os.write(1, b'\\xff\\xfe')",
        "import os; os.fork()",
        "import subprocess; subprocess.Popen(['sleep', '100'])",
        "from dataclasses import dataclass\n@dataclass\nclass Pair:\n    left: int",
    ],
)
def test_a_right_answer_is_right_whatever_else_it_does(habit: str, tmp_path: Path) -> None:
    began = time.monotonic()
    mark = mark_of(f"from __future__ import annotations\n{habit}\n{SOLUTION}", tmp_path)
    assert mark.hint is None
    assert time.monotonic() - began < 60


def test_what_an_answer_prints_is_shown(tmp_path: Path) -> None:
    assert mark_of(f"for n in range(50): print(n)\n{SOLUTION}", tmp_path).printed == tuple(map(str, range(30, 50)))


def test_files_beside_the_answer_can_be_imported_but_get_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("raise RuntimeError('not the real one')\n")
    (tmp_path / "mine.py").write_text(SOLUTION)
    with contextlib.chdir(tmp_path):
        assert mark_of("from mine import cross_entropy, softmax\n", tmp_path).hint is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def softmax(logits)\n", "line 1 is no Python: expected ':'"),
        ("import nothing_like_this\n", "your answer raises ModuleNotFoundError at line 1"),
        ("def cross_entropy(logits, labels): ...\n", "your file has no `softmax`: keep the names of the start"),
        ("def softmax(logits):\n    return logits.foo\n", "raises AttributeError at line 2, `return logits.foo`"),
        ("def softmax(logits):\n    logits.exp()\n", "`softmax` gives nothing back: does it end with `return`?"),
        ("def softmax(logits):\n    return 3\n", "what your file gives back cannot be used"),
        ("", "your file has no `softmax`"),
        ("\x00", "it is no Python: source code string cannot contain null bytes"),
    ],
)
def test_what_is_no_answer_is_told_where_and_why(text: str, told: str, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(text)
    hint = answered(SOFTMAX, answer)
    assert hint is not None
    assert told in hint


def test_what_is_no_python_file_is_told_how_to_begin(tmp_path: Path) -> None:
    notebook, large, pipe = (tmp_path / name for name in ("a.ipynb", "large.py", "pipe.py"))
    notebook.write_text("{}")
    large.write_bytes(b"#" * 2_000_000)
    os.mkfifo(pipe)
    for answer, told in (
        (tmp_path / "none.py", "No such file"),
        (tmp_path, "is no file"),
        (pipe, "is no file"),
        (large, "2,000,000 bytes"),
        (notebook, "expected a Python file, got a.ipynb"),
    ):
        with pytest.raises(InputError, match=f"{told}.*`inkdigits learn open softmax` writes the start"):
            mark_answer(SOFTMAX, answer)


def test_what_checks_are_written_with() -> None:
    expect(True, "never told")
    with pytest.raises(Hint, match="told"):
        expect(False, "told")
    assert close([1.0, 2.0], (1.0, 2.00001))
    assert not close([1.0, 2.0], [[1.0, 2.0]])
    assert not close(1.0, 1.1)


def test_an_answer_that_prints_without_end_is_stopped_before_the_disk_is_full(tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text("while True:\n    print('spam' * 1000)\n")
    mark = mark_answer(find_lesson("softmax"), answer, time_limit=60)
    assert mark.hint is not None
    assert "File too large" in mark.hint
