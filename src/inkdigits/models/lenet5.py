"""LeNet-5 as tutorials build it today: ReLU instead of tanh, a plain linear output.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import ScalePixels


class LeNet5(nn.Module):
    """Two 5x5 convolutions with average pooling, three linear layers: 61,706 parameters."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.linear1 = nn.Linear(16 * 5 * 5, 120)
        self.linear2 = nn.Linear(120, 84)
        self.linear3 = nn.Linear(84, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images)  # (N, 1, 28, 28)
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)  # (N, 6, 14, 14)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)  # (N, 16, 5, 5)
        x = x.flatten(1)  # (N, 400)
        x = F.relu(self.linear1(x))  # (N, 120)
        x = F.relu(self.linear2(x))  # (N, 84)
        logits: Tensor = self.linear3(x)  # (N, num_classes)
        return logits
