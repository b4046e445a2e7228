"""The overlay draws a box around every digit, and around what was not read."""

import numpy as np
from PIL import Image, ImageColor

from inkdigits.reading.reader import Reader
from inkdigits.reading.result import READ, REJECTED, Reading
from tests.drawing import photo_of


def columns_of(image: Image.Image, colour: str) -> tuple[int, int]:
    """Return the first and last column that holds the colour."""
    found = np.flatnonzero((np.asarray(image) == ImageColor.getrgb(colour)).all(axis=2).any(axis=0))
    return int(found[0]), int(found[-1])


def test_boxes_lie_where_the_digits_are() -> None:
    reading = Reader().read(np.hstack([photo_of(0), photo_of(1)]))
    assert len(reading.digits) == 2
    image = reading.overlay()
    assert image.size == (400, 200)
    low, high = columns_of(image, READ)
    assert abs(low - reading.digits[0].box_xyxy[0]) <= 1
    assert abs(high - reading.digits[1].box_xyxy[2]) <= 2


def test_small_pictures_are_enlarged_and_boxes_with_them() -> None:
    reading = Reader().read(photo_of(0, side=100))
    image = reading.overlay()
    assert image.size == (400, 400)
    assert abs(columns_of(image, READ)[0] - 4 * reading.digits[0].box_xyxy[0]) <= 2


def test_what_was_rejected_has_another_colour() -> None:
    reading = Reader().read(np.full((300, 420), 230, np.uint8))
    assert reading.digits == ()
    assert columns_of(reading.overlay(), REJECTED) == (0, 419)


def test_a_reading_of_nothing_can_be_drawn() -> None:
    assert Reading("nothing", ()).overlay().size == (1, 1)
