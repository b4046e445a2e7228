"""The network of `params-700`, of digits set upright: filters that are one another turned, and the same ones again."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels, TurnedConv


class ShiftedNorm(nn.BatchNorm2d):
    """Batch norm with a trained shift for each channel and no gain: the filters before and after it can do without."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, affine=False)
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, channels, H, W) to the same shape."""
        return super().forward(x) + self.shift[:, None, None]


class TurnedNet(nn.Module):
    """A convolution, then a separable one twice at 12x12 and another one three times at 6x6, each time normed anew.

    What goes in is added to what comes out wherever nothing is pooled. Last, one weight for each channel and place of
    3x3, as in `SeparableNet`, and a linear layer. `docs/log.md` has the figures of each of these economies.

    Sources: M. Liang and X. Hu, "Recurrent convolutional neural network for object recognition", 2015 (weights used
    again); K. He et al., "Deep residual learning", 2015.

    Args:
        num_classes: how many logits it gives.
        channels: after each convolution, a multiple of 4.
    """

    def __init__(self, num_classes: int = 10, channels: int = 12) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv = TurnedConv(1, channels)
        self.fine, self.coarse = (
            nn.Sequential(TurnedConv(channels, channels), nn.Conv2d(channels, channels, kernel_size=1, bias=False))
            for _ in range(2)
        )
        self.norms = nn.ModuleList(ShiftedNorm(channels) for _ in range(6))
        self.places = nn.Conv2d(channels, channels, kernel_size=3, groups=channels, bias=False)
        self.linear = nn.Linear(channels, num_classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Map upright digits (N, 24, 24), 0 to 255, to logits float32 (N, num_classes)."""
        norm1, norm2, norm3, norm4, norm5, norm6 = self.norms  # (N, channels, H, W) to the same shape, each
        x = self.scale(pictures)  # (N, 1, 24, 24)
        x = F.silu(norm1(F.max_pool2d(self.conv(x), 2)))  # (N, channels, 12, 12)
        x = F.silu(norm2(self.fine(x))) + x  # (N, channels, 12, 12)
        x = F.silu(norm3(F.max_pool2d(self.fine(x), 2)))  # (N, channels, 6, 6)
        x = F.silu(norm4(self.coarse(x))) + x  # (N, channels, 6, 6)
        x = F.silu(norm5(self.coarse(x))) + x  # (N, channels, 6, 6)
        x = F.silu(norm6(F.max_pool2d(self.coarse(x), 2)))  # (N, channels, 3, 3)
        logits: Tensor = self.linear(self.places(x).flatten(1))  # (N, num_classes)
        return logits
