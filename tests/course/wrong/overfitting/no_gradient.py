# expects: no gradient flows
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
        kept = torch.rand(values.shape, generator=self.generator) >= self.probability
        return values.data * kept / (1 - self.probability)
