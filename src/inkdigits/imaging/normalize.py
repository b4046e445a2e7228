"""One digit to the 28x28 that networks are trained on.

Source: LeCun, Bottou, Bengio, Haffner, 1998, section III.A: scaled into 20x20 with its proportions kept, then laid into
28x28 with its centre of mass in the middle.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.types import Ink

SIDE, BOX = 28, 20
PAIR_BOX = 24  # pixels of 28 that two digits fill, both ways
CENTRE = 14.5  # pixels from the edge: the centre of mass of every one of MNIST's test images lies between 14 and 15
SAMPLE_SIDE = 480  # pixels; more tell nothing about 20, and take time
MIN_STROKE = 2.0  # pixels of 28; MNIST's own strokes measure 2 to 4


def normalize_digit(ink: Ink) -> NDArray[np.uint8]:
    """Scale and centre the ink of one digit as MNIST's were.

    Args:
        ink: uint8 (height, width), 0 = paper, 255 = ink, cropped to the digit.

    Returns:
        uint8 (28, 28), 0 = paper, 255 = ink.
    """
    ink = _sampled(ink)
    ink = _thicken(ink, BOX / max(ink.shape))
    height, width = ink.shape
    scale = BOX / max(height, width)
    return _centred(_resized(ink, max(1, round(width * scale)), max(1, round(height * scale))))


def normalize_pair(ink: Ink) -> NDArray[np.uint8]:
    """Stretch the ink of two digits that touch to a square, so that each is about as wide as one of MNIST's.

    Args:
        ink: uint8 (height, width), 0 = paper, 255 = ink, cropped to the two.

    Returns:
        uint8 (28, 28), 0 = paper, 255 = ink.
    """
    ink = _sampled(ink)
    ink = _thicken(ink, PAIR_BOX / max(ink.shape))
    margin = (SIDE - PAIR_BOX) // 2
    return np.pad(np.rint(_resized(ink, PAIR_BOX, PAIR_BOX)).astype(np.uint8), margin)


def _sampled(ink: Ink) -> Ink:
    if max(ink.shape) <= SAMPLE_SIDE:
        return ink
    scale = SAMPLE_SIDE / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _resized(ink: Ink, width: int, height: int) -> NDArray[np.float32]:
    """Return the ink at a size, float32 (height, width), its darkest pixel at 255."""
    method = cv2.INTER_AREA if width < ink.shape[1] else cv2.INTER_LINEAR
    small = cv2.resize(ink, (width, height), interpolation=method).astype(np.float32)
    small *= 255 / max(1.0, float(small.max()))
    return small


def _thicken(ink: Ink, scale: float) -> Ink:
    """Widen strokes that would be thinner than a pixel or two after scaling: averaged away, a thin pen vanishes."""
    width = stroke_width(ink > 127)
    missing = round(MIN_STROKE / scale - width)
    if missing < 1:
        return ink
    margin = missing // 2 + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
    return cv2.dilate(cv2.copyMakeBorder(ink, margin, margin, margin, margin, cv2.BORDER_CONSTANT), kernel).astype(
        np.uint8
    )


def stroke_width(mask: NDArray[np.bool_]) -> float:
    """Estimate the pen's width in pixels: a stroke's area is length times width, its outline twice the length."""
    area = int(mask.sum())
    if area == 0:
        return 1.0
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    outline = area - int(cv2.erode(padded, np.ones((3, 3))).sum())
    return 2 * area / max(1, outline)


def _centred(small: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Lay a picture of at most 20x20 into 28x28 with its centre of mass in the middle, as far as it fits."""
    height, width = small.shape
    total = float(small.sum()) or 1.0
    centre_x = float((small.sum(axis=0) * (np.arange(width) + 0.5)).sum()) / total
    centre_y = float((small.sum(axis=1) * (np.arange(height) + 0.5)).sum()) / total
    left = min(max(round(CENTRE - centre_x), 0), SIDE - width)
    top = min(max(round(CENTRE - centre_y), 0), SIDE - height)
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = np.rint(small)
    return image
