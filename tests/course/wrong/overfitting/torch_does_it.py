# expects: is torch's own
import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, probability, generator):
        super().__init__()
        self.probability = probability
        self.generator = generator

    def forward(self, values):
        return nn.functional.dropout(values, self.probability, self.training)
