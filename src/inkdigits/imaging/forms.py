"""Ink without what was printed beneath it: ruled and squared paper, form boxes, the frames of cells."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.binarize import InkMap
from inkdigits.imaging.normalize import stroke_width
from inkdigits.types import Gray

Mask = NDArray[np.bool_]

LONG = 0.45  # of the picture's short side: how long a straight line must be to be a printed one
PRINTED = 0.3  # of the coloured pixels: as many lie on long straight lines when the colour is a form's
MIN_COLOUR = 0.05  # between the largest and the smallest channel, paper being 1 in each: less is noise
CROSSED = 0.75  # of the print's brightness: where it is darker, a pen crossed it
SIDES = 0.8  # of a frame's side: how much of it must be drawn
THIN = 0.6  # of the pen: a rule is thinner
FRAME_SIDE = 200  # pixels, on which a mark is first looked at for being a frame
MAX_FRAMES = 40  # tried, the largest marks first
FINE = 0.15  # of a frame's smaller side: its lines are no thicker
EDGE = 0.04  # of the picture: a rule that ends as near to both edges runs through


def without_form_colour(rgb: NDArray[np.uint8]) -> Gray | None:
    """Return the gray picture without the colour of a printed form, or None when there is no such form.

    Where pixels of one colour make long straight lines, they were printed. In the largest channel coloured print is
    nearly as bright as paper, while a dark pen stays dark, as in the drop-out colours of form readers; what is left of
    the print is painted over with the paper around it.

    Args:
        rgb: uint8 (height, width, 3), dark ink on light paper.
    """
    paper = np.maximum(np.percentile(rgb[::4, ::4].reshape(-1, 3), 70, axis=0), 1)
    balance = np.minimum(255 * np.arange(256)[:, None] / paper, 255)
    balanced = cv2.LUT(rgb, np.rint(balance).astype(np.uint8)[None]).astype(np.uint8, copy=False)
    brightest, darkest = _extremes(balanced)
    colour = cv2.subtract(brightest, darkest)
    limit, _ = cv2.threshold(colour, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    limit = max(255 * MIN_COLOUR, limit)
    coloured = colour > limit
    reach = max(8, round(LONG * min(coloured.shape)))
    lines = _straight(coloured, reach, along=1) | _straight(coloured, reach, along=0)
    if int(lines.sum()) <= PRINTED * int(coloured.sum()):
        return None
    # Red, green and blue less their mean: the direction of a colour, whatever its strength.
    light = balanced.mean(axis=2)
    tint = balanced - light[..., None]
    towards = tint[lines].mean(axis=0)
    alike = (tint @ towards) / np.maximum(1e-6, np.linalg.norm(tint, axis=2) * np.linalg.norm(towards))
    faint = (colour > limit / 2) & (brightest > 0.7 * 255)
    around = cv2.dilate(brightest, np.ones((2 * reach // 3 | 1, 2 * reach // 3 | 1), np.uint8))
    faded = np.where(alike > 0.3, brightest, light)  # a pen of another colour keeps its own
    printed = (coloured | faint) & (alike > 0.7) & (light > CROSSED * np.median(light[lines]))
    gray: Gray = np.rint(np.where(printed, around, faded)).astype(np.uint8)
    return gray


def _extremes(rgb: NDArray[np.uint8]) -> tuple[Gray, Gray]:
    """Return the largest and the smallest channel of every pixel; numpy is slow along an axis of three."""
    red, green, blue = cv2.split(rgb)
    largest, smallest = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return largest.astype(np.uint8, copy=False), smallest.astype(np.uint8, copy=False)


def remove_forms(ink_map: InkMap) -> InkMap:
    """Take printed lines and frames out of the ink, and mend the strokes that crossed them.

    What is taken out: lines that run from edge to edge, and frames around other ink. When nothing would be left, the
    ink stays as it is: a one that fills its picture is no rule.
    """
    lines = _rules(ink_map.mask)
    mask = ink_map.mask & ~lines
    for frame in _frames(mask):
        lines = lines | frame
        mask = mask & ~frame
    if not lines.any() or int(mask.sum()) < 0.05 * int(ink_map.mask.sum()):
        return ink_map
    mended = _mended(ink_map.mask, mask, lines)
    edge = cv2.dilate(mended.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    ink = np.where(edge & ~(lines & ~mended), ink_map.ink, 0).astype(np.uint8)
    return replace(ink_map, ink=ink, mask=mended)


def _straight(mask: Mask, reach: int, *, along: int) -> Mask:
    """Return the pixels on straight lines of at least `reach` pixels, nearly along an axis (1 = along rows).

    What lies outside the picture counts as a line's continuation, so at its edge half of `reach` is enough.
    """
    slack = (3, 1) if along == 1 else (1, 3)  # a line that is a little askew steps to the next row
    thick = cv2.dilate(mask.astype(np.uint8), np.ones(slack, np.uint8))
    kernel = np.ones((1, reach) if along == 1 else (reach, 1), np.uint8)
    return cv2.morphologyEx(thick, cv2.MORPH_OPEN, kernel).astype(bool) & mask


def _rules(mask: Mask) -> Mask:
    """Return the lines that run through the whole picture, as on ruled or squared paper, without the pen's own strokes.

    Writing that fills its picture has such strokes too. Rules come in threes, upright ones beside level ones, or are
    thinner than the pen.
    """
    level, thickness = _rules_along(mask, 1, come_in_threes=True)
    squared = len(thickness) >= 3
    upright, others = _rules_along(mask, 0, come_in_threes=squared)
    # Where ink is much thicker than a rule, a pen was drawn along it or across.
    level_alone = level & ~_thicker(mask & ~upright, thickness, along=0)
    upright_alone = upright & ~_thicker(mask & ~level, others, along=1)
    return level_alone | upright_alone


def _rules_along(mask: Mask, along: int, *, come_in_threes: bool) -> tuple[Mask, list[float]]:
    """Return the rules of one direction (1 = along rows), and how thick each is in pixels."""
    found, length = np.zeros_like(mask), mask.shape[along]
    lines = _straight(mask, max(8, round(0.3 * length)), along=along)
    if not lines.any():
        return found, []
    closing = np.ones((3, max(3, length // 8)) if along == 1 else (max(3, length // 8), 3), np.uint8)
    joined = cv2.morphologyEx(lines.astype(np.uint8), cv2.MORPH_CLOSE, closing)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    through: list[tuple[int, float]] = []
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        start, extent = (x, w) if along == 1 else (y, h)
        if start <= EDGE * length + 1 and start + extent >= (1 - EDGE) * length - 1:
            through.append((index, area / extent))
    pen = stroke_width(mask & ~lines) if through else 0.0
    # Upright strokes that reach both edges are ones, unless the paper is squared.
    many = len(through) >= 3 and come_in_threes
    rules = [(index, thickness) for index, thickness in through if many or thickness <= THIN * pen]
    found |= lines & np.isin(labels, [index for index, _ in rules])
    return found, [thickness for _, thickness in rules]


def _thicker(mask: Mask, thickness: list[float], *, along: int) -> Mask:
    """Return the ink that runs on for more than twice a rule's thickness across it."""
    if not thickness:
        return np.zeros_like(mask)
    reach = round(2 * float(np.median(thickness))) + 2
    kernel = np.ones((1, reach) if along == 1 else (reach, 1), np.uint8)
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel).astype(bool)


def _frames(mask: Mask) -> list[Mask]:
    """Return the frames around other ink, each without what is written into it."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    frames = []
    for index in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:MAX_FRAMES] + 1:
        x, y, w, h, area = (int(value) for value in stats[index])
        if min(w, h) < 24 or area > 0.5 * w * h:
            continue
        part = labels[y : y + h, x : x + w] == index
        shrink = -(-max(w, h) // FRAME_SIDE)
        if not _has_four_sides(_shrunk(part, shrink)):
            continue
        reach = max(6, round(SIDES * min(w, h)))
        lines = _straight(part, reach, along=1) | _straight(part, reach, along=0)
        if stroke_width(lines) > FINE * min(w, h) or not _has_four_sides(lines):
            continue
        inside = mask[y : y + h, x : x + w] & ~lines
        if int(inside[h // 5 : h - h // 5, w // 5 : w - w // 5].sum()) < 0.01 * w * h:
            continue  # an empty box, or a zero with square corners
        whole = np.zeros_like(mask)
        whole[y : y + h, x : x + w] = lines
        frames.append(whole)
    return frames


def _shrunk(mask: Mask, factor: int) -> Mask:
    """Return a mask at a fraction of its size, True where any of its pixels is."""
    height, width = (-(-side // factor) * factor for side in mask.shape)
    padded = np.pad(mask, ((0, height - mask.shape[0]), (0, width - mask.shape[1])))
    return np.asarray(padded.reshape(height // factor, factor, width // factor, factor).any(axis=(1, 3)))


def _has_four_sides(lines: Mask) -> bool:
    """Tell whether a straight line lies along each side of the box."""
    height, width = lines.shape
    return all(
        _longest_row(side) >= SIDES
        for side in (
            lines[: height // 5],
            lines[-(height // 5) :],
            lines[:, : width // 5].T,
            lines[:, -(width // 5) :].T,
        )
    )


def _longest_row(side: Mask) -> float:
    """Return the largest share of the length that a few neighbouring rows cover."""
    rows = max(3, side.shape[1] // 25)
    covered = [side[top : top + rows].any(axis=0).mean() for top in range(max(1, side.shape[0] - rows + 1))]
    return float(max(covered))


def _mended(before: Mask, after: Mask, lines: Mask) -> Mask:
    """Close the gaps that removed lines leave in strokes that crossed them."""
    thickness = 2 * float(cv2.distanceTransform(lines.astype(np.uint8), cv2.DIST_L2, 3).max())
    reach = max(3, round(1.5 * thickness) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    closed = cv2.morphologyEx(after.astype(np.uint8), cv2.MORPH_CLOSE, kernel).astype(bool)
    return after | (closed & before & lines)
