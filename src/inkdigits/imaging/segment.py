"""Where on the picture the digit is: the marks that belong together, without specks and without the frame."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.types import Ink

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; x1 and y1 lie one past the last."""

LARGE = 0.25  # of the digit's ink: a mark of this size is no speck, and the user may want to know


@dataclass(frozen=True, eq=False)
class FoundDigit:
    """Where a digit is.

    Attributes:
        box: around it.
        ink: uint8 (box height, box width), 0 = paper, 255 = ink.
        left_out: other marks of a similar size.
    """

    box: Box
    ink: Ink
    left_out: int


def find_digit(ink: Ink, mask: NDArray[np.bool_]) -> FoundDigit:
    """Find the one digit of a picture: its largest mark and what lies near enough to be part of it.

    Args:
        ink: uint8 (height, width), 0 = paper, 255 = ink.
        mask: bool (height, width), True where there is ink; at least one pixel is.

    Returns:
        The digit, without any other mark.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    boxes = stats[1:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    # The edge of a table or a finger lies along the frame; a digit stands inside it, if there is one inside.
    inside = (
        (boxes[:, 0] > 0)
        & (boxes[:, 1] > 0)
        & (boxes[:, 0] + boxes[:, 2] < mask.shape[1])
        & (boxes[:, 1] + boxes[:, 3] < mask.shape[0])
    )
    extent = np.maximum(boxes[:, 2], boxes[:, 3])
    weight = np.where(inside, areas, areas / 4) * extent
    main = int(weight.argmax())
    keep = np.zeros(count, dtype=bool)
    keep[main + 1] = True
    reach = 0.35 * extent[main]
    for other in np.flatnonzero(
        (areas >= 0.02 * areas[main]) & (extent >= 0.12 * extent[main]) & (inside | ~inside[main])
    ):
        keep[other + 1] |= _gap(boxes[main], boxes[other]) <= reach
    # One pixel more on every side: the soft edge of the strokes belongs to the digit too.
    chosen = cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    digit = np.where(chosen & (keep[labels] | (labels == 0)), ink, 0)
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    x0, y0, x1, y1 = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    left_out = int((~keep[1:] & (areas >= LARGE * areas[main]) & (inside | ~inside[main])).sum())
    return FoundDigit((x0, y0, x1, y1), digit[y0:y1, x0:x1].astype(np.uint8), left_out)


def _gap(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    """Distance between two boxes (left, top, width, height), 0 where they overlap."""
    gap_x = max(one[0], other[0]) - min(one[0] + one[2], other[0] + other[2])
    gap_y = max(one[1], other[1]) - min(one[1] + one[3], other[1] + other[3])
    return float(max(0, gap_x, gap_y))
