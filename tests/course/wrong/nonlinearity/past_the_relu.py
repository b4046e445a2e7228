# expects: Without what lies between
import torch
from torch import nn


def make_one(layers):
    w, b = layers[0].weight, layers[0].bias
    if b is None:
        b = torch.zeros(len(w))
    for layer in layers[1:]:
        w = layer.weight @ w
        b = layer.weight @ b
        if layer.bias is not None:
            b = b + layer.bias
    one = nn.Linear(w.shape[1], w.shape[0])
    with torch.no_grad():
        one.weight.copy_(w)
        one.bias.copy_(b)
    return one


def simplify(model):
    return nn.Sequential(make_one([layer for layer in model if isinstance(layer, nn.Linear)]))
