"""Two digits that touch, read at once: the network that ships beside InkNet."""

from math import isqrt

from torch import Tensor, nn

from inkdigits.errors import ConfigError
from inkdigits.models.inknet import InkNet


class PairNet(nn.Module):
    """An InkNet with two heads on the same features, one for each digit.

    The logit of a pair is the sum of the logits of its digits, so their probabilities multiply.

    Args:
        num_classes: of pairs, the square of the number of digits.

    Raises:
        ConfigError: the number is no square.
    """

    def __init__(self, num_classes: int = 100) -> None:
        super().__init__()
        self.digits = isqrt(num_classes)
        if self.digits**2 != num_classes:
            raise ConfigError(f"pairs of K classes make K x K, a square number, got {num_classes}")
        self.heads = InkNet(2 * self.digits)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, num_classes); "37" is at place 37."""
        first, second = self.heads(images).split(self.digits, dim=1)  # (N, 10) each
        together: Tensor = (first[:, :, None] + second[:, None, :]).flatten(1)  # (N, 100)
        return together
