"""Marks drawn and changed as pens, hands, cameras and forms do: what synthetic training images are made of.

Every mark is ink, uint8 (height, width), 0 = paper, 255 = ink, of any size.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inkdigits.types import Ink

SIDE = 96  # pixels of the canvas that a mark is drawn on


@cache
def glyph(font: str, text: str) -> Ink:
    """Return the ink of a text, cropped; what the font lacks shows as its box for missing characters."""
    letters = ImageFont.truetype(font, SIDE)
    left, top, right, bottom = (int(edge) for edge in letters.getbbox(text))
    image = Image.new("L", (max(1, right - left) + 8, max(1, bottom - top) + 8))
    ImageDraw.Draw(image).text((4 - left, 4 - top), text, fill=255, font=letters)
    ink = np.asarray(image)
    scale = SIDE * 0.8 / max(ink.shape)
    return cropped(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8))


def enlarged(image: NDArray[np.uint8]) -> Ink:
    """Return an image of MNIST at four times its size, with edges as sharp as a pen's."""
    image = cropped(image)
    full = (image * (255 / max(1, int(image.max())))).astype(np.uint8)
    large = cv2.resize(full, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), 1.2)
    return np.clip((large.astype(np.float32) - 127) * 3 + 127, 0, 255).astype(np.uint8)


def photographed(image: NDArray[np.uint8], rng: np.random.Generator) -> Ink:
    """Return an image of MNIST as a picture of it would show it: larger, with softer or harder edges."""
    scale = rng.uniform(1.2, 6)
    large = cv2.resize(cropped(image), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    level, contrast = rng.uniform(90, 160), rng.uniform(1, 3)
    ink: Ink = np.clip((large - level) * contrast + level, 0, 255).astype(np.uint8)
    return ink


def habit(ink: Ink, label: int, rng: np.random.Generator) -> Ink:
    """Give some ones a flag and a foot, some sevens a bar, some nines a tail, and some fours their other shape."""
    if label not in (1, 4, 7, 9) or rng.random() < (0.4 if label in (1, 7) else 0.75):
        return ink
    height = len(ink)
    pad = height // 2
    canvas = cv2.copyMakeBorder(ink, 6, 6, pad, pad, cv2.BORDER_CONSTANT).astype(np.uint8)
    pen = max(2, round(2 * float(cv2.distanceTransform((canvas > 127).astype(np.uint8), cv2.DIST_L2, 3).max())))
    if label == 4:
        return _open_four(height, pen, rng)
    mask = canvas > 127
    rows = np.flatnonzero(mask.any(axis=1))
    top, bottom = int(rows[0]) + pen // 2, int(rows[-1]) - pen // 2
    head, foot = _middle(mask, top), _middle(mask, bottom)
    if label == 7:
        row = int(top + (bottom - top) * rng.uniform(0.4, 0.65))
        middle, reach, tilt = _middle(mask, row), height * rng.uniform(0.15, 0.3), rng.uniform(-3, 3)
        _stroke(canvas, pen, (middle - reach, row + tilt), (middle + reach, row - tilt))
    elif label == 9:
        reach, rise = height * rng.uniform(0.25, 0.7), height * rng.uniform(-0.03, 0.15)
        _stroke(canvas, pen, (foot, bottom), (foot - reach * 0.5, bottom), (foot - reach, bottom - rise))
    else:
        length = height * rng.uniform(0.15, 0.7)
        slope = np.radians(rng.uniform(10 + 20 * length / height, 65))  # a long flat flag would make a seven of it
        _stroke(canvas, pen, (head, top), (head - length * np.cos(slope), top + length * np.sin(slope)))
        if rng.random() < 0.5:
            reach = height * rng.uniform(0.12, 0.35)
            _stroke(canvas, pen, (foot - reach, bottom), (foot + reach, bottom))
    return canvas


def _open_four(height: int, pen: int, rng: np.random.Generator) -> Ink:
    """Draw a four as two strokes: down to the left and across, and a short bar through the end of it."""
    canvas = np.zeros((height + 12, height + 12), np.uint8)
    low, bar = rng.uniform(0.5, 0.85), rng.uniform(0.55, 0.8)
    width = rng.uniform(0.6, 0.95)
    corner = (rng.uniform(0, 0.15), low - rng.uniform(0, 0.15))
    first = [(rng.uniform(0.3, 0.7), 0.0), corner, (0.25, low), (1.0, low - rng.uniform(-0.05, 0.15))]
    second = [
        (bar + rng.uniform(-0.05, 0.12), low - rng.uniform(0.05, 0.4)),
        (bar, min(1.0, low + rng.uniform(0.12, 0.5))),
    ]
    for points in (first, second):
        _stroke(canvas, pen, *((6 + x * width * height, 6 + y * height) for x, y in points))
    return canvas


def _stroke(canvas: Ink, pen: int, *points: tuple[float, float]) -> None:
    cv2.polylines(canvas, [np.rint(np.array(points)).astype(np.int32)], False, 255, pen, cv2.LINE_AA)


def _middle(mask: NDArray[np.bool_], row: int) -> float:
    """Return where the ink of a row has its middle; of an empty row, where all ink has it."""
    columns = np.flatnonzero(mask[row] if mask[row].any() else mask.any(axis=0))
    return float(columns.mean())


def deformed(ink: Ink, rng: np.random.Generator) -> Ink:
    """Bend, stretch, slant and turn a mark a little."""
    height, width = ink.shape
    side = max(height, width)
    margin = side // 4 + 2
    rows, columns = np.mgrid[0 : height + 2 * margin, 0 : width + 2 * margin].astype(np.float32)
    angle, shear = np.radians(rng.uniform(-10, 10)), rng.uniform(-0.2, 0.2)
    stretch = np.exp(rng.uniform(-0.3, 0.3))
    x, y = columns - columns.mean(), rows - rows.mean()
    turned_x = (np.cos(angle) * x + np.sin(angle) * y) * stretch + shear * y
    turned_y = (-np.sin(angle) * x + np.cos(angle) * y) / stretch
    bend = rng.uniform(0, 0.045) * side
    size = (rows.shape[1], rows.shape[0])
    field = [cv2.resize(rng.normal(size=(4, 4)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC) for _ in "xy"]
    map_x = (turned_x + width / 2 + bend * field[0]).astype(np.float32)
    map_y = (turned_y + height / 2 + bend * field[1]).astype(np.float32)
    return cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR).astype(np.uint8)


def with_pen(ink: Ink, rng: np.random.Generator) -> Ink:
    """Write a mark with another pen: thicker, thinner, or with the even line of a ball pen along its middle."""
    kind = rng.random()
    if kind < 0.4:
        return ink
    if kind < 0.75:
        margin = 8
        ink = cv2.copyMakeBorder(ink, margin, margin, margin, margin, cv2.BORDER_CONSTANT).astype(np.uint8)
        distance = cv2.distanceTransform((ink > 127).astype(np.uint8), cv2.DIST_L2, 5)
        middle = ((distance > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3))) - 0.3)).astype(np.uint8) * 255
        pen = int(rng.integers(3, 13))
        return cv2.dilate(middle, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen, pen))).astype(np.uint8)
    reach = int(rng.integers(2, 6))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    if kind < 0.9:
        return cv2.dilate(cv2.copyMakeBorder(ink, 6, 6, 6, 6, cv2.BORDER_CONSTANT), kernel).astype(np.uint8)
    thinner = cv2.erode(ink, kernel)
    return thinner.astype(np.uint8) if (thinner > 127).sum() > 0.3 * (ink > 127).sum() else ink


def worn(ink: Ink, rng: np.random.Generator) -> Ink:
    """Blur, coarsen and roughen some marks, as cameras, scanners and pencils do; never until nothing is left."""
    kind, old = rng.random(), ink
    if kind < 0.25:
        old = cv2.GaussianBlur(ink, (0, 0), rng.uniform(1, 4)).astype(np.uint8)
    elif kind < 0.45:  # a scan of few pixels
        scale = rng.uniform(15, 30) / max(ink.shape)
        old = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
        if rng.random() < 0.4:
            old = np.where(old > rng.uniform(60, 140), 255, 0).astype(np.uint8)
    elif kind < 0.65:  # a pencil leaves gaps
        grain = cv2.GaussianBlur(rng.uniform(0, 255, ink.shape).astype(np.float32), (0, 0), rng.uniform(0.7, 2))
        grain = (grain - grain.mean()) / max(1e-3, float(grain.std()))
        old = (ink * np.clip(1 + rng.uniform(0.1, 0.5) * grain, 0, 1)).astype(np.uint8)
    is_left = int(old.max(initial=0)) > 100 and float(old.mean()) > 0.4 * float(ink.mean())
    return old if is_left else ink


def specks(ink: Ink, rng: np.random.Generator) -> Ink:
    """Leave on some digits what cutting them out leaves: a speck, or the tip of a neighbour's stroke."""
    if rng.random() > 0.12 or min(ink.shape) < 24:
        return ink
    ink, (height, width) = ink.copy(), ink.shape
    x, y = (rng.choice((0.08, 0.92)) * width, rng.uniform(0.05, 0.95) * height)
    length, angle, pen = rng.uniform(0, 0.12) * height, rng.uniform(0, np.pi), int(rng.integers(2, 6))
    end = round(x + length * np.cos(angle)), round(y + length * np.sin(angle))
    cv2.line(ink, (round(x), round(y)), end, 255, pen, cv2.LINE_AA)
    return ink


def beside(left: Ink, right: Ink, *, gap: int) -> Ink:
    """Put two marks in a row; the gap may be negative."""
    height = max(left.shape[0], right.shape[0])
    gap = max(gap, 4 - min(left.shape[1], right.shape[1]))
    row = np.zeros((height, left.shape[1] + gap + right.shape[1]), np.uint8)
    for mark, x in ((left, 0), (right, left.shape[1] + gap)):
        y = (height - mark.shape[0]) // 2
        part = row[y : y + mark.shape[0], x : x + mark.shape[1]]
        np.maximum(part, mark, out=part)
    return row


def touching(
    left: Ink, right: Ink, rng: np.random.Generator, *, overlap: int = 4
) -> tuple[Ink, list[NDArray[np.bool_]]]:
    """Push two marks together until they touch, and less than `overlap` pixels on; return their ink, and its owners."""
    height = max(len(left), len(right)) + 12
    page = np.zeros((2, height, left.shape[1] + right.shape[1]), np.uint8)
    tops = [int(rng.integers(0, height - len(mark) + 1)) for mark in (left, right)]
    tops = [round(0.3 * top + 0.7 * (height - len(mark)) / 2) for top, mark in zip(tops, (left, right), strict=True)]
    page[0, tops[0] : tops[0] + len(left), : left.shape[1]] = left
    for x in range(left.shape[1], -1, -1):
        under = page[0, tops[1] : tops[1] + len(right), x : x + right.shape[1]]
        if (np.minimum(under, right) > 100).any() or x == 0:
            break
    x = max(0, x - int(rng.integers(0, overlap)))
    page[1, tops[1] : tops[1] + len(right), x : x + right.shape[1]] = right
    whole = page.max(axis=0)
    columns = np.flatnonzero(whole.any(axis=0))
    page = page[:, :, : columns[-1] + 1]
    return page.max(axis=0), [page[0] > 127, (page[1] > 127) & (page[0] <= 127)]


def cropped(ink: Ink) -> Ink:
    """Return a mark without the paper around it; of an empty one, a dot."""
    rows, columns = np.flatnonzero(ink.max(axis=1) > 40), np.flatnonzero(ink.max(axis=0) > 40)
    if not len(rows) or not len(columns):
        return np.full((2, 2), 255, np.uint8)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
