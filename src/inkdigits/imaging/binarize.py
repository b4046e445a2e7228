"""Gray to ink: which side is paper, where the light falls unevenly, what is stroke and what is not."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.files import WORK_SIDE
from inkdigits.imaging.panels import even_polarity
from inkdigits.types import Gray, Ink

MIN_CONTRAST = 24  # of 255, between paper and ink in even light; below lies shadow and JPEG noise
MIN_RAW_CONTRAST = 12  # of 255, the same before the light was evened; below lies the grain of the sensor
PHOTO_SIDE = 300  # pixels; a larger picture may show more than the sheet
MIN_EDGE = 24  # of 255, between the rim of a sheet and the table beside it; light that falls off has no edge
SHEET, FULL = 0.25, 0.85  # of the picture, and of its own outline: a sheet of paper fills as much of both
MIN_RISE = 10  # of 255, within 3 pixels, a little blurred: the edge of a stroke has 30 or more, that of a shadow 4
EVEN_SIDE = 100  # pixels, on which the light of the paper is found
SMALL_SIDE = 64  # pixels; in smaller pictures a digit fills the frame and leaves no paper to estimate the light from


@dataclass(frozen=True, eq=False)
class InkMap:
    """The ink of a picture.

    Attributes:
        ink: uint8 (height, width), 0 = paper, 255 = ink, stroke edges kept soft.
        mask: bool (height, width), True where there is ink.
        dark_ink: True for dark ink on light paper, False for light on dark.
        scale: pixels of the gray picture for one of the ink.
    """

    ink: Ink
    mask: NDArray[np.bool_]
    dark_ink: bool
    scale: float


def find_ink(gray: Gray) -> InkMap | None:
    """Separate ink from paper.

    Dark panels with light writing are turned round, the polarity is read off the frame of the picture, the light is
    evened out by dividing by the paper's own brightness, and Otsu's threshold (1979) tells ink from paper.

    Args:
        gray: uint8 (height, width), 0 = black, 255 = white.

    Returns:
        The ink, or None when the picture is blank: nothing on it stands out from the paper.
    """
    scale = max(1.0, max(gray.shape) / WORK_SIDE)
    if scale > 1:
        size = (max(1, round(gray.shape[1] / scale)), max(1, round(gray.shape[0] / scale)))
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    gray = even_polarity(gray)
    if min(gray.shape) >= PHOTO_SIDE:
        gray = _sheet_alone(gray)
    dark_ink = _has_dark_ink(gray)
    raw = gray if dark_ink else 255 - gray  # from here on paper is bright, ink is dark
    is_large = min(gray.shape) >= SMALL_SIDE
    even = _even_light(raw) if is_large else raw
    dark = even <= _otsu(even)
    if dark.all() or not dark.any():
        return None
    # The ink's 20th percentile, since its soft edges are lighter.
    paper_level, ink_level = float(np.median(even[~dark])), float(np.percentile(even[dark], 20))
    contrast = paper_level - ink_level
    # Evening divided by the paper's brightness, which blows up the grain of dark paper; this multiplies it back.
    raw_contrast = contrast * float(np.median(raw[~dark])) / 255 if is_large else contrast
    if contrast < MIN_CONTRAST or raw_contrast < MIN_RAW_CONTRAST:
        return None
    # Otsu's threshold leans towards the larger class; half way between the two is where the edge of a stroke is.
    mask = even <= (paper_level + ink_level) / 2
    if min(gray.shape) >= PHOTO_SIDE:
        mask &= _has_edge(mask, even)
        if not mask.any():
            return None
    ink = (paper_level - even.astype(np.float32)) * (255 / contrast)
    # Further from a stroke than its soft edge lies paper grain.
    near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return InkMap(np.where(near, np.clip(ink, 0, 255), 0).astype(np.uint8), mask, dark_ink, scale)


def _has_edge(mask: NDArray[np.bool_], even: Gray) -> NDArray[np.bool_]:
    """Tell which pixels belong to a mark with an edge; a shadow has none."""
    rise = cv2.morphologyEx(cv2.blur(even, (5, 5)), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    with_edge = np.zeros(count, bool)
    with_edge[labels[rise >= MIN_RISE]] = True
    return np.asarray(with_edge[labels])


def _sheet_alone(gray: Gray) -> Gray:
    """Paint over what lies around a sheet of paper on a darker table, as bright as the sheet there."""
    if _bright_frame(gray) > 0.5:
        return gray
    bright = cv2.morphologyEx((gray > _otsu(gray)).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright, connectivity=4)
    if count == 1:
        return gray
    sheet = (labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8)
    outline = max(cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    if cv2.contourArea(hull) < SHEET * gray.size or cv2.contourArea(outline) < FULL * cv2.contourArea(hull):
        return gray  # light writing on a dark ground: it fills neither the picture nor its own outline
    whole = cv2.fillConvexPoly(np.zeros_like(gray), hull, 1)
    margin = max(3, min(gray.shape) // 40)
    square = np.ones((margin, margin), np.uint8)
    inside = cv2.erode(whole, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    beyond = cv2.dilate(whole, square) - whole
    rim = cv2.bitwise_and(cv2.dilate(beyond, square), whole)
    if not beyond.any() or np.median(gray[rim > 0]) - np.median(gray[beyond > 0]) < MIN_EDGE:
        return gray  # no edge of a sheet: the light falls off across the picture
    return np.where(inside > 0, gray, np.uint8(np.median(gray[inside > 0]))).astype(np.uint8)


def _has_dark_ink(gray: Gray) -> bool:
    """Decide the polarity: paper is what the frame shows, in even light where a shadow divides it."""
    share = _bright_frame(gray)
    if not 0.25 < share < 0.75:
        return share > 0.5
    if min(gray.shape) < SMALL_SIDE:
        return float((gray > _otsu(gray)).mean()) > 0.5
    # In doubt, as on a page that holds nothing but grain, ink is dark: evening the light of dark paper blows grain up.
    return _bright_frame(_even_light(gray)) + 0.3 >= _bright_frame(_even_light(255 - gray))


def _bright_frame(gray: Gray) -> float:
    """Return the share of the frame that is on the bright side."""
    bright = gray > _otsu(gray)
    margin = max(1, min(gray.shape) // 25)
    sides = bright[:margin], bright[-margin:], bright[:, :margin], bright[:, -margin:]
    return float(np.concatenate([side.ravel() for side in sides]).mean())


def _even_light(gray: Gray) -> Gray:
    """Divide by the brightness of the paper: a closing wider than any stroke, blurred, found on a small copy."""
    height, width = gray.shape
    scale = min(1.0, EVEN_SIDE / max(height, width))
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    reach = max(3, round(0.27 * min(size))) | 1  # no stroke is wider
    blur = max(3, round(2 * reach)) | 1
    # A square and a stack of boxes: a disc and a Gaussian give the same and take a hundred times as long.
    square = np.ones((reach, reach), np.uint8)
    # Both know one side only at the border: where the light falls off, they would take the paper there for brighter
    # than it is, and so for ink. What is left of a slope when a plane has been taken out is little.
    slope = _plane(cv2.morphologyEx(small, cv2.MORPH_CLOSE, square))
    level = cv2.stackBlur(cv2.morphologyEx(small / slope, cv2.MORPH_CLOSE, square), (blur, blur))
    paper = cv2.resize(slope * level, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray.astype(np.float32), np.maximum(paper, 1), scale=255).clip(0, 255).round().astype(np.uint8)


def _plane(paper: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return the plane that lies nearest to a picture, in the sense of least squares, at least 1."""
    rows, columns = (np.linspace(-1, 1, size, dtype=np.float32) for size in paper.shape)
    # Rows and columns are orthogonal to each other and to a constant, so each has its own coefficient.
    down = (paper.mean(axis=1) @ rows) / (rows @ rows)
    across = (paper.mean(axis=0) @ columns) / (columns @ columns)
    plane = paper.mean() + down * rows[:, None] + across * columns
    return np.asarray(np.maximum(plane, 1), np.float32)


def _otsu(gray: Gray) -> float:
    return float(cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0])
