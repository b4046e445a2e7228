# expects: you change the layers that you are given
import torch
from torch import nn


def make_one(layers):
    one = layers[0]
    with torch.no_grad():
        for layer in layers[1:]:
            one.weight.data = layer.weight @ one.weight
            one.bias.data = layer.weight @ one.bias + layer.bias
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
