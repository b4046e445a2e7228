"""What a learner has done is kept, and never thrown away."""

from pathlib import Path

import pytest

from inkdigits.course.record import Record, load_record, save_record
from inkdigits.errors import StorageError


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new folder/course.json"
    assert load_record(path) == Record()
    record = Record().with_solved("softmax").with_round(human=True, model=False).with_round(human=False, model=False)
    save_record(record, path)
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
        "\xff",
    ],
)
def test_a_damaged_record_is_told_and_left_alone(content: str, tmp_path: Path) -> None:
    path = tmp_path / "course.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(StorageError, match="is damaged"):
        load_record(path)
    assert path.read_text(encoding="latin-1") == content
