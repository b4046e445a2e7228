"""Three linear layers made one, and a network without idle layers."""

from itertools import groupby

import torch
from torch import nn


@torch.no_grad()
def make_one(layers):
    """Return one nn.Linear that answers as these do, one after the other."""
    weight = torch.eye(layers[0].in_features)
    bias = torch.zeros(layers[0].in_features)
    for layer in layers:
        weight, bias = layer.weight @ weight, layer(bias)  # a bias goes through the layers after it like any input
    one = nn.Linear(*weight.T.shape)
    one.weight.copy_(weight)
    one.bias.copy_(bias)
    return one


def simplify(model):
    """Return an nn.Sequential with the same answers, each run of linear layers made one."""
    runs = groupby(model, key=lambda layer: isinstance(layer, nn.Linear))
    return nn.Sequential(*[layer for linear, run in runs for layer in ([make_one(list(run))] if linear else run)])
