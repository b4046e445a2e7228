"""Digits in the cells of a printed grid, such as a sudoku: one in a cell, or none."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.binarize import find_ink
from inkdigits.imaging.files import Source, load_picture
from inkdigits.imaging.normalize import normalize_digit
from inkdigits.imaging.segment import Piece
from inkdigits.reading.reader import Reader
from inkdigits.reading.result import Digit
from inkdigits.types import Gray

CELL = 64  # pixels of a cell after the grid was straightened
RIM = 0.09  # of a cell: where its printed lines lie
SMALL = 0.3  # of a cell: a digit is at least as tall
FRAME = 0.3  # of the picture's area: a grid fills at least as much


@dataclass(frozen=True)
class GridReading:
    """A grid as read.

    Attributes:
        source: what was read.
        cells: a row of the grid each, from top to bottom; None for a cell without a digit.
    """

    source: str
    cells: tuple[tuple[Digit | None, ...], ...]

    @property
    def digits(self) -> tuple[Digit, ...]:
        """Every digit, row by row."""
        return tuple(digit for row in self.cells for digit in row if digit)

    @property
    def text(self) -> str:
        """A row on a line, with a point for a cell without a digit."""
        return "\n".join("".join(digit.label if digit else "." for digit in row) for row in self.cells)

    def to_dict(self) -> dict[str, Any]:
        """Return the grid as JSON accepts it; boxes count in pixels of the straightened grid, 64 a cell."""
        cells = [[digit.to_dict() if digit else None for digit in row] for row in self.cells]
        return {"source": self.source, "rows": self.text.splitlines(), "cells": cells}


def read_grid(
    reader: Reader, source: Source, *, rows: int = 9, columns: int = 9, name: str | None = None
) -> GridReading:
    """Read a grid of cells, photographed from any side that shows it whole.

    The outline of the grid is the largest connected mark; where there is none of some size, the whole picture is
    taken for the grid.

    Args:
        reader: with the model to use.
        source: as `Reader.read` takes it, except for addresses.
        rows: how many cells the grid has from top to bottom.
        columns: how many from left to right.
        name: what the reading calls its source; by default the path.

    Raises:
        InputError: it is not a picture that can be read.
    """
    picture = load_picture(source, name=name)
    ink_map = find_ink(_straightened(picture.gray, rows, columns))
    blank = tuple((None,) * columns for _ in range(rows))
    if ink_map is None:
        return GridReading(picture.name, blank)
    found: dict[tuple[int, int], Piece] = {}
    for row in range(rows):
        for column in range(columns):
            piece = _cell_ink(ink_map.ink, ink_map.mask, row, column)
            if piece is not None:
                found[row, column] = piece
    images = [normalize_digit(piece.ink) for piece in found.values()]
    digits = reader.read_marks(images, [piece.box for piece in found.values()]) if images else []
    by_cell = dict(zip(found, digits, strict=True))
    cells = tuple(tuple(by_cell.get((row, column)) for column in range(columns)) for row in range(rows))
    return GridReading(picture.name, cells)


def _straightened(gray: Gray, rows: int, columns: int) -> Gray:
    """Return the grid as seen from straight above, 64 pixels a cell."""
    size = (columns * CELL, rows * CELL)
    corners = _corners(gray)
    target = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    flat = cv2.warpPerspective(gray, cv2.getPerspectiveTransform(corners, target), size).astype(np.uint8)
    rim = round(RIM * CELL)  # the outermost lines would pass for the paper's own colour
    paper = np.full_like(flat, np.median(flat))
    paper[rim:-rim, rim:-rim] = flat[rim:-rim, rim:-rim]
    return paper


def _corners(gray: Gray) -> NDArray[np.float32]:
    """Return the corners of the grid, clockwise from the upper left, float32 (4, 2)."""
    height, width = gray.shape
    whole = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    ink_map = find_ink(gray)
    if ink_map is None:
        return whole
    mask = cv2.dilate(ink_map.mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = cv2.convexHull(max(outlines, key=lambda points: cv2.contourArea(cv2.convexHull(points))))
    if cv2.contourArea(outline) < FRAME * mask.size:
        return whole
    points = outline[:, 0].astype(np.float32) * ink_map.scale
    # The upper left corner has the smallest x + y, the upper right the largest x - y.
    total, difference = points.sum(axis=1), points[:, 0] - points[:, 1]
    chosen = [total.argmin(), difference.argmax(), total.argmax(), difference.argmin()]
    corners: NDArray[np.float32] = points[chosen]
    return corners


def _cell_ink(ink: NDArray[np.uint8], mask: NDArray[np.bool_], row: int, column: int) -> Piece | None:
    """Return the ink written into a cell, without its printed lines; None where it is blank."""
    rim = round(RIM * CELL)
    top, left = row * CELL + rim, column * CELL + rim
    side = CELL - 2 * rim
    cell = mask[top : top + side, left : left + side].astype(np.uint8)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(cell, connectivity=8)
    keep = np.zeros(len(stats), np.bool_)
    for index in range(1, len(stats)):
        x, y, width, height, _ = (int(value) for value in stats[index])
        along_rim = (x == 0 or y == 0 or x + width == side or y + height == side) and min(width, height) < 0.12 * CELL
        central = abs(centres[index] - side / 2).max() < 0.4 * side
        keep[index] = central and not along_rim and max(width, height) > 0.1 * CELL
    chosen = cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    piece = Piece((left, top, left + side, top + side), ink[top : top + side, left : left + side]).part(
        chosen & (keep[labels] | (labels == 0))
    )
    return piece if piece is not None and piece.height >= SMALL * CELL else None
