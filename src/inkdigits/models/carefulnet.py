"""The network of the `careful` recipe: wider than that of `quick`, all of it trained, with one more convolution."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels


class CarefulNet(nn.Module):
    """A 5x5 and three 3x3 convolutions and one linear layer, in the order of `QuickNet`, of digits as they come.

    Nothing is padded, and the last convolution sees the whole image at its one place.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 40, kernel_size=3, bias=False)
        self.norm2 = nn.BatchNorm2d(40)
        self.conv3 = nn.Conv2d(40, 80, kernel_size=3, bias=False)
        self.norm3 = nn.BatchNorm2d(80)
        self.conv4 = nn.Conv2d(80, 128, kernel_size=3, bias=False)
        self.norm4 = nn.BatchNorm2d(128)
        self.linear = nn.Linear(128, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.relu(self.norm1(F.max_pool2d(self.conv1(x), 2)))  # (N, 16, 12, 12)
        x = F.relu(self.norm2(F.max_pool2d(self.conv2(x), 2)))  # (N, 40, 5, 5)
        x = F.relu(self.norm3(self.conv3(x)))  # (N, 80, 3, 3)
        x = F.relu(self.norm4(self.conv4(x)))  # (N, 128, 1, 1)
        logits: Tensor = self.linear(x.flatten(1))  # (N, num_classes)
        return logits
