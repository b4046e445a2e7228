"""A multi-layer perceptron: what a convolutional network is compared with."""

from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.layers import ScalePixels


class MLP(nn.Module):
    """784 -> 120 -> 84 -> 10 with ReLU between: 105,214 parameters."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels()
        self.linear1 = nn.Linear(784, 120)
        self.linear2 = nn.Linear(120, 84)
        self.linear3 = nn.Linear(84, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images).flatten(1)  # (N, 784)
        x = F.relu(self.linear1(x))  # (N, 120)
        x = F.relu(self.linear2(x))  # (N, 84)
        logits: Tensor = self.linear3(x)  # (N, num_classes)
        return logits
