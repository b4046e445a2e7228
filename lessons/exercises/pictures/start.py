"""Exercise: any picture into a square, without distortion, and normalised.

Write the two functions with torch's arithmetic; `F.interpolate` and `F.pad` are yours to use. No torchvision, no PIL.
An image is float (C, H, W); C is 1 or 3, H and W are anything. Return new tensors and leave the image as it is.

- `fit_square(image, side, fill)`: the image in a square, float (C, side, side). The longer of its two sides becomes
  `side` pixels long. The other keeps the proportion: it is rounded to whole pixels and never less than 1. Where the
  picture shrinks, every old pixel counts. It lies in the middle (one pixel off where the rest is odd), and the pixels
  beside it are `fill`.
- `normalise(image, mean, std)`: subtract the mean and divide by the standard deviation, channel by channel. `mean` and
  `std` are lists of C numbers.

Check it with: inkdigits learn check pictures pictures_exercise.py
"""

import torch
from torch.nn import functional as F


def fit_square(image, side, fill):
    """Return an image (C, H, W) as (C, side, side): all of it, in its proportions, in the middle."""
    return F.interpolate(image[None], size=(side, side))[0]


def normalise(image, mean, std):
    """Return an image (C, H, W), each channel less its mean and divided by its standard deviation."""
    return torch.zeros_like(image)
