"""Exercise: three linear layers made one, and a network without idle layers.

- `make_one(layers)`: a list of one or more `nn.Linear`, applied in this order, each fitting the one before. Return one
  new `nn.Linear` that gives the same answers. Any of them may have been made with `bias=False`.
- `simplify(model)`: an `nn.Sequential` of linear layers and others, such as ReLU, Flatten or Dropout. Return a new
  `nn.Sequential` with the same answers, in which every run of neighbouring linear layers has become one. All other
  layers stay where they are: no linear layer can be taken past them.

The layers that you are given keep their weights. Multiply the weights out; nothing is to be trained.

Check it with: inkdigits learn check nonlinearity nonlinearity_exercise.py
"""

import torch
from torch import nn


@torch.no_grad()
def make_one(layers):
    """Return one nn.Linear that answers as these do, one after the other."""
    return nn.Linear(layers[0].in_features, layers[-1].out_features)


def simplify(model):
    """Return an nn.Sequential with the same answers, each run of linear layers made one."""
    return nn.Sequential(*model)
