# expects: Collect a whole run
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
    layers, result = list(model), []
    while layers:
        if len(layers) > 1 and isinstance(layers[0], nn.Linear) and isinstance(layers[1], nn.Linear):
            result.append(make_one(layers[:2]))
            layers = layers[2:]
        else:
            result.append(layers.pop(0))
    return nn.Sequential(*result)
