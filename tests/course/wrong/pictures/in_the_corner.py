# expects: it is not in the middle
import torch
from torch.nn import functional as F


def fit_square(image, side, fill):
    c, h, w = image.shape
    scale = side / max(h, w)
    small = F.interpolate(image[None], scale_factor=scale, mode="bilinear", antialias=True)[0]
    square = torch.full((c, side, side), fill)
    square[:, : small.shape[1], : small.shape[2]] = small
    return square


def normalise(image, mean, std):
    return (image - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
