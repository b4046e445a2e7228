"""Ink to lines of pieces: what belongs to a digit, what is a speck, and what stands on one line.

A piece is a connected mark, or a part of one. Which pieces make a digit together only the classifier can tell: reading
weighs the combinations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.normalize import stroke_width
from inkdigits.types import Ink

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; x1 and y1 lie one past the last."""

MAX_MARKS = 20_000  # connected marks; a page of handwriting has hundreds, noise has more
MAX_BODIES = 300  # marks as large as digits
GRAIN = 0.14  # strokes a pixel, that is one every seven: writing has one every ten at most
GRAIN_ACROSS = 4.0  # strokes across the picture: a digit that fills a tiny picture has three
SMALL = 0.35  # of the picture's typical mark, the median by ink: smaller ones are parts of digits, or nothing
SPECK = 0.12  # of a digit's size, in either direction: smaller marks are dirt
CHAIN = 1.5  # of a mark's height: a wider one is several digits that touch, and its width tells nothing of theirs
LARGE = 1.6  # of the digits' size: a mark at the edge of the picture that is larger is none
REACH = 0.35  # of a digit's size: how far from it a part of it may lie
BROKEN = 0.2  # of a mark's height: how far above or below its other part may lie
STROKE, NEAR = 0.6, 0.15  # of a mark's height: a stroke that broke off it is lower, and lies as near on either side


@dataclass(frozen=True, eq=False)
class Piece:
    """A connected mark with the small parts around it, or a part of one.

    Attributes:
        box: around it.
        ink: uint8 (box height, box width), 0 = paper, 255 = ink; nothing of any other piece.
    """

    box: Box
    ink: Ink

    @property
    def width(self) -> int:
        """Its width in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return self.box[3] - self.box[1]

    def part(self, keep: NDArray[np.bool_]) -> "Piece | None":
        """Return what is left of it where `keep` (box height, box width) is True; None where that is no ink."""
        ink = np.where(keep, self.ink, 0).astype(np.uint8)
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        if not len(rows):
            return None
        x0, y0, x1, y1 = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
        left, top = self.box[:2]
        return Piece((left + x0, top + y0, left + x1, top + y1), ink[y0:y1, x0:x1])


@dataclass(frozen=True, eq=False)
class Line:
    """What stands side by side.

    Attributes:
        pieces: from left to right.
        height: of its digits, in pixels.
    """

    pieces: tuple[Piece, ...]
    height: float


def find_lines(ink: Ink, mask: NDArray[np.bool_]) -> tuple[Line, ...]:
    """Find the marks that may be digits, and the lines that they stand on, from top to bottom.

    Noise falls into more marks than a page of digits has, or lies closer than strokes do; then there are no lines.

    Args:
        ink: uint8 (height, width), 0 = paper, 255 = ink.
        mask: bool (height, width), True where there is ink; at least one pixel is.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count > MAX_MARKS or _is_grain(mask):
        return ()
    bodies, parts = _bodies(_corners(stats[1:]), stats[1:, cv2.CC_STAT_AREA].astype(np.float64), mask.shape)
    if len(bodies) > MAX_BODIES:
        return ()
    owner = np.zeros(count, np.int32)  # 0 = no piece
    owner[bodies + 1] = np.arange(1, len(bodies) + 1)
    for part, body in parts:
        owner[part + 1] = body + 1
    pieces = _pieces(ink, owner[labels], len(bodies))
    lines = [_line([pieces[index] for index in group]) for group in _groups([piece.box for piece in pieces])]
    return tuple(
        sorted(lines, key=lambda line: sum(piece.box[1] + piece.box[3] for piece in line.pieces) / len(line.pieces))
    )


def _is_grain(mask: NDArray[np.bool_]) -> bool:
    """Tell whether ink is nowhere far from paper, and paper nowhere far from ink."""
    strokes = float(mask.mean()) / stroke_width(mask)  # a pixel, in any direction
    return strokes > GRAIN and strokes * min(mask.shape) > GRAIN_ACROSS


def join(pieces: Sequence[Piece]) -> Piece:
    """Return several pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    corners = np.array([piece.box for piece in pieces])
    x0, y0, x1, y1 = (int(edge) for edge in (*corners[:, :2].min(axis=0), *corners[:, 2:].max(axis=0)))
    ink = np.zeros((y1 - y0, x1 - x0), np.uint8)
    for piece in pieces:
        left, top, right, bottom = piece.box
        part = ink[top - y0 : bottom - y0, left - x0 : right - x0]
        np.maximum(part, piece.ink, out=part)
    return Piece((x0, y0, x1, y1), ink)


def _corners(stats: NDArray[Any]) -> NDArray[np.int64]:  # Any: OpenCV's type is wider than what it gives
    """Return boxes (N, 4) as left, top, right, bottom."""
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    corners: NDArray[np.int64] = np.stack([left, top, right, bottom], axis=1).astype(np.int64)
    return corners


def _bodies(
    boxes: NDArray[np.int64], areas: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """Choose the marks that are as large as digits here, and the smaller marks that belong to one of them.

    Returns:
        The places of the bodies among the boxes, and for each part its place and the number of its body.
    """
    sizes = boxes[:, 2:] - boxes[:, :2]
    extent = sizes.max(axis=1).astype(np.float64)
    weight = areas * extent
    # The edge of a table or a finger lies along the frame; it is larger than the digits inside, if there are any.
    inside = (boxes[:, :2] > 0).all(axis=1) & (boxes[:, 2:] < (shape[1], shape[0])).all(axis=1)
    inside &= extent >= 0.15 * extent.max()
    usable = np.ones(len(boxes), np.bool_)
    if inside.any():
        usable = inside | (extent <= LARGE * _weighted_median(extent[inside], weight[inside]))
    tall = np.where(usable, sizes[:, 1], 0)
    digit_size = np.minimum(extent, CHAIN * tall)
    typical = _weighted_median(digit_size[usable], weight[usable])
    bodies = np.flatnonzero(digit_size >= SMALL * typical)
    bodies = bodies if len(bodies) else np.array([int((weight * usable).argmax())])
    parts = []
    small = usable & (extent >= SPECK * typical) & (areas >= 0.004 * typical**2)
    for part in np.setdiff1d(np.flatnonzero(small), bodies):
        gaps = _gaps(boxes[part], boxes[bodies])
        body = int(gaps.argmin())
        if gaps[body] <= REACH * digit_size[bodies[body]]:
            parts.append((int(part), body))
    return bodies, parts


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _gaps(box: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the distance of a box to each of the others, 0 where they overlap."""
    apart = np.maximum(np.maximum(box[:2] - others[:, 2:], others[:, :2] - box[2:]), 0)
    gaps: NDArray[np.float64] = apart.max(axis=1).astype(np.float64)
    return gaps


def _pieces(ink: Ink, owner: NDArray[np.int32], count: int) -> list[Piece]:
    """Cut out every piece with the soft edge of its strokes, and without the ink of any other."""
    corners = np.full((count + 1, 4), (ink.shape[1], ink.shape[0], 0, 0))
    rows, columns = np.nonzero(owner)
    number = owner[rows, columns]
    np.minimum.at(corners[:, 0], number, columns)
    np.minimum.at(corners[:, 1], number, rows)
    np.maximum.at(corners[:, 2], number, columns + 1)
    np.maximum.at(corners[:, 3], number, rows + 1)
    pieces = []
    for index in range(1, count + 1):
        x0, y0 = np.maximum(corners[index, :2] - 1, 0)
        x1, y1 = np.minimum(corners[index, 2:] + 1, ink.shape[::-1])
        part = owner[y0:y1, x0:x1]
        mine = part == index
        edge = cv2.dilate(mine.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        whole = Piece((int(x0), int(y0), int(x1), int(y1)), ink[y0:y1, x0:x1])
        pieces.append(whole.part(edge & (mine | (part == 0))) or whole)
    return pieces


def _groups(boxes: Sequence[Box]) -> list[list[int]]:
    """Group boxes into lines, walking from left to right.

    A box joins the line whose last boxes it shares most of its height with, or lies just above or below of: a stroke
    that broke leaves two marks, one over the other.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(boxes)), key=lambda index: boxes[index][0]):
        nearness = [max(_shared(boxes[last], boxes[index]) for last in group[-3:]) for group in groups]
        best = int(np.argmax(nearness)) if nearness else -1
        if best < 0 or nearness[best] < 0.4:
            groups.append([index])
        else:
            groups[best].append(index)
    return groups


def _shared(one: Box, other: Box) -> float:
    """Return the share of the lower box's height that two boxes have in common; 0.5 for two parts of a broken mark."""
    heights = one[3] - one[1], other[3] - other[1]
    below = max(one[1], other[1]) - min(one[3], other[3])
    beside = max(one[0], other[0]) - min(one[2], other[2])
    in_width = -beside / max(1, min(one[2] - one[0], other[2] - other[0]))
    is_broken = in_width > 0.5 and below < BROKEN * max(heights)
    has_lost_a_stroke = min(heights) < STROKE * max(heights) and max(below, beside) < NEAR * max(heights)
    return 0.5 if is_broken or has_lost_a_stroke else -below / max(1, min(heights))


def _line(pieces: Sequence[Piece]) -> Line:
    ordered = sorted(pieces, key=lambda piece: piece.box[0] + piece.box[2])
    heights = np.array([piece.height for piece in ordered], np.float64)
    return Line(tuple(ordered), _weighted_median(heights, heights))
