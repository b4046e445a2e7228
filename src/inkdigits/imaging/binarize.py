"""Gray to ink: which side is paper, where the light falls unevenly, what is stroke and what is not."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.types import Gray, Ink

WORK_SIDE = 1_600  # pixels; a pen stroke in a photo is still several wide, and everything stays fast
MIN_CONTRAST = 24  # of 255, between paper and ink; below lies paper grain, shadow and JPEG noise
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
    paper_up = gray if dark_ink else 255 - gray  # from here on paper is bright, ink is dark
    if min(gray.shape) >= SMALL_SIDE:
        paper_up = _even_light(paper_up)
    threshold = _otsu(paper_up)
    mask = paper_up <= threshold
    if mask.all() or not mask.any():
        return None
    paper_level, ink_level = float(np.median(paper_up[~mask])), float(np.percentile(paper_up[mask], 20))
    if paper_level - ink_level < MIN_CONTRAST:
        return None
    ink = (paper_level - paper_up.astype(np.float32)) * (255 / (paper_level - ink_level))
    # Below the threshold's own height lies paper grain; a soft edge is wanted only around strokes.
    near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return InkMap(np.where(near, np.clip(ink, 0, 255), 0).astype(np.uint8), mask, dark_ink, scale)


def _has_dark_ink(gray: Gray) -> bool:
    """Decide the polarity: paper is what the frame shows; if the frame is divided, what the picture has more of."""
    bright = gray > _otsu(gray)
    margin = max(1, min(gray.shape) // 25)
    frame = np.concatenate(
        [
            bright[:margin].ravel(),
            bright[-margin:].ravel(),
            bright[:, :margin].ravel(),
            bright[:, -margin:].ravel(),
        ]
    )
    share = float(frame.mean())
    return share > 0.5 if not 0.35 < share < 0.65 else float(bright.mean()) > 0.5


def _even_light(gray: Gray) -> Gray:
    """Divide by the brightness of the paper: a closing wider than any stroke, blurred, found on a small copy."""
    height, width = gray.shape
    small_scale = min(1.0, 200 / max(height, width))
    size = (max(3, round(width * small_scale)), max(3, round(height * small_scale)))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    reach = max(3, min(size) // 3) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    paper = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), reach / 3)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray, np.maximum(paper, 1), scale=255).astype(np.uint8)


def _otsu(gray: Gray) -> float:
    return float(cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0])
