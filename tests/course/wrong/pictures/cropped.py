# expects: you crop it
import torch
from torch.nn import functional as F


def fit_square(image, side, fill):
    c, h, w = image.shape
    s = min(h, w)
    top, left = (h - s) // 2, (w - s) // 2
    square = image[:, top : top + s, left : left + s]
    return F.interpolate(square[None], size=(side, side), mode="bilinear", antialias=True)[0]


def normalise(image, mean, std):
    return (image - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
