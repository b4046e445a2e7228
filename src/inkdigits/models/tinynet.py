"""Networks of very few parameters: how far a few hundred, or a few thousand, can go."""

from torch import Tensor, nn

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels

Stages = tuple[tuple[int, ...], ...]
"""The channels of each stage's convolutions."""


class TinyNet(nn.Module):
    """Stages of narrow 3x3 convolutions with batch norm and ReLU, pooling between them, and the mean over all places.

    The mean instead of a large linear layer is where parameters are saved; the idea is that of M. Lin, Q. Chen and
    S. Yan, "Network in network", 2013.

    Args:
        num_classes: how many logits it gives.
        stages: the shapes below are those of the default.
    """

    def __init__(self, num_classes: int = 10, stages: Stages = ((4,), (4, 4), (6,))) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        layers: list[nn.Module] = []
        width = 1
        for number, stage in enumerate(stages):
            if number:
                layers.append(nn.MaxPool2d(2))
            for channels in stage:
                convolution = nn.Conv2d(width, channels, kernel_size=3, padding=1, bias=False)
                layers += [convolution, nn.BatchNorm2d(channels), nn.ReLU()]
                width = channels
        self.layers = nn.Sequential(*layers)
        self.linear = nn.Linear(width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = self.layers(x)  # (N, 6, 7, 7)
        logits: Tensor = self.linear(x.mean(dim=(2, 3)))  # (N, num_classes)
        return logits
