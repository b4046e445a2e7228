"""Any picture into a square, without distortion, and normalised."""

import torch
from torch.nn import functional as F


def fit_square(image, side, fill):
    """Return an image (C, H, W) as (C, side, side): all of it, in its proportions, in the middle."""
    longest = max(image.shape[1:])
    height, width = (max(1, round(length * side / longest)) for length in image.shape[1:])
    fitted = F.interpolate(image[None], size=(height, width), mode="bilinear", antialias=True)[0]
    top, left = (side - height) // 2, (side - width) // 2
    return F.pad(fitted, (left, side - width - left, top, side - height - top), value=fill)


def normalise(image, mean, std):
    """Return an image (C, H, W), each channel less its mean and divided by its standard deviation."""
    mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]
    return (image - mean) / std
