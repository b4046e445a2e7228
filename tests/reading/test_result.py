"""A reading tells itself to people and programs, and draws how it came about."""

import io
import json

import numpy as np
from PIL import Image
from tests.drawing import photo_of

from inkdigits.reading.reader import Reader
from inkdigits.reading.trace import trace_png

READER = Reader()


def test_a_reading_is_json() -> None:
    about = json.loads(json.dumps(READER.read(photo_of(0), name="seven").to_dict()))
    assert about["source"] == "seven"
    assert about["text"] == "7"
    assert about["digit"] == 7
    assert set(about["digits"][0]) == {"label", "probability", "probabilities", "box_xyxy"}


def test_a_reading_shows_itself() -> None:
    assert repr(READER.read(photo_of(0))).startswith("Reading('7', ")
    assert repr(READER.read(np.full((30, 30), 255, np.uint8))) == "Reading('', no digit)"


def test_the_trace_shows_four_stages_of_a_digit() -> None:
    with Image.open(io.BytesIO(trace_png(READER.read(photo_of(0))))) as sheet:
        assert sheet.size == (24 + 4 * 304, 34 + 280 + 24)
        pixels = np.asarray(sheet.convert("L"))
    seen = pixels[34:314, 24 + 2 * 304 : 24 + 2 * 304 + 280].reshape(28, 10, 28, 10)
    image = READER.read(photo_of(0)).digits[0].image
    assert np.array_equal(255 - seen[:, 5, :, 5], image)


def test_the_trace_of_a_blank_page_says_so() -> None:
    with Image.open(io.BytesIO(trace_png(READER.read(np.full((30, 30), 255, np.uint8))))) as sheet:
        assert sheet.size[0] == 24 + 2 * 304
        assert np.asarray(sheet.convert("L"))[34:, 328:].min() < 60  # a sentence
