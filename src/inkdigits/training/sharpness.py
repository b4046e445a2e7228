"""Sharpness-aware minimisation: each step follows the gradient from where the loss nearby is greatest.

So training comes to rest where the loss is low all around. Sources: P. Foret et al., "Sharpness-aware minimization for
efficiently improving generalization", 2021; J. Kwon et al., "ASAM: adaptive sharpness-aware minimization", 2021.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

SMALLEST_NORM = 1e-12  # of no gradient no weight moves


@contextmanager
def moved_uphill(model: nn.Module, radius: float) -> Iterator[None]:
    """Move a network's weights to where the loss is about the greatest within a radius, without gradients as yet.

    That point lies along the gradients that the network has, each weight moved in proportion to its own size, so that
    nothing changes when one layer's weights are larger and the next one's smaller; biases and a norm's gains and
    shifts move as they are. Afterwards the weights are back, to the bit, with the gradients found there; batch norm
    has kept no statistics of there.

    Args:
        model: has gradients.
        radius: how far, the rho of the sources; 0.5 is usual.
    """
    learning = [(each, each.grad) for each in model.parameters() if each.grad is not None]
    before = [each.detach().clone() for each, _ in learning]
    norms = [each for each in model.modules() if isinstance(each, nn.BatchNorm2d) and each.track_running_stats]
    with torch.no_grad():
        scales = [each.abs() if each.ndim > 1 else torch.ones_like(each) for each, _ in learning]
        uphill = [scale * gradient for scale, (_, gradient) in zip(scales, learning, strict=True)]
        length = torch.stack([each.norm() for each in uphill]).norm().clamp(min=SMALLEST_NORM)
        for (each, _), scale, direction in zip(learning, scales, uphill, strict=True):
            each.add_(scale * direction * (radius / length))
    model.zero_grad()
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
        with torch.no_grad():
            for (each, _), weights in zip(learning, before, strict=True):
                each.copy_(weights)
