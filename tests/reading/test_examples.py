"""The pictures of the examples are read."""

from pathlib import Path

import pytest

from inkdigits.errors import ModelError
from inkdigits.reading.reader import Reader

READER = Reader()


def test_a_photo_of_a_digit_is_read() -> None:
    reading = READER.read("examples/seven.jpg")
    assert reading.text == "7"
    assert reading.digits[0].probability > 0.9
    x0, y0, x1, y1 = reading.digits[0].box_xyxy
    assert 0 < x0 < x1 < 960
    assert 0 < y0 < y1 < 720


def test_the_pictures_of_the_examples_are_read() -> None:
    found = {path.stem: READER.read(path).text for path in sorted(Path("examples").glob("*.jpg"))}
    assert found == {"seven": "7", "nine": "9", "three": "3", "number": "72348"}


def test_a_run_is_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is a folder: `inkdigits export"):
        Reader(tmp_path)
