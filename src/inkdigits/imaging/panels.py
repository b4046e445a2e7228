"""Parts of a picture whose polarity is the other way round: white digits on a dark panel beside dark ink on paper."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.normalize import stroke_width
from inkdigits.types import Gray

MIN_SIDE = 48  # pixels of a panel: digits in a smaller one could not be read
MIN_AREA = 0.03  # of the picture
MAX_AREA = 0.75  # of the picture: a larger one is the ground itself
FULL = 0.9  # of the smallest rectangle around it, holes filled: a panel is a rectangle, a digit is none
WRITTEN = 0.01, 0.4  # of the panel: as much of it is light strokes
MAX_STROKE = 0.12  # of the panel's smaller side: the paper inside a square zero is wider
RIM = 40  # a panel's smaller side for a pixel of its rim, which is painted over: edges are soft
MIN_WRITING = 0.25  # of the panel's height: the paper inside a fat eight is lower


def even_polarity(gray: Gray) -> Gray:
    """Turn dark panels with light writing on them into light ones with dark writing.

    Args:
        gray: uint8 (height, width), 0 = black, 255 = white.

    Returns:
        The picture itself where there is no such panel, otherwise a copy.
    """
    turned = gray
    for box, inside in _panels(gray):
        turned = turned.copy() if turned is gray else turned
        part = turned[box]
        ground = part[inside > 0]
        level = int(ground.max()) + int(ground.min())
        rim = max(3, min(part.shape) // RIM)
        kernel = np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)
        core = cv2.erode(inside, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1) > 0
        paper = np.uint8(level - np.median(ground))  # a panel is mostly its ground
        flipped = (level - part.astype(np.int16)).clip(0, 255).astype(np.uint8)
        around = cv2.dilate(inside, kernel) > 0
        turned[box] = np.where(core, flipped, np.where(around, paper, part))
    return turned


def _panels(gray: Gray) -> list[tuple[tuple[slice, slice], NDArray[np.uint8]]]:
    """Return every dark panel with light writing on it: rows and columns around it, and where in them it is, as 1."""
    if min(gray.shape) < MIN_SIDE:
        return []
    _, dark = cv2.threshold(gray, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    found = []
    for index in range(1, len(stats)):
        x, y, w, h, area = (int(value) for value in stats[index])
        if min(w, h) < MIN_SIDE or not MIN_AREA * gray.size < w * h < MAX_AREA * gray.size:
            continue
        if (1 - WRITTEN[1]) * FULL * w * h >= area:
            continue
        inside = _panel(labels[y : y + h, x : x + w] == index)
        if inside is None:
            continue
        room = 2 * max(3, min(w, h) // RIM)  # for the rim outside
        top, left = max(0, y - room), max(0, x - room)
        box = slice(top, y + h + room), slice(left, x + w + room)
        whole = np.zeros(gray[box].shape, np.uint8)
        whole[y - top : y - top + h, x - left : x - left + w] = inside
        found.append((box, whole))
    return found


def _panel(dark: NDArray[np.bool_]) -> NDArray[np.uint8] | None:
    """Return the rectangle that a dark mark, cropped, fills but for strokes left out of it; None where it does not."""
    outlines, _ = cv2.findContours(dark.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = cv2.drawContours(np.zeros(dark.shape, np.uint8), outlines, -1, 1, cv2.FILLED).astype(np.uint8)
    light = (filled > 0) & ~dark
    width, height = cv2.minAreaRect(np.concatenate(outlines))[1]
    if filled.sum() < FULL * width * height or not WRITTEN[0] < light.sum() / dark.size < WRITTEN[1]:
        return None
    _, _, stats, _ = cv2.connectedComponentsWithStats(light.astype(np.uint8), connectivity=8)
    tallest = int(stats[1:, cv2.CC_STAT_HEIGHT].max())
    is_written = tallest > MIN_WRITING * len(dark) and stroke_width(light) < MAX_STROKE * min(dark.shape)
    return filled if is_written else None
