"""Every stage of a reading as one picture, down to what the network saw."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inkdigits.reading.result import Digit, Reading
from inkdigits.types import Gray

PANEL, GAP, HEAD = 280, 24, 34  # pixels
FEW = 2  # digits, which get panels of their own
PAPER, INK, SOFT, ACCENT = "#ffffff", "#1c1c1e", "#8a8a90", "#ee6677"


def draw_trace(reading: Reading) -> Image.Image:
    """Draw the picture with its box, the ink, the 28x28 image and the probabilities, side by side."""
    panels = [("picture, box found", _picture(reading))]
    if reading.ink is not None:
        panels.append(("ink, without paper and light", _fitted(255 - reading.ink)))
    if len(reading.digits) > FEW:
        panels.append(("28 x 28 each, what the network sees", _thumbnails(reading)))
    for digit in reading.digits if len(reading.digits) <= FEW else ():
        seen = Image.fromarray(255 - digit.image).resize((PANEL, PANEL), Image.Resampling.NEAREST)
        panels.append(("28 x 28, what the network sees", seen))
        panels.append((f"read: {digit.label}", _bars(digit)))
    if not reading.digits:
        panels.append(("no digit", _message(reading.warnings[-1] if reading.warnings else "not a digit")))
    sheet = Image.new("RGB", (GAP + (PANEL + GAP) * len(panels), HEAD + PANEL + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (title, panel) in enumerate(panels):
        left = GAP + (PANEL + GAP) * number
        draw.text((left, 10), f"{number + 1}  {title}", fill=INK, font=_font(15))
        sheet.paste(panel.convert("RGB"), (left, HEAD))
        draw.rectangle((left - 1, HEAD - 1, left + PANEL, HEAD + PANEL), outline="#d8d8dc")
    return sheet


def trace_png(reading: Reading) -> bytes:
    """Return the trace as the bytes of a PNG file."""
    buffer = io.BytesIO()
    draw_trace(reading).save(buffer, format="PNG")
    return buffer.getvalue()


def _picture(reading: Reading) -> Image.Image:
    panel = _fitted(reading.gray).convert("RGB")
    height, width = reading.gray.shape
    scale = PANEL / max(height, width)
    left, top = (PANEL - width * scale) / 2, (PANEL - height * scale) / 2
    for digit in reading.digits:
        # Boxes count in pixels of the original; a large photo was decoded smaller.
        x0, y0, x1, y1 = (edge * scale / reading.scale for edge in digit.box_xyxy)
        box = (left + x0 - 3, top + y0 - 3, left + x1 + 3, top + y1 + 3)
        ImageDraw.Draw(panel).rectangle(box, outline=ACCENT, width=2)
    return panel


def _fitted(gray: Gray) -> Image.Image:
    """Scale a picture to fit the panel, its proportions kept."""
    panel = Image.new("L", (PANEL, PANEL), 244)
    height, width = gray.shape
    scale = PANEL / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.NEAREST
    panel.paste(
        Image.fromarray(np.ascontiguousarray(gray)).resize(size, method),
        ((PANEL - size[0]) // 2, (PANEL - size[1]) // 2),
    )
    return panel


def _thumbnails(reading: Reading) -> Image.Image:
    """Lay out what the network saw of every digit, each above its label."""
    panel = Image.new("RGB", (PANEL, PANEL), PAPER)
    draw = ImageDraw.Draw(panel)
    fitting = (count for count in range(3, 20) if count * (PANEL // (PANEL // count + 16)) >= len(reading.digits))
    columns = next(fitting, 20)
    side = PANEL // columns
    for number, digit in enumerate(reading.digits[: columns * (PANEL // (side + 16))]):
        left, top = number % columns * side, number // columns * (side + 16)
        panel.paste(Image.fromarray(255 - digit.image).resize((side - 4, side - 4)), (left + 2, top + 2))
        text = f"{digit.label} {digit.probability:.0%}" if side > 40 else digit.label
        draw.text((left + side / 2, top + side + 4), text, fill=INK, font=_font(11), anchor="mm")
    return panel


def _bars(digit: Digit) -> Image.Image:
    panel = Image.new("RGB", (PANEL, PANEL), PAPER)
    draw = ImageDraw.Draw(panel)
    row = PANEL / len(digit.probabilities)
    for number, (name, probability) in enumerate(digit.probabilities.items()):
        top, colour = number * row, ACCENT if name == digit.label else SOFT
        draw.text((12, top + row / 2), name, fill=INK, font=_font(15), anchor="lm")
        margin = min(7.0, row / 4)
        draw.rectangle((34, top + margin, 34 + max(1, 160 * probability), top + row - margin), fill=colour)
        draw.text((PANEL - 10, top + row / 2), f"{probability:.1%}", fill=INK, font=_font(13), anchor="rm")
    return panel


def _message(text: str) -> Image.Image:
    panel = Image.new("RGB", (PANEL, PANEL), PAPER)
    words = text.replace(": ", ":\n").replace(" from ", "\nfrom ")
    ImageDraw.Draw(panel).multiline_text(
        (PANEL / 2, PANEL / 2), words, fill=INK, font=_font(15), anchor="mm", align="center"
    )
    return panel


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
