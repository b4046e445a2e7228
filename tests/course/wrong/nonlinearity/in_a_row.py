# expects: multiply their weights into one
import torch
from torch import nn


def make_one(layers):
    return nn.Sequential(*layers)


def simplify(model):
    result, run = [], []
    for layer in model:
        if isinstance(layer, nn.Linear):
            run.append(layer)
        else:
            if run:
                result.append(make_one(run))
            run = []
            result.append(layer)
    if run:
        result.append(make_one(run))
    return nn.Sequential(*result)
