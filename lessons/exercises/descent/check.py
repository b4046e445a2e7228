"""What an answer to the exercise must do, and what the common wrong answers are told."""

from dataclasses import dataclass

import numpy as np
import torch

from inkdigits.course.exercise import Hint, close, expect


@dataclass(frozen=True)
class Way:
    """How a descent goes; the defaults are right, every other value is a common mistake."""

    scale: float | None = 1.0  # of the gradient; None: the number of points, a sum for a mean
    added: bool = False  # gradients are never cleared
    in_turn: bool = False  # b's gradient is asked for after M has moved
    stretched: bool = False  # (N, 1) minus (N,): every answer is compared with every truth
    bias: bool = True  # b moves at all


MISTAKES = {
    Way(scale=None): "your gradient is N times too large: that of the sum of the squares, not of their mean",
    Way(scale=-1.0): "you go uphill: the gradient points to where the loss rises, so subtract it",
    Way(scale=-0.5): "you go uphill, by half of the gradient: subtract it, and mind the factor 2 of the square",
    Way(scale=0.5): "your gradient is half of what it should be: the slope of r squared is 2 * r",
    Way(added=True): "your gradients add up from step to step: clear them before each backward, by zero_grad",
    Way(in_turn=True): "you move M first and ask for b's gradient at the new M: take both gradients at the same place",
    Way(stretched=True): "(N, 1) minus (N,) is stretched to (N, N), each answer against every y: make the shapes equal",
    Way(bias=False): "b never moves: it has a gradient and takes steps too",
}


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    x, y = points(20, 2.0, 1.0, seed=0)
    slope, offset, losses = call(answer, x, y, 0.1, 3)
    expect(
        len(losses) == 3,
        f"3 steps must give 3 losses, got {len(losses)}: append the loss before each step, in a loop over range(steps)",
    )
    yield "M, b and one loss for each step come back, as plain numbers"

    nowhere = call(answer, x, y, 0.1, 0)
    best = np.polyfit(x.double().numpy(), y.double().numpy(), 1)
    expect(
        not close((nowhere[0], nowhere[1]), best, tolerance=1e-3),
        "no step was allowed, and you are at the lowest point: that is least squares. Begin at 0 and go there by steps",
    )
    expect(
        nowhere == (0.0, 0.0, []),
        f"without any step M and b must be 0 and 0, got {nowhere[0]:.3f} and {nowhere[1]:.3f}: nn.Linear begins at "
        "random, so fill its weight and its bias with zeros",
    )
    check_losses(losses, x, y)
    yield "it begins at M = 0 and b = 0, with the mean of the squares"

    right = descend(x, y, 0.1, 3, Way())
    for way, hint in MISTAKES.items():
        wrong = descend(x, y, 0.1, 3, way)
        expect(not close((slope, offset), wrong[:2]), hint)
    expect(
        not close((slope, offset), (0.0, 0.0)),
        "M and b do not move: after loss.backward(), subtract learning_rate times the gradient",
    )
    expect(
        close((slope, offset), right[:2]),
        f"after 3 steps M and b must be {right[0]:.4f} and {right[1]:.4f}, got {slope:.4f} and {offset:.4f}",
    )
    expect(close(losses, right[2]), f"after the first step the losses go wrong: {losses}, they must be {right[2]}")
    yield "its steps are those of gradient descent"

    for seed, (count, slope, offset) in enumerate(((1, 1.0, 1.0), (2, -3.0, 0.5), (7, 0.0, -2.0), (200, 5.0, -1.0))):
        x, y = points(count, slope, offset, seed=seed + 1)
        given = x.clone(), y.clone()
        found, right = call(answer, *given, 0.3, 40), descend(x, y, 0.3, 40, Way())
        expect(torch.equal(given[0], x) and torch.equal(given[1], y), "you change x or y: leave them as they are")
        expect(
            close(found[:2], right[:2], tolerance=1e-3) and close(found[2], right[2], tolerance=1e-3),
            f"{count} points near {slope} x + {offset}: 40 steps of 0.3 must end at M {right[0]:.3f} and "
            f"b {right[1]:.3f}, got {found[0]:.3f} and {found[1]:.3f}",
        )
    yield "other points, another learning rate and more steps go the same way"

    x, y = points(100, 2.0, 1.0, seed=9)
    found, best = call(answer, x, y, 0.5, 500), np.polyfit(x.double().numpy(), y.double().numpy(), 1)
    expect(close(found[:2], best, tolerance=1e-2), f"500 steps of 0.5 must come near {best}, got {found[:2]}")
    yield "500 steps arrive at the best line"


def check_losses(losses, x, y):
    """Check the first loss, which is known without any step."""
    squares = y.double() ** 2
    expect(
        len(x) == 1 or not close(losses[0], squares.sum()),
        f"the first loss is {losses[0]:.3f}, the sum of the squares: divide by the number of points, for their mean",
    )
    after = descend(x, y, 0.1, 4, Way())[2]
    expect(
        not close(losses[0], after[1]),
        "your list begins with the loss after the first step: take the loss before you move",
    )
    expect(not close(losses[0], squares.mean() / 2), "your loss is half of the mean of the squares: drop the 1/2")
    expect(
        not close(losses[0], squares.mean().sqrt()), "your loss is the root of the mean of the squares: drop the root"
    )
    expect(
        close(losses[0], squares.mean()),
        f"the first loss must be the mean of y squared, {squares.mean():.4f}, since M and b are 0: got {losses[0]:.4f}",
    )


def points(count, slope, offset, *, seed):
    """Return points near a line, float32 (count,)."""
    chance = torch.Generator().manual_seed(seed)
    x = torch.rand(count, generator=chance)
    return x, slope * x + offset + 0.1 * torch.randn(count, generator=chance)


def descend(x, y, learning_rate, steps, way):
    """Return what `fit_line` must return, or what it returns with a mistake."""
    x, y = x.double().numpy(), y.double().numpy()
    slope = offset = sum_slope = sum_offset = 0.0
    losses = []
    scale = len(x) if way.scale is None else way.scale
    for _ in range(steps):
        residual = gaps(x, y, slope, offset, way)
        losses.append((residual**2).mean())
        sum_slope = way.added * sum_slope - 2 * scale * (residual * x[:, None]).mean()
        moved = slope - learning_rate * sum_slope
        if way.in_turn:
            residual = gaps(x, y, moved, offset, way)
        sum_offset = way.added * sum_offset - 2 * scale * residual.mean() * way.bias
        slope, offset = moved, offset - learning_rate * sum_offset
    return slope, offset, losses


def gaps(x, y, slope, offset, way):
    """Return y - (M x + b) as a column, or against every y as the mistake has it."""
    line = (slope * x + offset)[:, None]
    return y[None, :] - line if way.stretched else y[:, None] - line


def call(answer, x, y, learning_rate, steps):
    """Return M, b and the losses of an answer as plain numbers."""
    found = answer.fit_line(x, y, learning_rate=learning_rate, steps=steps)
    expect(found is not None, "fit_line gives None: does it end with return?")
    expect(isinstance(found, (tuple, list)) and len(found) == 3, "fit_line must return three things: M, b, losses")
    slope, offset, losses = found
    losses = losses.tolist() if isinstance(losses, (np.ndarray, torch.Tensor)) else list(losses)
    expect(
        not any(isinstance(loss, torch.Tensor) and loss.requires_grad for loss in losses),
        "your losses are live tensors: each one keeps its graph alive, and a plot of them fails. Append loss.item()",
    )
    return number(slope, "M"), number(offset, "b"), [number(loss, "a loss") for loss in losses]


def number(value, name):
    """Return one number as a float, whatever it is wrapped in."""
    value = np.asarray(value.detach() if isinstance(value, torch.Tensor) else value, dtype=float)
    if value.size != 1:
        raise Hint(f"{name} must be one number, got the shape {value.shape}")
    return value.item()
