"""The network of the `accurate` recipe: three stages at full resolution before each halving."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, Dropout, ScalePixels


class DeepNet(nn.Module):
    """Seven convolutions, the third and the sixth of which halve the picture, each with batch norm and ReLU.

    The plan is that of C. Deotte's MNIST network (github.com/cdeotte/MNIST-CNN-99.75), with padding, so that strokes
    at the border count too, and kernels of 4 instead of 5 where the picture is halved.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 32, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 32, kernel_size=4, stride=2, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)
        self.drop1 = Dropout(0.2)
        self.conv4 = nn.Conv2d(32, 64, kernel_size=3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(64)
        self.conv5 = nn.Conv2d(64, 64, kernel_size=3, padding=1, bias=False)
        self.norm5 = nn.BatchNorm2d(64)
        self.conv6 = nn.Conv2d(64, 64, kernel_size=4, stride=2, padding=1, bias=False)
        self.norm6 = nn.BatchNorm2d(64)
        self.drop2 = Dropout(0.2)
        self.conv7 = nn.Conv2d(64, 128, kernel_size=4, bias=False)
        self.norm7 = nn.BatchNorm2d(128)
        self.drop3 = Dropout(0.3)
        self.linear = nn.Linear(128 * 4 * 4, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.relu(self.norm1(self.conv1(x)))  # (N, 32, 28, 28)
        x = F.relu(self.norm2(self.conv2(x)))  # (N, 32, 28, 28)
        x = self.drop1(F.relu(self.norm3(self.conv3(x))))  # (N, 32, 14, 14)
        x = F.relu(self.norm4(self.conv4(x)))  # (N, 64, 14, 14)
        x = F.relu(self.norm5(self.conv5(x)))  # (N, 64, 14, 14)
        x = self.drop2(F.relu(self.norm6(self.conv6(x))))  # (N, 64, 7, 7)
        x = self.drop3(F.relu(self.norm7(self.conv7(x))))  # (N, 128, 4, 4)
        logits: Tensor = self.linear(x.flatten(1))  # (N, num_classes)
        return logits
