"""Three linear layers with nothing between them: the lesson that depth without non-linearity is no depth."""

from torch import Tensor, nn

from inkdigits.models.layers import MNIST_MEAN, MNIST_STD, ScalePixels


class LinearStack(nn.Module):
    """784 -> 100 -> 100 -> 10 without activations: 89,610 parameters that make one affine map.

    It can do no more than softmax regression with its 7,850; it is here because the comparison teaches that.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.scale = ScalePixels(MNIST_MEAN, MNIST_STD)
        self.linear1 = nn.Linear(784, 100)
        self.linear2 = nn.Linear(100, 100)
        self.linear3 = nn.Linear(100, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes)."""
        x = self.scale(images).flatten(1)  # (N, 784)
        x = self.linear1(x)  # (N, 100)
        x = self.linear2(x)  # (N, 100)
        logits: Tensor = self.linear3(x)  # (N, num_classes)
        return logits
