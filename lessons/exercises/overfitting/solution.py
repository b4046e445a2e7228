"""Dropout."""

import torch
from torch import nn


class Dropout(nn.Module):
    """Sets values to 0 by chance in training mode; does nothing in eval mode."""

    def __init__(self, probability, generator):
        super().__init__()
        self.probability = probability
        self.generator = generator

    def forward(self, values):
        """Return values of the same shape."""
        if not self.training:
            return values
        kept = torch.rand(values.shape, generator=self.generator) >= self.probability
        return values * kept / (1 - self.probability)
