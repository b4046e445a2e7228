"""Answers come in the order of the questions, whatever is ready first."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from inkdigits.errors import InputError, ModelError
from inkdigits.parallel import AHEAD, CHUNK, in_order


def squares() -> Callable[[int], int]:
    return slow_at_first


def slow_at_first(number: int) -> int:
    time.sleep(0.05 if number < 3 else 0)
    return number * number


def refusing() -> Callable[[int], int]:
    raise ModelError("no such model")


def dividing() -> Callable[[int], tuple[int, int]]:
    return partial(divmod, 6)


def dying() -> Callable[[int], int]:
    def work(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    return work


@pytest.mark.parametrize("processes", [2, None])
def test_answers_keep_the_order(processes: int | None) -> None:
    assert list(in_order(squares, range(20), processes=processes)) == [number * number for number in range(20)]


def test_items_are_taken_only_a_little_ahead() -> None:
    taken = 0

    def count_up() -> Iterator[int]:
        nonlocal taken
        for number in range(1_000):
            taken += 1
            yield number

    answers = in_order(squares, count_up(), processes=2)
    assert next(answers) == 0
    assert taken <= AHEAD * CHUNK * 2


def test_errors_arrive_where_the_answer_would() -> None:
    answers = in_order(dividing, [3, 2, 0, 1], processes=2)
    assert [next(answers), next(answers)] == [(2, 0), (3, 0)]
    with pytest.raises(ZeroDivisionError):
        next(answers)


def test_what_cannot_be_prepared_is_said_once() -> None:
    with pytest.raises(ModelError, match="no such model"):
        list(in_order(refusing, range(3), processes=2))


def test_killed_process_is_an_error() -> None:
    with pytest.raises(InputError, match="died, perhaps for lack of memory"):
        list(in_order(dying, range(50), processes=2))


def test_a_script_without_a_guard_runs_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from functools import partial\n"
        "from inkdigits.parallel import in_order\n"
        "print(*in_order(partial(partial, pow, 2), range(5), processes=2))\n"
    )
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1 2 4 8 16\n", "")
