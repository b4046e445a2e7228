"""Where digits that touch might part."""

import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.segment import Piece

CUTS = 7  # of a mark as wide as its line is high
LEANING = 0.1  # full pixels of ink that a step to the next column costs a cut


def cut(piece: Piece, line_height: float) -> tuple[Piece, ...]:
    """Cut a mark where digits that touch might part: along the paths from top to bottom that cross least ink.

    A path may lean as handwriting does, and pass between strokes that overlap; each goes through another column of the
    middle row. Dynamic programming finds them, as in seam carving (S. Avidan, A. Shamir, 2007).

    Args:
        piece: the mark.
        line_height: of the digits beside it, in pixels.

    Returns:
        Its parts from left to right; the mark itself where no cut is worth a try.
    """
    cost = (piece.ink / 255).astype(np.float32)
    middle = len(cost) // 2
    down, up = _cheapest(cost[:middle]), _cheapest(cost[middle:][::-1])
    through = down[-1] + up[-1] if middle else up[-1]
    room = max(2.0, 0.12 * line_height)
    seams = [
        np.concatenate([_walk(down, column), _walk(up, column)[::-1]])
        for column in _valleys(through, room, limit=0.5 * len(cost), most=round(CUTS * cost.shape[1] / line_height))
    ]
    columns = np.arange(cost.shape[1])
    number = np.zeros(cost.shape, np.int64)
    for seam in seams:
        number += columns >= seam[:, None]
    parts = [piece.part(number == index) for index in range(len(seams) + 1)]
    return tuple(part for part in parts if part is not None)


def _cheapest(cost: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for every pixel what the cheapest path from the first row costs; a path moves a column a row at most."""
    total = cost.copy()
    for row in range(1, len(total)):
        before = np.pad(total[row - 1], 1, constant_values=np.inf)
        total[row] += np.minimum(before[1:-1], LEANING + np.minimum(before[:-2], before[2:]))
    return total


def _walk(total: NDArray[np.float32], column: int) -> NDArray[np.int64]:
    """Return the columns of the cheapest path from the last row's column back to the first row."""
    path = np.zeros(len(total), np.int64)
    for row in range(len(total) - 1, -1, -1):
        path[row] = column
        if row:
            low, high = max(0, column - 1), min(total.shape[1], column + 2)
            leaning = np.where(np.arange(low, high) == column, 0, LEANING)
            column = low + int((total[row - 1, low:high] + leaning).argmin())
    return path[::-1]


def _valleys(profile: NDArray[np.float32], room: float, *, limit: float, most: int) -> list[int]:
    """Return the columns where a cut is cheapest around, none near the ends."""
    places = np.arange(len(profile))
    usable = (places >= room) & (places <= len(profile) - 1 - room) & (profile <= limit)
    chosen: list[int] = []
    for place in sorted(np.flatnonzero(usable).tolist(), key=lambda column: profile[column]):
        if all(abs(place - other) >= room for other in chosen):
            chosen.append(place)
        if len(chosen) >= max(2, most):
            break
    return chosen
