"""Exercise: dropout.

Write the layer as an `nn.Module`, with torch's arithmetic and torch's random numbers, but without torch's own dropout.

- `Dropout(probability, generator)`: the probability is at least 0 and below 1; the generator is a `torch.Generator`.
- In training mode it sets each value to 0 with this probability, each value on its own and anew in every call, and
  multiplies what is left by 1 / (1 - probability), so that the mean stays what it was. All chance comes from the
  generator: `torch.rand(shape, generator=generator)`.
- In eval mode it gives the values back as they are, and draws nothing.

Values are float32 of any shape, such as (N, 100) or (N, 6, 14, 14), and the result has the same shape. The values that
it is given stay as they are, and gradients flow through what is left.

Check it with: inkdigits learn check overfitting overfitting_exercise.py
"""

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
        return torch.zeros_like(values)
