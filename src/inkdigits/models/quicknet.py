"""The network of the `quick` recipe: most of the work at 14x14 and 7x7, where a CPU is fast."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels


class QuickNet(nn.Module):
    """A strided stem, two 3x3 convolutions and one linear layer; pool, then normalise, then ReLU.

    The stride-2 stem is the largest saving; the order of pool and batch norm is that of
    tuomaso/train_mnist_fast and KellerJordan/cifar10-airbench: a quarter of the pixels to normalise.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, 16, kernel_size=4, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 24, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(24)
        self.conv3 = nn.Conv2d(24, 64, kernel_size=3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(64)
        self.linear = nn.Linear(64 * 3 * 3, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.relu(self.norm1(self.conv1(x)))  # (N, 16, 14, 14)
        x = F.relu(self.norm2(F.max_pool2d(self.conv2(x), 2)))  # (N, 24, 7, 7)
        x = F.relu(self.norm3(F.max_pool2d(self.conv3(x), 2)))  # (N, 64, 3, 3)
        logits: Tensor = self.linear(x.flatten(1))  # (N, num_classes)
        return logits
