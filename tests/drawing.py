"""Pictures made of real MNIST test digits: dark on light, as a pen leaves them, and the files they come in."""

import io
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import Dataset
from inkdigits.types import Gray, Ink

# The first two test images of every class, 0 to 9.
INDICES = (3, 10, 2, 5, 1, 35, 18, 30, 4, 6, 8, 15, 11, 21, 0, 17, 61, 84, 7, 9)
ORIENTATION = 0x0112  # the EXIF tag
# What turns an upright picture into the one that a camera stores with this orientation.
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
PAPER, PEN = 232, 28  # of 255: what paper and a pen measure in an ordinary photo


@cache
def mnist_test() -> Dataset:
    """Return the MNIST test set."""
    return load_dataset("mnist", "test")


def photo_of(index: int, *, side: int = 200, share: float = 0.6, centre: tuple[float, float] = (0.5, 0.5)) -> Gray:
    """Draw a test digit dark on a light, square sheet.

    Args:
        index: its place in the MNIST test set.
        side: width and height of the sheet in pixels.
        share: of the sheet's side that the 28x28 image covers.
        centre: where its centre lies, (x, y) as shares of the side.

    Returns:
        uint8 (side, side), 0 = black, 255 = white.
    """
    size = round(side * share)
    ink = Image.new("L", (side, side))
    digit = Image.fromarray(mnist_test().images[index]).resize((size, size), Image.Resampling.BICUBIC)
    ink.paste(digit, (round(side * centre[0] - size / 2), round(side * centre[1] - size / 2)))
    return on_paper(np.asarray(ink))


def thin_photo_of(index: int, *, side: int, pen: int) -> Gray:
    """Draw a test digit with a pen of `pen` pixels, however large the sheet: uint8 (side, side), dark on light."""
    scale = 0.04 * side  # the 20x20 box of the digit covers 80 % of the sheet
    rows, columns = np.nonzero(_skeleton(mnist_test().images[index]))
    points = {(int(row), int(column)) for row, column in zip(rows, columns, strict=True)}
    ink = np.zeros((side, side), np.uint8)
    for row, column in points:
        for other in {(row, column + 1), (row + 1, column - 1), (row + 1, column), (row + 1, column + 1)} & points:
            start, end = (
                (round(side / 2 + (x - 13.5) * scale), round(side / 2 + (y - 13.5) * scale))
                for y, x in ((row, column), other)
            )
            cv2.line(ink, start, end, 255, pen, cv2.LINE_AA)
    return on_paper(ink)


def on_paper(ink: Ink) -> Gray:
    """Turn ink into a picture of it, dark on light."""
    gray: Gray = np.rint(PAPER + (float(PEN) - PAPER) / 255 * ink).astype(np.uint8)
    return gray


def ink_of(gray: Gray) -> Ink:
    """Turn a picture back into its ink: the inverse of `on_paper`."""
    ink: Ink = np.rint((PAPER - gray.astype(np.float64)) * (255 / (PAPER - PEN))).clip(0, 255).astype(np.uint8)
    return ink


def as_file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:  # Any: whatever the format's writer takes
    """Return the picture as the bytes of an image file."""
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def _skeleton(image: Ink) -> NDArray[np.bool_]:
    """Thin a digit to lines of one pixel (T. Y. Zhang, C. Y. Suen, 1984)."""
    ink, before = np.pad(image > 100, 1), 0
    while before != (before := int(ink.sum())):
        for first in (True, False):
            # The eight neighbours, clockwise from above.
            shifts = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
            near = np.stack([np.roll(ink, shift, (0, 1)) for shift in shifts])
            up, right, down, left = near[::2]
            starts = (~near & np.roll(near, -1, 0)).sum(0)
            corner = up & right & down | right & down & left if first else up & right & left | up & down & left
            ink &= ~((near.sum(0) >= 2) & (near.sum(0) <= 6) & (starts == 1) & ~corner)
    return ink[1:-1, 1:-1]
