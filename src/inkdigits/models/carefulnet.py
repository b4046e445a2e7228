"""The network of the `careful` recipe: that of `quick` with a first layer that is trained and one more convolution."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels


class CarefulNet(nn.Module):
    """A 5x5 and three 3x3 convolutions and one linear layer; pool, then normalise, then ReLU, as in `QuickNet`."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5, padding=2, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 48, kernel_size=3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(48)
        self.conv4 = nn.Conv2d(48, 64, kernel_size=3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(64)
        self.linear = nn.Linear(64 * 3 * 3, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.relu(self.norm1(F.max_pool2d(self.conv1(x), 2)))  # (N, 16, 14, 14)
        x = F.relu(self.norm2(F.max_pool2d(self.conv2(x), 2)))  # (N, 32, 7, 7)
        x = F.relu(self.norm3(self.conv3(x)))  # (N, 48, 7, 7)
        x = F.relu(self.norm4(F.max_pool2d(self.conv4(x), 2)))  # (N, 64, 3, 3)
        logits: Tensor = self.linear(x.flatten(1))  # (N, num_classes)
        return logits
