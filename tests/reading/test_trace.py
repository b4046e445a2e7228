"""The trace shows every stage of a reading, down to the pixels that the network saw."""

import io
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageColor

from inkdigits.reading.reader import Reader
from inkdigits.reading.result import Reading
from inkdigits.reading.trace import ACCENT, GAP, HEAD, PANEL, draw_trace, trace_png
from inkdigits.types import Gray
from tests.drawing import as_file, mnist_test, photo_of


@cache
def reader() -> Reader:
    return Reader()


def panel(sheet: Image.Image, number: int) -> NDArray[np.uint8]:
    """Return the pixels of one stage, counted from 0."""
    left = GAP + (PANEL + GAP) * number
    return np.asarray(sheet.crop((left, HEAD, left + PANEL, HEAD + PANEL)).convert("RGB"))


def width_of(panels: int) -> int:
    return GAP + (PANEL + GAP) * panels


def accent_box(pixels: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return the box around the pixels of the accent colour: x0, y0, x1, y1."""
    rows, columns = np.nonzero((pixels == ImageColor.getrgb(ACCENT)).all(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_reading_of_a_digit_has_four_stages() -> None:
    sheet = draw_trace(reader().read(photo_of(0)))
    assert sheet.mode == "RGB"
    assert sheet.size == (width_of(4), HEAD + PANEL + GAP)
    for number in range(4):
        assert int(panel(sheet, number).std()) > 5  # none is empty


def test_third_stage_is_what_the_network_saw() -> None:
    reading = reader().read(photo_of(0))
    shown = Image.fromarray(panel(draw_trace(reading), 2)).convert("L").resize((28, 28), Image.Resampling.BOX)
    inner = (slice(1, -1), slice(1, -1))  # without the outline of the panel
    np.testing.assert_array_equal(np.asarray(shown)[inner], (255 - reading.digits[0].image)[inner])


def test_second_stage_is_the_ink_alone() -> None:
    dark = 255 - photo_of(0)
    pixels = panel(draw_trace(reader().read(dark)), 1)
    assert float((pixels > 250).mean()) > 0.8  # the dark paper is gone


@pytest.mark.parametrize("side", [100, 300, 3_300])
def test_box_is_drawn_around_the_digit(side: int) -> None:
    reading = reader().read(as_file(Image.fromarray(photo_of(0, side=side)), "JPEG"))  # 3,300 is decoded smaller
    x0, y0, x1, y1 = (edge * PANEL / side for edge in reading.digits[0].box_xyxy)
    np.testing.assert_allclose(accent_box(panel(draw_trace(reading), 0)), (x0, y0, x1, y1), atol=6)


@pytest.mark.parametrize("turn", [False, True], ids=["wide", "tall"])
def test_box_fits_in_a_picture_that_is_not_square(turn: bool) -> None:
    gray: Gray = np.hstack([np.full((200, 400), 232, np.uint8), photo_of(0)])
    if turn:
        gray = gray.T
    reading = reader().read(gray)
    corners = np.array([digit.box_xyxy for digit in reading.digits])  # a 7 on its side may be read as two
    x0, y0 = (int(edge) for edge in corners[:, :2].min(axis=0))
    x1, y1 = (int(edge) for edge in corners[:, 2:].max(axis=0))
    scale = PANEL / 600
    left, top = (PANEL - gray.shape[1] * scale) / 2, (PANEL - gray.shape[0] * scale) / 2
    expected = (left + x0 * scale, top + y0 * scale, left + x1 * scale, top + y1 * scale)
    np.testing.assert_allclose(accent_box(panel(draw_trace(reading), 0)), expected, atol=6)


def test_longest_bar_is_that_of_the_label() -> None:
    reading = reader().read(photo_of(0))
    bars = panel(draw_trace(reading), 3)
    _, y0, _, y1 = accent_box(bars)
    assert int((y0 + y1) / 2 // (PANEL / 10)) == int(reading.text)


def test_blank_page_has_its_picture_and_the_reason() -> None:
    sheet = draw_trace(reader().read(np.full((100, 100), 200, np.uint8)))
    assert sheet.size == (width_of(2), HEAD + PANEL + GAP)
    assert int(panel(sheet, 1).min()) < 100  # words


def test_prepared_image_has_no_stage_of_ink() -> None:
    sheet = draw_trace(reader().read_prepared(mnist_test().images[0], name="mnist:test/0"))
    assert sheet.size == (width_of(3), HEAD + PANEL + GAP)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2_000), (2_000, 1), (2, 3)])
def test_odd_shapes_can_be_drawn(shape: tuple[int, int]) -> None:
    gray = np.full(shape, 255, np.uint8)
    gray[0, 0] = 0
    assert draw_trace(reader().read(gray)).height == HEAD + PANEL + GAP


def test_drawing_changes_nothing_in_the_reading() -> None:
    reading: Reading = reader().read(photo_of(0))
    before = reading.gray.copy(), reading.digits[0].image.copy()
    draw_trace(reading)
    np.testing.assert_array_equal(reading.gray, before[0])
    np.testing.assert_array_equal(reading.digits[0].image, before[1])


def test_trace_is_a_png_of_the_same_pixels() -> None:
    reading = reader().read(photo_of(0))
    with Image.open(io.BytesIO(trace_png(reading))) as image:
        assert image.format == "PNG"
        np.testing.assert_array_equal(np.asarray(image), np.asarray(draw_trace(reading)))


def test_a_number_shows_what_the_network_saw_of_every_digit() -> None:
    reading = reader().read(np.hstack([photo_of(index, side=90) for index in (0, 1, 2, 3, 4)]))
    sheet = draw_trace(reading)
    assert sheet.size == (width_of(3), HEAD + PANEL + GAP)
    thumbnails = panel(sheet, 2).min(axis=2) < 100
    assert int(thumbnails.any(axis=0).sum()) > PANEL / 4
