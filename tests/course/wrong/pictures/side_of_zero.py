# expects: no side may be less than 1
import torch
from torch.nn import functional as F


def fit_square(image, side, fill):
    c, h, w = image.shape
    scale = side / max(h, w)
    h2, w2 = round(h * scale), round(w * scale)
    small = F.interpolate(image[None], size=(h2, w2), mode="bilinear", antialias=True)[0]
    top, left = (side - h2) // 2, (side - w2) // 2
    return F.pad(small, (left, side - w2 - left, top, side - h2 - top), value=fill)


def normalise(image, mean, std):
    return (image - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
