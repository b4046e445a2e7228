# expects: each value takes its chance on its own
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
        count = int(self.probability * values.numel())
        kept = torch.ones(values.numel())
        kept[torch.randperm(values.numel(), generator=self.generator)[:count]] = 0
        return values * kept.view(values.shape) / (1 - self.probability)
