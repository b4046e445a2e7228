"""Digits set upright, in the middle and at one size, by the moments of their ink."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SMALLEST_VARIANCE = 0.1  # pixels squared: what is thinner is taken to be as wide as that


class MomentNormalization(nn.Module):
    """Move, straighten and stretch each digit so that the moments of its ink are the same for all digits.

    The centre of mass comes to the centre of the picture, the slant goes (by a shear, as that of italics, not a
    rotation), and the ink spreads as far across, and as far down, as that of every other digit, up to limits which keep
    a 1 from becoming a block. What a network need not learn, it need not be shown: `docs/log.md` has the figures.
    There is nothing to train, and images ask for no gradients, so none come this far.

    Sources: R. Casey, "Moment normalization of handprinted characters", IBM Journal of Research and Development 14,
    1970; C.-L. Liu et al., "Handwritten digit recognition: investigation of normalization and feature extraction
    techniques", 2004.

    Args:
        size: height and width of the pictures that come out, in pixels: cut from the middle of the input, or with paper
            around it.
        spread: standard deviation of the ink across and down, in pixels.
    """

    STRETCH_ACROSS = (0.6, 1.8)  # the least and the most: times the width that a digit has
    STRETCH_DOWN = (0.7, 1.6)  # and the height
    LARGEST_SLANT = 1.0  # pixels to the side for each pixel down; what is beyond stays in

    spread: Tensor  # float32 (2,); a buffer, so that weights that were trained without this layer do not fit

    def __init__(self, size: int, spread: tuple[float, float] = (4.0, 5.5)) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("spread", torch.tensor(spread))

    def forward(self, images: Tensor) -> Tensor:
        """Map uint8 or float (N, H, W), 0 = paper, 255 = ink, to float32 (N, size, size) of the same range."""
        ink = images.to(torch.float32)
        height, width = ink.shape[1:]
        # Sums of products, where matrices could be multiplied: autocast would round those to bfloat16.
        across, down = ink.sum(dim=1), ink.sum(dim=2)  # (N, W) and (N, H): how much ink each column and row has
        mass = across.sum(dim=1, keepdim=True).clamp(min=1)  # (N, 1), as all that follow; of blank paper, too
        x, y = _centred(width, ink), _centred(height, ink)  # (W,) and (H,): pixels from the middle
        centre_x, centre_y = _mean(across * x, mass), _mean(down * y, mass)
        x, y = x - centre_x, y - centre_y  # (N, W) and (N, H): pixels from the centre of mass
        variance_y = _mean(down * y.square(), mass).clamp(min=SMALLEST_VARIANCE)
        covariance = _mean((ink * x.unsqueeze(1)).sum(dim=2) * y, mass)
        slant = (covariance / variance_y).clamp(-self.LARGEST_SLANT, self.LARGEST_SLANT)
        variance_x = _mean(across * x.square(), mass) - slant * (2 * covariance - slant * variance_y)  # when upright
        step_x = _step(variance_x.clamp(min=SMALLEST_VARIANCE), self.spread[0], self.STRETCH_ACROSS)
        step_y = _step(variance_y, self.spread[1], self.STRETCH_DOWN)
        # Where each pixel of the output lies in the input: rows are straight, columns lean as the digit did.
        place = _centred(self.size, ink)
        rows = centre_y + step_y * place  # (N, size)
        middle = centre_x + slant * (rows - centre_y)  # (N, size): where the middle column meets each row
        columns = middle.unsqueeze(2) + (step_x * place).unsqueeze(1)  # (N, size, size)
        # grid_sample counts from -1 to 1 across the picture.
        grid = torch.stack([columns * (2 / width), (rows * (2 / height)).unsqueeze(2).expand_as(columns)], dim=3)
        return F.grid_sample(ink.unsqueeze(1), grid, align_corners=False).squeeze(1)

    def extra_repr(self) -> str:
        """Show the numbers in `print(model)`."""
        return f"size={self.size}, spread={tuple(self.spread.tolist())}"


class Upright(nn.Module):
    """A network that sees digits set upright, and whose views, where it has several, are views of those.

    Args:
        moments: sets them upright.
        network: maps what comes out, float32 (N, size, size), 0 to 255, to logits (N, K).
    """

    def __init__(self, moments: MomentNormalization, network: nn.Module) -> None:
        super().__init__()
        self.moments = moments
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 28, 28), 0 to 255, to logits float32 (N, K)."""
        logits: Tensor = self.network(self.moments(images))  # (N, K)
        return logits


def upright(network: Callable[[int], nn.Module], num_classes: int = 10) -> Upright:
    """Build a network of upright digits of 24 x 24 pixels behind the layer that makes them: the margin is left out."""
    return Upright(MomentNormalization(24), network(num_classes))


def _centred(count: int, like: Tensor) -> Tensor:
    """Return the places of `count` pixels, counted from the middle of the picture, float32 (count,)."""
    return torch.arange(count, dtype=torch.float32, device=like.device) - (count - 1) / 2


def _mean(weighted: Tensor, mass: Tensor) -> Tensor:
    """Return the sum of each row, (N, L), as a share of the ink, (N, 1)."""
    return weighted.sum(dim=1, keepdim=True) / mass


def _step(variance: Tensor, spread: Tensor, stretch: tuple[float, float]) -> Tensor:
    """Return how far two pixels of the output lie apart in the input, (N, 1)."""
    least, most = stretch
    return (variance.sqrt() / spread).clamp(1 / most, 1 / least)
