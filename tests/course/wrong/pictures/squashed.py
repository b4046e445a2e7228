# expects: it is squashed
import torch
from torch.nn import functional as F


def fit_square(image, side, fill):
    return F.interpolate(image[None], size=(side, side), mode="bilinear", antialias=True)[0]


def normalise(image, mean, std):
    return (image - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
