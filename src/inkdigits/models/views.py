"""A network that looks at each image several times."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkdigits.models.columns import Columns
from inkdigits.models.moments import Upright


class FourViews(nn.Module):
    """The mean of what a network says of an image moved by half a pixel up, down, left and right.

    Such test-time augmentation pays for networks that were trained on moved images: half a pixel is the mean of two
    neighbours, as soft as those were, and a view that is misread is often outvoted. It takes four times as long as one
    look; `docs/log.md` has the figures.

    Source: A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional neural
    networks", 2012 (the idea; there it is the mean of probabilities).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, H, W), 0 to 255, to logits (N, K); what moves in is paper."""
        framed = F.pad(images.to(torch.float32), (1, 1, 1, 1))  # (N, H + 2, W + 2)
        across = (framed[:, 1:-1, 1:] + framed[:, 1:-1, :-1]) / 2  # (N, H, W + 1)
        down = (framed[:, 1:, 1:-1] + framed[:, :-1, 1:-1]) / 2  # (N, H + 1, W)
        views = (across[:, :, 1:], across[:, :, :-1], down[:, 1:], down[:, :-1])
        return torch.stack([self.network(view) for view in views]).mean(dim=0)


def with_four_views(network: nn.Module) -> nn.Module:
    """Return a network that looks at each image four times, see `FourViews`; it shares its weights.

    A digit that is moved before it is set upright looks the same again, so there it is moved afterwards.
    """
    if isinstance(network, Columns):
        return Columns([with_four_views(column) for column in network.columns])
    if isinstance(network, Upright):
        return Upright(network.moments, FourViews(network.network))
    return FourViews(network)
