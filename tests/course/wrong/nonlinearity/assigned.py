# expects: cannot be set like that
import torch
from torch import nn


def make_one(layers):
    w, b = layers[0].weight, layers[0].bias
    for layer in layers[1:]:
        w, b = layer.weight @ w, layer.weight @ b + layer.bias
    one = nn.Linear(w.shape[1], w.shape[0])
    one.weight = w
    one.bias = b
    return one


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
