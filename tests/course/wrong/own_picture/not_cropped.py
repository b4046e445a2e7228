# expects: crop to the ink before you scale
import numpy as np
from PIL import Image


def mnist_image(ink):
    image = np.zeros((28, 28), np.uint8)
    if not ink.any():
        return image
    scale = 20 / max(ink.shape)
    height, width = max(1, round(ink.shape[0] * scale)), max(1, round(ink.shape[1] * scale))
    small = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX))
    row = (small.sum(axis=1) * np.arange(height)).sum() / small.sum()
    column = (small.sum(axis=0) * np.arange(width)).sum() / small.sum()
    top = min(max(round(14 - row), 0), 28 - height)
    left = min(max(round(14 - column), 0), 28 - width)
    image[top : top + height, left : left + width] = small
    return image
