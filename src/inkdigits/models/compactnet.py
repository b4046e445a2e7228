"""The networks of the recipes `params-60000` and `thorough`."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels


class CompactNet(nn.Module):
    """A 5x5 and four 3x3 convolutions and one linear layer, in the order of `QuickNet`.

    Two convolutions at 12x12 pixels and two at 5x5; the first of each pair is padded and keeps the size.

    Args:
        widths: channels after each of the five convolutions.
        num_classes: how many logits it gives.
    """

    def __init__(self, widths: tuple[int, int, int, int, int], num_classes: int = 10) -> None:
        super().__init__()
        first, second, third, fourth, last = widths
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, first, kernel_size=5, bias=False)
        self.norm1 = nn.BatchNorm2d(first)
        self.conv2 = nn.Conv2d(first, second, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(second)
        self.conv3 = nn.Conv2d(second, third, kernel_size=3, bias=False)
        self.norm3 = nn.BatchNorm2d(third)
        self.conv4 = nn.Conv2d(third, fourth, kernel_size=3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(fourth)
        self.conv5 = nn.Conv2d(fourth, last, kernel_size=3, bias=False)
        self.norm5 = nn.BatchNorm2d(last)
        self.linear = nn.Linear(last * 3 * 3, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.relu(self.norm1(F.max_pool2d(self.conv1(x), 2)))  # (N, first, 12, 12)
        x = F.relu(self.norm2(self.conv2(x)))  # (N, second, 12, 12)
        x = F.relu(self.norm3(F.max_pool2d(self.conv3(x), 2)))  # (N, third, 5, 5)
        x = F.relu(self.norm4(self.conv4(x)))  # (N, fourth, 5, 5)
        x = F.relu(self.norm5(self.conv5(x)))  # (N, last, 3, 3)
        logits: Tensor = self.linear(x.flatten(1))  # (N, num_classes)
        return logits
