"""Marks that were never digits: scribbles, what is left of forms, cloth and grain."""

import cv2
import numpy as np

from inkdigits.data.marks import SIDE
from inkdigits.types import Ink


def scribble(rng: np.random.Generator) -> Ink:
    """Draw a few wild strokes; one alone could be a digit."""
    ink, pen = np.zeros((SIDE, SIDE), np.uint8), int(rng.integers(2, 10))
    for _ in range(rng.integers(2, 6)):
        points = rng.uniform(8, SIDE - 8, (int(rng.integers(3, 7)), 2)).astype(np.float32)
        smooth = cv2.resize(points, (2, 40), interpolation=cv2.INTER_CUBIC)
        cv2.polylines(ink, [np.rint(smooth).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
    return ink


def form(rng: np.random.Generator) -> Ink:
    """Draw what is left of forms: corners, crosses, two lines; and filled shapes."""
    ink, pen = np.zeros((SIDE, SIDE), np.uint8), int(rng.integers(2, 10))
    x0, y0, x1, y1 = (int(rng.integers(low, low + 24)) for low in (8, 8, 60, 60))
    kind = rng.integers(5)
    if kind == 0:
        cv2.polylines(ink, [np.array([(x0, y0), (x0, y1), (x1, y1)])], False, 255, pen)
    elif kind == 1:
        cv2.line(ink, (x0, y0), (x1, y0), 255, pen)
        cv2.line(ink, (x0, y1), (x1, y1), 255, pen)
    elif kind == 2:
        cv2.line(ink, (x0, 48), (x1, 48), 255, pen)
        cv2.line(ink, (48, y0), (48, y1), 255, pen)
    else:
        corners = rng.uniform(8, SIDE - 8, (int(rng.integers(4, 9)), 2))
        cv2.fillPoly(ink, [np.rint(cv2.convexHull(corners.astype(np.float32))).astype(np.int32)], 255)
    return ink


def texture(rng: np.random.Generator) -> Ink:
    """Draw grain and cloth: noise of some coarseness inside a shape."""
    noise = cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE)).astype(np.float32), (0, 0), rng.uniform(0.8, 8))
    noise = (noise - noise.mean()) / max(1e-6, float(noise.std()))
    ink = np.clip(rng.uniform(90, 200) + 60 * noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        return np.where(noise > rng.uniform(-0.3, 1), 255, 0).astype(np.uint8)
    shape = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(rng.integers(1, 4)):
        x0, y0 = rng.integers(8, 50, 2)
        cv2.rectangle(
            shape, (int(x0), int(y0)), (int(x0 + rng.integers(12, 40)), int(y0 + rng.integers(12, 40))), 255, -1
        )
    return np.where(shape > 0, ink, 0).astype(np.uint8)
