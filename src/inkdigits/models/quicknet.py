"""The network of the `quick` recipe, of digits set upright: fixed filters, two convolutions and one linear layer."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, CosineConv, ScalePixels


class QuickNet(nn.Module):
    """A fixed 5x5 convolution, two 3x3 ones and one linear layer.

    Nothing is padded, and the margin is left out: 24 x 24 pixels hold nearly all of a digit. What is pooled is pooled
    before all else, which leaves a quarter of the values to normalise, as in tuomaso/train_mnist_fast and
    KellerJordan/cifar10-airbench.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.conv1 = CosineConv()
        self.norm1 = nn.BatchNorm2d(CosineConv.CHANNELS, affine=False)  # nothing to train: no gradients come this far
        self.conv2 = nn.Conv2d(CosineConv.CHANNELS, 32, kernel_size=3, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 64, kernel_size=3, bias=False)
        self.norm3 = nn.BatchNorm2d(64)
        self.linear = nn.Linear(64 * 2 * 2, num_classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Map upright digits (N, 24, 24), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(pictures)  # (N, 1, 24, 24)
        x = F.relu(self.norm1(F.max_pool2d(self.conv1(x), 2)))  # (N, 16, 10, 10)
        x = F.relu(self.norm2(F.max_pool2d(self.conv2(x), 2)))  # (N, 32, 4, 4)
        x = F.relu(self.norm3(self.conv3(x)))  # (N, 64, 2, 2)
        logits: Tensor = self.linear(x.flatten(1))  # (N, num_classes)
        return logits
