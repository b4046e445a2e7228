"""Gray to ink: which side is paper, where the light falls unevenly, what is stroke and what is not."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.types import Gray, Ink

WORK_SIDE = 1_600  # pixels; a pen stroke in a photo is still several wide, and everything stays fast
MIN_CONTRAST = 24  # of 255, between paper and ink in even light; below lies shadow and JPEG noise
MIN_RAW_CONTRAST = 12  # of 255, the same before the light was evened; below lies the grain of the sensor
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

    The polarity is read off the frame of the picture, the light is evened out by dividing by the paper's own
    brightness, and Otsu's threshold (1979) tells ink from paper.

    Args:
        gray: uint8 (height, width), 0 = black, 255 = white.

    Returns:
        The ink, or None when the picture is blank: nothing on it stands out from the paper.
    """
    scale = max(1.0, max(gray.shape) / WORK_SIDE)
    if scale > 1:
        size = (max(1, round(gray.shape[1] / scale)), max(1, round(gray.shape[0] / scale)))
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
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
    ink = (paper_level - even.astype(np.float32)) * (255 / contrast)
    # Further from a stroke than its soft edge lies paper grain.
    near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return InkMap(np.where(near, np.clip(ink, 0, 255), 0).astype(np.uint8), mask, dark_ink, scale)


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
    small, kernel = _small_copy(gray)
    paper = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), kernel.shape[0] / 3)
    paper = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, np.maximum(paper, 1), scale=255).astype(np.uint8)


def _small_copy(gray: Gray) -> tuple[Gray, NDArray[np.uint8]]:
    """Return the picture at no more than 200 pixels, and a disc as wide as a third of its short side."""
    height, width = gray.shape
    scale = min(1.0, 200 / max(height, width))
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    reach = max(3, min(size) // 3) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)).astype(np.uint8)
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.uint8), kernel


def _otsu(gray: Gray) -> float:
    return float(cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0])
