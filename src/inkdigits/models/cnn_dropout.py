"""A wider convolutional network held back by dropout."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, Dropout, ScalePixels


class CNNDropout(nn.Module):
    """Two 3x3 convolutions with max pooling and dropout, two linear layers without ReLU between: 225,034 parameters."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3)
        self.dropout1 = Dropout(0.25)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3)
        self.dropout2 = Dropout(0.5)
        self.linear1 = nn.Linear(64 * 5 * 5, 128)
        self.linear2 = nn.Linear(128, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        # ReLU after max pooling gives the same numbers as before it, on a quarter of the pixels.
        x = self.scale(images)  # (N, 1, 28, 28)
        x = self.dropout1(F.relu(F.max_pool2d(self.conv1(x), 2)))  # (N, 32, 13, 13)
        x = self.dropout2(F.relu(F.max_pool2d(self.conv2(x), 2)))  # (N, 64, 5, 5)
        x = x.flatten(1)  # (N, 1600)
        x = self.linear1(x)  # (N, 128)
        logits: Tensor = self.linear2(x)  # (N, num_classes)
        return logits
