"""A picture with boxes and words drawn over it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inkdigits.types import Gray

MIN_SIDE = 400  # pixels; a smaller picture is enlarged, so that the words fit


@dataclass(frozen=True)
class Labelled:
    """A box with a word above it.

    Attributes:
        box_xyxy: left, top, right, bottom in pixels of the picture.
        word: what stands above.
        colour: of both, as CSS writes it.
    """

    box_xyxy: tuple[float, float, float, float]
    word: str
    colour: str


def draw_boxes(gray: Gray, boxes: Sequence[Labelled]) -> Image.Image:
    """Draw boxes over a picture and return it in RGB, enlarged where it is small."""
    height, width = gray.shape
    scale = max(1.0, MIN_SIDE / max(1, height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if gray.size == 0:
        return Image.new("RGB", size)
    sheet = Image.fromarray(np.ascontiguousarray(gray)).resize(size, Image.Resampling.LANCZOS).convert("RGB")
    draw = ImageDraw.Draw(sheet)
    for box in boxes:
        x0, y0, x1, y1 = (edge * scale for edge in box.box_xyxy)
        text, line = max(12, round(min(0.4 * (y1 - y0), 0.05 * max(size)))), max(1, round(max(size) / 400))
        draw.rectangle((x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), outline=box.colour, width=line)
        draw.text((x0, max(text, y0 - 2)), box.word, fill=box.colour, font=ImageFont.load_default(text), anchor="ls")
    return sheet
