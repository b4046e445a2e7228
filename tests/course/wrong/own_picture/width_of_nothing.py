# expects: 1 pixel at least
import numpy as np
from PIL import Image


def mnist_image(ink):
    image = np.zeros((28, 28), np.uint8)
    if not ink.any():
        return image
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(ink.shape)
    height, width = round(ink.shape[0] * scale), round(ink.shape[1] * scale)
    small = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX))
    row = (small.sum(axis=1) * np.arange(height)).sum() / small.sum()
    column = (small.sum(axis=0) * np.arange(width)).sum() / small.sum()
    top = min(max(round(14 - row), 0), 28 - height)
    left = min(max(round(14 - column), 0), 28 - width)
    image[top : top + height, left : left + width] = small
    return image
