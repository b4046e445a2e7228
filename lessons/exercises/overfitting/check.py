"""What an answer to the exercise must do, and what the common wrong answers are told."""

import torch
from torch.overrides import TorchFunctionMode

from inkdigits.course.exercise import Hint, close, expect


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    for probability in (0.3, 0.8):
        _check_share(answer, probability)
    yield "the right share of the values becomes 0, each on its own and anew in every call"
    for probability in (0.3, 0.8):
        _check_scale(answer, probability)
    yield "what is left is scaled up, so that the mean stays"
    _check_chance(answer)
    yield "all chance comes from the generator"
    _check_eval(answer)
    yield "in eval mode nothing happens"
    _check_shapes_and_gradients(answer)
    yield "any shape will do, and gradients flow"


def _check_share(answer, probability):
    values = _values(400, 500)
    found = _asked(_layer(answer, probability), values)
    zeros = found == 0
    share = zeros.float().mean().item()
    expect(share < 1, f"every value is 0: with probability {probability}, only about {probability:.0%} should be")
    expect(share > 0, "no value is 0 in training mode: draw torch.rand(values.shape), and compare with the probability")
    expect(
        not bool((zeros == zeros[:1]).all()),
        "all images lose the same values: draw a number for each value, of shape values.shape",
    )
    expect(
        not bool((zeros == zeros[:, :1]).all()),
        "whole images are set to 0: draw a number for each value, of shape values.shape",
    )
    expect(
        abs(share - (1 - probability)) > 0.01,
        f"with probability {probability}, {share:.1%} of the values become 0: the probability is that of losing a "
        "value, not of keeping it",
    )
    expect(
        abs(share - probability) < 0.01,
        f"with probability {probability}, about {probability:.0%} of the values should become 0, yours are {share:.1%}",
    )
    layer = _layer(answer, probability)
    masks = [_asked(layer, _values(20, 50)) == 0 for _ in range(6)]
    expect(
        not all(torch.equal(mask, masks[0]) for mask in masks),
        "every call sets the same values to 0: draw anew in each call of forward, without seeding the generator",
    )
    counts = {int(mask.sum()) for mask in masks}
    expect(
        len(counts) > 1,
        f"exactly {min(counts)} of 1000 values become 0, every time: each value takes its chance on its own, "
        "so the number varies",
    )


def _check_scale(answer, probability):
    values = _values(400, 500)
    found = _asked(_layer(answer, probability), values)
    kept = found != 0
    factors, right = found[kept] / values[kept], 1 / (1 - probability)
    mistakes = {
        "it is not scaled: multiply it by 1 / (1 - probability)": 1.0,
        "that is 1 / probability: divide by the share that is kept, 1 - probability": 1 / probability,
        "that is 1 - probability: divide by it, do not multiply": 1 - probability,
        "that is probability: divide by 1 - probability": probability,
    }
    for hint, wrong in mistakes.items():
        expect(
            not close(factors, torch.full_like(factors, wrong)),
            f"with probability {probability} what is left must be multiplied by {right:.4g}, yours is by {wrong:.4g}: "
            f"{hint}",
        )
    expect(
        close(factors, torch.full_like(factors, right)),
        f"with probability {probability} each value that is left must be multiplied by {right:.4g}, yours are "
        f"multiplied by {factors.min():.4g} to {factors.max():.4g}",
    )
    expect(
        torch.equal(_asked(_layer(answer, 0.0), values), values), "with probability 0 the values must stay as they are"
    )


def _check_chance(answer):
    values = _values(20, 50)
    layer = _layer(answer, 0.5, seed=1)
    torch.manual_seed(0)
    first = _asked(layer, values)
    torch.manual_seed(1)
    again = _asked(_layer(answer, 0.5, seed=1), values)
    expect(
        torch.equal(first, again),
        "the same generator sets other values to 0: your chance comes from elsewhere. Give generator=self.generator "
        "to the function that draws",
    )
    torch.manual_seed(0)
    other = _asked(_layer(answer, 0.5, seed=2), values)
    expect(
        not torch.equal(first, other), "another generator sets the same values to 0: draw with the one that is given"
    )
    larger = _asked(layer, _values(30, 50))
    expect(larger.shape == (30, 50), "a batch of another size fails: draw as many numbers as there are values")


def _check_eval(answer):
    values, layer = _values(20, 50), _layer(answer, 0.3)
    layer.eval()
    found = _asked(layer, values)
    expect(
        not close(found, values * 0.7),
        "in eval mode the values are multiplied by 1 - probability. That belongs to the other kind of dropout, which "
        "does not scale in training; yours has scaled already",
    )
    expect(
        bool((found != 0).all()),
        "in eval mode values are set to 0: look at self.training, which model.eval() sets to False",
    )
    expect(close(found, values), "in eval mode the values must stay as they are")
    chance = torch.Generator().manual_seed(5)
    layer = answer.Dropout(0.3, chance).eval()
    before = chance.get_state()
    _asked(layer, values)
    expect(
        torch.equal(chance.get_state(), before),
        "in eval mode numbers are drawn that nobody needs: measuring would change what training draws next. "
        "Return before you draw",
    )
    layer.train()
    expect(bool((_asked(layer, values) == 0).any()), "after eval mode, train() must switch dropout on again")


def _check_shapes_and_gradients(answer):
    for shape in ((1, 100), (300,), (2, 6, 7, 7)):
        values = _values(*shape)
        found = _asked(_layer(answer, 0.5), values)
        kept = found != 0
        expect(
            0.2 < kept.float().mean() < 0.8,
            f"values of shape {shape}: {kept.float().mean():.0%} are left where it should be about half",
        )
        expect(close(found[kept], 2 * values[kept]), f"values of shape {shape} are not right where they are left")
    values = _values(20, 50).requires_grad_()
    found = _asked(_layer(answer, 0.5), values)
    expect(
        found.requires_grad,
        "no gradient flows through your layer: multiply the values themselves, without .data, .detach() or no_grad",
    )
    found.sum().backward()
    expect(
        close(values.grad, 2.0 * (found.detach() != 0)),
        "the gradient must be 1 / (1 - probability) where a value is left, and 0 where it is not",
    )


class _Watch(TorchFunctionMode):
    """Refuses the functions that the exercise is about."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if "dropout" in name:
            raise Hint(f"`{name}` is torch's own: write it with random numbers, a comparison and a product")
        return function(*args, **(kwargs or {}))


def _layer(answer, probability, *, seed=0):
    layer = answer.Dropout(probability, torch.Generator().manual_seed(seed))
    expect(
        isinstance(layer, torch.nn.Module) and hasattr(layer, "_modules"),
        "Dropout must be an nn.Module, and its __init__ must call super().__init__(): then model.eval() reaches it",
    )
    return layer.train()


def _asked(layer, values):
    given = values.clone()
    with _Watch():
        found = layer(given)
    expect(isinstance(found, torch.Tensor), f"forward must return a tensor, got {type(found).__name__}")
    expect(
        found.shape == values.shape,
        f"values of shape {tuple(values.shape)} must stay of this shape, yours are {tuple(found.shape)}: "
        "set values to 0, do not take them out",
    )
    expect(torch.equal(given, values), "your layer changes the values that it is given: make new ones")
    return found


def _values(*shape):
    """Return values none of which is 0."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(9)) + 0.5
