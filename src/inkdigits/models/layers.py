"""The layers that torch does not have as we need them."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MNIST_MEAN, MNIST_STD = 0.1307, 0.3081  # of the 60,000 training images, as fractions of full ink


class ScalePixels(nn.Module):
    """Raw pixels to what the first layer expects: `(pixels / 255 - mean) / std`, with a channel dimension.

    It is part of every network, so that nobody outside has to know what the network was trained on.

    Args:
        mean: subtracted after the division by 255; 0 leaves the range [0, 1].
        std: divided by.
    """

    def __init__(self, mean: float = 0.0, std: float = 1.0) -> None:
        super().__init__()
        self.mean, self.std = mean, std

    def forward(self, images: Tensor) -> Tensor:
        """Map uint8 or float (N, H, W), 0 to 255, to float32 (N, 1, H, W)."""
        scale = 1 / (255 * self.std)
        return images.unsqueeze(1).to(torch.float32) * scale - self.mean / self.std

    def extra_repr(self) -> str:
        """Show the two numbers in `print(model)`."""
        return f"mean={self.mean}, std={self.std}"


class CosineConv(nn.Module):
    """A 5x5 convolution of one channel whose filters nobody trains: patterns of the discrete cosine transform.

    They are the smoothest ones, each with both signs: what a first layer learns of digits is much like them. A network
    whose first convolution it is, normalised without gain and bias, sends no gradients back through the whole picture,
    which was a fifth of the time of `quick`; `docs/log.md` has the figures.

    Source: N. Ahmed, T. Natarajan and K. R. Rao, "Discrete cosine transform", 1974; filters that stay as they are in a
    first layer: K. Jordan, "94 % on CIFAR-10 in 3.29 seconds on a single GPU", 2024.
    """

    SIZE = 5
    FREQUENCIES = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1))  # half waves down and across
    CHANNELS = 2 * len(FREQUENCIES)

    weight: Tensor  # float32 (16, 1, 5, 5); of length 1, each

    def __init__(self) -> None:
        super().__init__()
        centres = torch.arange(self.SIZE) + 0.5
        waves = torch.cos(torch.pi / self.SIZE * torch.outer(torch.arange(self.SIZE), centres))  # (frequency, place)
        waves = waves / waves.norm(dim=1, keepdim=True)
        patterns = torch.stack([torch.outer(waves[down], waves[across]) for down, across in self.FREQUENCIES])
        self.register_buffer("weight", torch.cat([patterns, -patterns]).unsqueeze(1))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 1, H, W) to (N, 16, H - 4, W - 4)."""
        return F.conv2d(x, self.weight)

    def extra_repr(self) -> str:
        """Show the shape of the filters in `print(model)`."""
        return f"1, {self.CHANNELS}, kernel_size={self.SIZE}, fixed"


class TurnedConv(nn.Module):
    """A 3x3 filter for each channel, of which one in four is trained: the others are that one in quarter turns.

    Source: T. Cohen and M. Welling, "Group equivariant convolutional networks", 2016 (the turned filters alone).

    Args:
        in_channels: 1, or as many as come out, each with a filter of its own.
        out_channels: a multiple of 4.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.weight = nn.Parameter(torch.empty(out_channels // 4, 1, 3, 3).uniform_(-1 / 3, 1 / 3))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, out_channels, H, W)."""
        turned = torch.cat([self.weight.rot90(turns, (2, 3)) for turns in range(4)])  # (out_channels, 1, 3, 3)
        return F.conv2d(x, turned, padding=1, groups=self.in_channels)

    def extra_repr(self) -> str:
        """Show the number of channels in `print(model)`."""
        return f"{self.in_channels}, {self.out_channels}, kernel_size=3"


class Calibrated(nn.Module):
    """A network whose logits are divided by a temperature, so that its probabilities mean what they say.

    Source: C. Guo et al., "On calibration of modern neural networks", 2017.
    """

    def __init__(self, network: nn.Module, temperature: float = 1.0) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28) to logits (N, K)."""
        logits: Tensor = self.network(images)
        return logits if self.temperature == 1 else logits / self.temperature


class Dropout(nn.Module):
    """Dropout whose chance comes from its own generator, so that a resumed run draws what the first would have.

    Source: Srivastava et al., "Dropout", JMLR 15, 2014.

    Args:
        probability: the share of values set to zero in training; the others are scaled up by 1 / (1 - probability).
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability
        self.generator = torch.Generator()

    def forward(self, values: Tensor) -> Tensor:
        """Return values of the same shape; unchanged in eval mode."""
        if not self.training:
            return values
        chance = torch.rand(values.shape, generator=self.generator, device=self.generator.device)
        return values * (chance >= self.probability).to(values.device) / (1 - self.probability)

    def extra_repr(self) -> str:
        """Show the probability in `print(model)`."""
        return f"probability={self.probability}"
