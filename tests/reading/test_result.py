"""A reading says in short what was read, and gives itself as JSON."""

import json

import numpy as np
import pytest

from inkdigits.reading.result import Digit, Reading, Rejection


def digit(label: str, probability: float) -> Digit:
    rest = (1 - probability) / 9
    probabilities = {name: probability if name == label else rest for name in "0123456789"}
    return Digit(label, probability, probabilities, 0.999, (3, 4, 30, 50), np.zeros((28, 28), np.uint8))


SEVEN = Reading("seven.png", ((digit("7", 0.98765432),),), (), ("light ink on dark paper",))
BLANK = Reading("blank.png", (), (Rejection("blank", 0.0, "", (0, 0, 90, 60)),), ("blank: nothing on it",))
PAIR = Reading("pair.png", ((digit("4", 0.9), digit("2", 0.75)),))
PAGE = Reading("page.png", ((digit("4", 0.9), digit("2", 0.75)), (digit("7", 0.8),)))


def test_text_is_the_digits_in_a_row() -> None:
    assert SEVEN.text == "7"
    assert BLANK.text == ""
    assert PAIR.text == "42"
    assert PAGE.text == "42\n7"
    assert [digit.label for digit in PAGE.digits] == ["4", "2", "7"]


def test_it_says_what_was_read_and_how_surely() -> None:
    assert repr(SEVEN) == "Reading('7', 98.8%)"
    assert repr(BLANK) == "Reading('', no digit)"
    assert repr(PAIR) == "Reading('42', 90.0%, 75.0%)"
    assert "array" not in repr(SEVEN.digits[0])  # no pixels


def test_reading_survives_json() -> None:
    about = json.loads(json.dumps(SEVEN.to_dict(), allow_nan=False))
    assert about == {
        "source": "seven.png",
        "text": "7",
        "digit": 7,
        "lines": ["7"],
        "digits": [
            {
                "label": "7",
                "probability": 0.987654,
                "probabilities": {name: 0.987654 if name == "7" else 0.001372 for name in "0123456789"},
                "is_digit": 0.999,
                "box_xyxy": [3, 4, 30, 50],
            }
        ],
        "rejected": [],
        "warnings": ["light ink on dark paper"],
    }


def test_blank_reading_survives_json() -> None:
    about = json.loads(json.dumps(BLANK.to_dict(), allow_nan=False))
    assert about["digits"] == []
    assert about["digit"] is None
    assert about["text"] == ""
    assert about["rejected"] == [{"reason": "blank", "is_digit": 0.0, "guess": "", "box_xyxy": [0, 0, 90, 60]}]
    assert about["warnings"] == ["blank: nothing on it"]


@pytest.mark.parametrize("reading", [BLANK, PAIR, PAGE])
def test_one_digit_is_told_only_when_there_is_one(reading: Reading) -> None:
    assert reading.to_dict()["digit"] is None


def test_zero_is_a_digit_too() -> None:
    assert Reading("zero.png", ((digit("0", 0.99),),)).to_dict()["digit"] == 0


def test_result_is_frozen() -> None:
    with pytest.raises(AttributeError):
        SEVEN.source = "eight.png"  # type: ignore[misc]  # the very thing that is tested
