"""Digits that touch can be parted where they touch, without the cut going through either."""

import numpy as np

from inkdigits.data.marks import cropped, enlarged, touching
from inkdigits.imaging.cut import cut
from inkdigits.imaging.segment import Piece, join
from inkdigits.types import Ink
from tests.drawing import INDICES, mnist_test


def piece_of(ink: Ink) -> Piece:
    return Piece((0, 0, ink.shape[1], ink.shape[0]), ink)


def test_two_blocks_part_at_the_bridge_between_them() -> None:
    ink = np.zeros((60, 90), np.uint8)
    ink[:, :40] = ink[:, 50:] = ink[40:44, 40:50] = 255
    parts = cut(piece_of(ink), 60)
    assert int(join(parts).ink.sum()) == int(ink.sum())
    assert any(38 <= part.box[0] <= 52 for part in parts)


def test_leaning_strokes_part_between_them() -> None:
    ink = np.zeros((60, 90), np.uint8)
    for row in range(60):
        left = 45 - row // 2
        ink[row, left : left + 8] = ink[row, left + 22 : left + 30] = 255
    ink[30:32, 30:60] = 255  # the bridge
    found = cut(piece_of(ink), 60)
    whole = {tuple(part.box) for part in found}
    assert len(whole) == len(found) >= 2
    stroke = int((ink > 0).sum() - 60) // 2
    sizes = [
        int((join(found[first:end]).ink > 0).sum())
        for first in range(len(found))
        for end in range(first + 1, len(found) + 1)
    ]
    assert min(abs(size - stroke) for size in sizes) < 60  # some run of parts is one stroke, whole


def test_a_solid_block_stays_whole() -> None:
    block = piece_of(np.full((50, 60), 255, np.uint8))
    assert len(cut(block, 50)) == 1


def test_real_digits_that_touch_can_be_parted() -> None:
    rng, good = np.random.default_rng(0), 0
    pairs = list(zip(INDICES, reversed(INDICES), strict=True))
    for first, second in pairs:
        left, right = (cropped(enlarged(mnist_test().images[index])) for index in (first, second))
        whole, owners = touching(left, right, rng)
        parts = cut(piece_of(whole), len(whole))
        shares = []
        for end in range(1, len(parts)):
            x0, y0, x1, y1 = join(parts[:end]).box
            ink = join(parts[:end]).ink > 127
            held = [int((ink & owner[y0:y1, x0:x1]).sum()) / int(owner.sum()) for owner in owners]
            shares.append(held[0] - held[1])
        good += max(shares, default=0) > 0.8
    assert good >= 0.8 * len(pairs)
