"""The network that ships in the package: small enough for a wheel, deep enough for other people's handwriting."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, Dropout, ScalePixels


class InkNet(nn.Module):
    """Six convolutions in three stages, each stage ending in a strided one that halves the picture.

    The plan of three stages with learnt down-sampling is that of C. Deotte's MNIST network
    (github.com/cdeotte/MNIST-CNN-99.75), narrower.

    Args:
        num_classes: how many logits it gives.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=4, stride=2, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 32, kernel_size=3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)
        self.conv4 = nn.Conv2d(32, 64, kernel_size=4, stride=2, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(64)
        self.conv5 = nn.Conv2d(64, 64, kernel_size=3, padding=1, bias=False)
        self.norm5 = nn.BatchNorm2d(64)
        self.conv6 = nn.Conv2d(64, 96, kernel_size=3, stride=2, padding=1, bias=False)
        self.norm6 = nn.BatchNorm2d(96)
        self.dropout = Dropout(0.2)
        self.linear = nn.Linear(96 * 4 * 4, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.relu(self.norm1(self.conv1(x)))  # (N, 16, 28, 28)
        x = F.relu(self.norm2(self.conv2(x)))  # (N, 32, 14, 14)
        x = F.relu(self.norm3(self.conv3(x)))  # (N, 32, 14, 14)
        x = F.relu(self.norm4(self.conv4(x)))  # (N, 64, 7, 7)
        x = F.relu(self.norm5(self.conv5(x)))  # (N, 64, 7, 7)
        x = F.relu(self.norm6(self.conv6(x)))  # (N, 96, 4, 4)
        logits: Tensor = self.linear(self.dropout(x.flatten(1)))  # (N, num_classes)
        return logits
