"""Every exercise: its start solves nothing, its solution is right, and common wrong answers get the hint they need."""

from pathlib import Path

import pytest

from inkdigits.course.exercise import Hint, close, expect
from inkdigits.course.lessons import LESSONS, Lesson, exercise_file, find_lesson
from inkdigits.course.marking import mark_answer, marked
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


def mark_of(text: str, tmp_path: Path, *, time_limit: float = 120) -> str | None:
    answer = tmp_path / "answer.py"
    answer.write_text(text)
    return mark_answer(find_lesson("softmax"), answer, time_limit=time_limit).hint


def test_an_answer_that_never_ends_is_stopped(tmp_path: Path) -> None:
    assert "is there a loop that never ends" in (mark_of("while True:\n    pass\n", tmp_path, time_limit=3) or "")


def test_an_answer_that_ends_its_process_is_told_so(tmp_path: Path) -> None:
    assert "ended the process with code 7" in (mark_of("import sys\nsys.exit(7)\n", tmp_path) or "")


def test_an_answer_that_prints_json_is_not_taken_for_the_marking(tmp_path: Path) -> None:
    solution = exercise_file(find_lesson("softmax"), "solution.py").read_text()
    noisy = f'print(\'{{"passed": [], "hint": "fooled"}}\')\n{solution}'.replace('"""Softmax', '"""x', 1)
    assert mark_of(noisy, tmp_path) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def softmax(logits)\n", "line 1 is no Python: expected ':'"),
        ("import nothing_like_this\n", "your answer raises ModuleNotFoundError at line 1"),
        ("def cross_entropy(logits, labels): ...\n", "your file has no `softmax`: keep the names of the start"),
        ("def softmax(logits):\n    return logits.foo\n", "raises AttributeError at line 2, `return logits.foo`"),
        ("def softmax(logits):\n    return None\n", "to mend"),
        ("", "your file has no `softmax`"),
        ("\x00", "no Python"),
    ],
)
def test_what_is_no_answer_is_told_where_and_why(text: str, told: str, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(text)
    hint = answered(find_lesson("softmax"), answer)
    assert hint is not None
    assert told in hint or told == "to mend"


def test_a_missing_answer_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="`inkdigits learn open softmax` writes the start"):
        mark_answer(find_lesson("softmax"), tmp_path / "none.py")


def test_what_checks_are_written_with() -> None:
    expect(True, "never told")
    with pytest.raises(Hint, match="told"):
        expect(False, "told")
    assert close([1.0, 2.0], (1.0, 2.00001))
    assert not close([1.0, 2.0], [[1.0, 2.0]])
    assert not close(1.0, 1.1)
