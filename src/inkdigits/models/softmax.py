"""Softmax regression: one linear layer, the simplest network that learns digits."""

from torch import Tensor, nn

from inkdigits.models.layers import ScalePixels


class SoftmaxRegression(nn.Module):
    """784 pixels to 10 logits: 7,850 parameters. Also called multinomial logistic regression."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels()
        self.linear = nn.Linear(784, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images).flatten(1)  # (N, 784)
        logits: Tensor = self.linear(x)  # (N, num_classes)
        return logits
