"""Networks that make the most of few parameters: every convolution but the first is a separable one."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels


class SeparableConv(nn.Module):
    """A 3x3 filter for each channel, then a mixture of channels at each place, max pooling, batch norm and SiLU.

    Sources: A. Howard et al., "MobileNets", 2017; S. Elfwing et al., "Sigmoid-weighted linear units", 2017.

    Args:
        in_channels: how many go in, each with a filter of its own.
        out_channels: how many come out.
        pool: 2 halves height and width, before the norm, which leaves a quarter of the values to it; 1 does not.
    """

    def __init__(self, in_channels: int, out_channels: int, *, pool: int = 1) -> None:
        super().__init__()
        self.pool = pool
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size=3, padding=1, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, out_channels, H // pool, W // pool)."""
        x = self.pointwise(self.depthwise(x))  # (N, out_channels, H, W)
        x = F.max_pool2d(x, self.pool) if self.pool > 1 else x  # (N, out_channels, H // pool, W // pool)
        return F.silu(self.norm(x))


class SeparableNet(nn.Module):
    """A convolution, two separable ones at 14x14, two at 7x7; then one weight for each channel and place.

    That last filter tells where in the picture something was found, which a mean over all places forgets, for nine
    parameters a channel (S. Chen et al., "MobileFaceNets", 2018).

    Args:
        widths: channels after each of the five convolutions.
        kernel_size: of the first one, odd.
        num_classes: how many logits it gives.
    """

    def __init__(self, widths: tuple[int, int, int, int, int], kernel_size: int, num_classes: int = 10) -> None:
        super().__init__()
        first, second, third, fourth, last = widths
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, first, kernel_size, padding=kernel_size // 2, bias=False)
        self.norm1 = nn.BatchNorm2d(first)
        self.stage1 = nn.Sequential(SeparableConv(first, second), SeparableConv(second, third, pool=2))
        self.stage2 = nn.Sequential(SeparableConv(third, fourth), SeparableConv(fourth, last, pool=2))
        self.places = nn.Conv2d(last, last, kernel_size=3, groups=last, bias=False)
        self.linear = nn.Linear(last, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.silu(self.norm1(F.max_pool2d(self.conv1(x), 2)))  # (N, first, 14, 14)
        x = self.stage1(x)  # (N, third, 7, 7)
        x = self.stage2(x)  # (N, last, 3, 3)
        logits: Tensor = self.linear(self.places(x).flatten(1))  # (N, num_classes)
        return logits
