"""Linear regression by gradient descent, twice: once by hand, once with torch's own parts. Same numbers."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inkdigits.recipes.recipe import LineConfig


@dataclass(frozen=True)
class LineFit:
    """A straight line y = slope * x + intercept, and the loss before each of the steps that found it."""

    slope: float
    intercept: float
    losses: tuple[float, ...]  # sum of squared errors over all points

    def to_dict(self) -> dict[str, Any]:
        """Return the line and its losses as JSON accepts them."""
        return asdict(self)


def make_points(config: LineConfig) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw points around a line: x uniform in [0, 1), y = slope * x + intercept + noise; float64 (points,) each."""
    rng = np.random.default_rng(config.seed)
    x = rng.random(config.points)
    return x, config.slope * x + config.intercept + config.noise * rng.standard_normal(config.points)


def fit_line(x: NDArray[np.float64], y: NDArray[np.float64], config: LineConfig, *, by_hand: bool = True) -> LineFit:
    """Find the line through points by gradient descent on the sum of squared errors.

    Args:
        x: float64 (N,).
        y: float64 (N,).
        config: steps, learning rate and the seed of the first guess.
        by_hand: True moves two tensors along their gradients; False lets `nn.Linear`, `nn.MSELoss` and
            `torch.optim.SGD` do the same. The two agree to rounding.
    """
    inputs, targets = torch.from_numpy(x)[:, None], torch.from_numpy(y)[:, None]  # (N, 1) each
    generator = torch.Generator().manual_seed(config.seed)
    first_guess = torch.randn(2, dtype=torch.float64, generator=generator)
    descend = _by_hand if by_hand else _with_modules
    return descend(inputs, targets, first_guess, config)


def _by_hand(x: Tensor, y: Tensor, first_guess: Tensor, config: LineConfig) -> LineFit:
    slope = first_guess[0].clone().requires_grad_()
    intercept = first_guess[1].clone().requires_grad_()
    losses = []
    for _ in range(config.steps):
        loss = ((y - (slope * x + intercept)) ** 2).sum()
        losses.append(loss.item())
        # d loss / d slope = sum -2 x (y - slope x - intercept); autograd finds it, the two lines below use it.
        gradients = torch.autograd.grad(loss, (slope, intercept))
        with torch.no_grad():
            slope -= config.learning_rate * gradients[0]
            intercept -= config.learning_rate * gradients[1]
    return LineFit(slope.item(), intercept.item(), tuple(losses))


def _with_modules(x: Tensor, y: Tensor, first_guess: Tensor, config: LineConfig) -> LineFit:
    model = nn.Linear(1, 1, dtype=torch.float64)
    with torch.no_grad():
        model.weight.fill_(first_guess[0])
        model.bias.fill_(first_guess[1])
    # "sum", not "mean": with the mean over N points the same learning rate would be N times too small.
    squared_error = nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
    losses = []
    for _ in range(config.steps):
        loss = squared_error(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return LineFit(model.weight.item(), model.bias.item(), tuple(losses))
