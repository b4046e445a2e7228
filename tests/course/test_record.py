"""What a learner has done is kept, and never thrown away."""

import subprocess
import sys
from pathlib import Path

import pytest

from inkdigits.course.record import Record, load_record, update_record
from inkdigits.errors import StorageError


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new folder/course.json"
    assert load_record(path) == Record()
    record = Record().with_solved("softmax").with_round(human=True, model=False).with_round(human=False, model=False)
    assert update_record(path, lambda _: record) == record
    assert load_record(path) == record == Record(solved=("softmax",), rounds=2, human=1, model=0)


def test_a_lesson_is_solved_once() -> None:
    assert Record().with_solved("mnist").with_solved("mnist").solved == ("mnist",)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        '{"solved": []}',
        '{"solved": 3, "rounds": 0, "human": 0, "model": 0}',
        '{"solved": [], "rounds": -1, "human": 0, "model": 0}',
        '{"solved": [], "rounds": "9", "human": 0, "model": 0}',
        '{"solved": "tensors", "rounds": 0, "human": 0, "model": 0}',
        "\xff",
    ],
)
def test_a_damaged_record_is_told_and_left_alone(content: str, tmp_path: Path) -> None:
    path = tmp_path / "course.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(StorageError, match="is damaged"):
        load_record(path)
    assert path.read_text(encoding="latin-1") == content


def test_a_game_and_an_exercise_at_the_same_time_keep_both(tmp_path: Path) -> None:
    path = tmp_path / "course.json"
    program = (
        "import sys; from pathlib import Path; from inkdigits.course.record import update_record\n"
        "for n in range(40):\n"
        "    solved = f'{sys.argv[2]}{n}'\n"
        "    update_record(Path(sys.argv[1]), lambda r: r.with_round(human=True, model=False).with_solved(solved))"
    )
    players = [subprocess.Popen([sys.executable, "-c", program, path, name]) for name in "ab"]
    assert [player.wait(60) for player in players] == [0, 0]
    record = load_record(path)
    assert (record.rounds, record.human) == (80, 80)
    assert set(record.solved) == {f"{name}{number}" for name in "ab" for number in range(40)}


def test_a_record_behind_a_link_stays_there(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "course.json"
    link.symlink_to(real)
    update_record(link, lambda record: record.with_solved("mnist"))
    assert link.is_symlink()
    assert load_record(real).solved == ("mnist",)
