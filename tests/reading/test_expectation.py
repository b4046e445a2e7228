"""What is known of a number chooses among the ways to read it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.errors import ConfigError
from inkdigits.reading.expectation import luhn, parse_expectation
from inkdigits.reading.reader import Reader
from inkdigits.types import Images, Logits
from tests.drawing import photo_of


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("len=5", ["12345", "00000"], ["", "1234", "123456"]),
        ("len=2-4", ["12", "123", "1234"], ["1", "12345"]),
        ("range=0-100", ["0", "007", "100"], ["", "101", "999"]),
        ("range=5-5", ["5", "05"], ["4", "55"]),
        ("luhn", ["79927398713", "4539578763621486", "18", "00"], ["", "0", "79927398710", "19"]),
        ("len=2, range=10-20", ["10", "20"], ["9", "010", "21"]),
    ],
)
def test_conditions_hold_or_not(text: str, right: list[str], wrong: list[str]) -> None:
    expectation = parse_expectation(text)
    assert [expectation.holds(digits) for digits in right] == [True] * len(right)
    assert [expectation.holds(digits) for digits in wrong] == [False] * len(wrong)


@pytest.mark.parametrize("text", ["", "len", "len=", "len=a", "len=-1", "range=5", "lun", "len=5;luhn", "range=1-2-3"])
def test_other_conditions_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is written len=5, len=2-4, range=0-100 or luhn"):
        parse_expectation(text)


def test_a_range_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ConfigError, match="the first number must not be larger"):
        parse_expectation("range=9-3")


@given(digits=st.text("0123456789", min_size=1, max_size=20))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    assert sum(luhn(digits + last) for last in "0123456789") == 1


class Undecided:
    """A classifier that takes every mark for a 3, nearly a 5, and hardly anything else."""

    class_names = tuple("0123456789")

    def logits(self, images: Images) -> Logits:
        """Return the same logits for every image."""
        return np.tile(np.array([0, 0, 0, 5, 0, 4, 0, 0, 0, 0], np.float32), (len(images), 1))


def test_the_likeliest_reading_that_fits_is_taken() -> None:
    row = np.hstack([photo_of(0), photo_of(1), photo_of(2)])
    reader = Reader(Undecided())
    assert reader.read(row).text == "333"
    assert reader.read(row, expect="range=334-340").text == "335"
    assert reader.read(row, expect="range=500-600").text == "533"
    fitting = reader.read(row, expect="luhn")
    assert luhn(fitting.text)
    assert fitting.warnings == tuple(warning for warning in fitting.warnings if warning.startswith("unsure"))


def test_a_reading_that_nothing_fits_says_so() -> None:
    reading = Reader(Undecided()).read(photo_of(0), expect="len=7")
    assert reading.text == "3"
    assert "not as expected (len=7): 3" in reading.warnings


@pytest.mark.parametrize(
    ("picture", "expect", "text"),
    [
        ("seven.jpg", "range=0-5", "7"),
        ("number.jpg", "len=4", "72348"),
        ("number.jpg", "luhn,len=4", "72348"),
    ],
)
def test_what_is_surely_another_number_is_not_read_as_expected(picture: str, expect: str, text: str) -> None:
    reading = Reader().read(f"examples/{picture}", expect=expect)
    assert reading.text == text
    assert any(warning.startswith(f"not as expected ({expect})") for warning in reading.warnings)
