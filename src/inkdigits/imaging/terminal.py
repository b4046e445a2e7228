"""A digit as a terminal shows it."""

import numpy as np

from inkdigits.types import Ink

SHADES = " .:-=+*#%@"  # from paper to ink


def blocks(image: Ink) -> str:
    """Draw a digit for a terminal of 256 colours: two rows of pixels a line, in shades of grey."""
    shades = 232 + np.asarray(image, np.int64) * 23 // 255  # the 24 greys of the palette
    lines = []
    for top, bottom in zip(shades[::2], shades[1::2], strict=True):
        cells = "".join(f"\x1b[38;5;{a};48;5;{b}m▀" for a, b in zip(top, bottom, strict=True))
        lines.append(f"{cells}\x1b[0m")
    return "\n".join(lines)


def letters(image: Ink) -> str:
    """Draw a digit with letters, for a terminal without colours or a file: a row a line, two letters a pixel."""
    return "\n".join("".join(SHADES[int(ink) * len(SHADES) // 256] * 2 for ink in row).rstrip() for row in image)


def without_margin(image: Ink) -> Ink:
    """Return the part of an image that has ink, (0, 0) if nothing has."""
    rows, columns = np.flatnonzero(image.max(axis=1)), np.flatnonzero(image.max(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else image[:0, :0]
