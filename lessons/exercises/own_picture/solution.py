"""A picture made as MNIST made its digits."""

import numpy as np
from PIL import Image


def mnist_image(ink):
    """Return one digit's ink, uint8 (height, width), as MNIST would have it: uint8 (28, 28)."""
    image = np.zeros((28, 28), np.uint8)
    if not ink.any():
        return image
    small = scaled(cropped(ink))  # the longer side has 20 pixels
    top, left = place(small, axis=1), place(small, axis=0)
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image


def cropped(ink):
    """Return the smallest rectangle that holds all ink."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scaled(ink):
    """Return the ink with its longer side at 20 pixels, in proportion."""
    height, width = (max(1, round(side * 20 / max(ink.shape))) for side in ink.shape)
    return np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX))


def place(small, axis):
    """Return where the first row (axis=1) or column (axis=0) goes, so that the mean place of the ink is 14."""
    weights = small.sum(axis=axis)  # ink of each row or column
    centre = weights @ np.arange(len(weights)) / weights.sum()
    return int(np.clip(round(14 - centre), 0, 28 - len(weights)))
