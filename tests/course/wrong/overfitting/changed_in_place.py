# expects: changes the values that it is given
import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, probability, generator):
        super().__init__()
        self.probability = probability
        self.generator = generator

    def forward(self, values):
        if not self.training:
            return values
        lost = torch.rand(values.shape, generator=self.generator) < self.probability
        values[lost] = 0
        values /= 1 - self.probability
        return values
