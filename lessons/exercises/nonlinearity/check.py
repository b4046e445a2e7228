"""What an answer to the exercise must do, and what the common wrong answers are told."""

import copy
from functools import reduce
from itertools import pairwise

import torch
from torch import nn

from inkdigits.course.exercise import Hint, close, expect

COPY = "set weights inside `with torch.no_grad():`, one.weight.copy_(weight)"


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    torch.manual_seed(0)
    check_weights(answer)
    yield "three square layers without biases become one"
    check_biases(answer)
    yield "with biases, too"
    check_others(answer)
    yield "any number, any size, with and without biases"
    check_simplify(answer)
    yield "a network keeps its answers, and each run of linear layers is one"


def linear(inputs, outputs, *, bias=True):
    """Return a layer with weights and biases large enough to tell mistakes apart."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    with torch.no_grad():
        layer.weight.copy_(torch.randn(outputs, inputs) / inputs**0.5)
        if bias:
            layer.bias.copy_(torch.randn(outputs))
    return layer


@torch.no_grad()
def through(layers, x):
    """Return what comes out of layers, one after the other."""
    return reduce(lambda value, layer: layer(value), layers, x)


def called(function, argument):
    """Return what the answer makes of layers, and insist that these are not changed."""
    before = [parameter.clone() for layer in argument for parameter in layer.parameters()]
    try:
        found = function(argument)
    except (RuntimeError, TypeError) as error:
        text = str(error)
        if "leaf" in text or "cannot assign" in text:
            raise Hint(f"the weights of a layer cannot be set like that ({text[:60]}...): {COPY}") from error
        if "NoneType" in text:
            raise Hint("a layer made with bias=False has the bias None: take 0 for it") from error
        if "shapes cannot be multiplied" in text or "size mismatch" in text:
            raise Hint(
                f"the shapes do not fit ({text[:70]}): a weight is (outputs, inputs), and the first layer stands "
                "rightmost, W3 @ W2 @ W1"
            ) from error
        raise
    after = [parameter for layer in argument for parameter in layer.parameters()]
    expect(
        len(before) == len(after) and all(torch.equal(*pair) for pair in zip(before, after, strict=True)),
        "you change the layers that you are given: make a new nn.Linear",
    )
    return found


def merged(answer, layers):
    """Return the one layer, and insist on its type and shape."""
    one = called(answer.make_one, layers)
    expect(
        not isinstance(one, nn.Sequential),
        "make_one returns all of the layers in a row: multiply their weights into one nn.Linear",
    )
    expect(
        isinstance(one, nn.Linear), f"make_one must return an nn.Linear, not its weights; got a {type(one).__name__}"
    )
    right, found = (layers[-1].out_features, layers[0].in_features), tuple(one.weight.shape)
    expect(found == right, f"the weight of the one layer must be (outputs, inputs) = {right}, got {found}")
    return one


def check_weights(answer):
    layers = [linear(4, 4, bias=False) for _ in range(3)]
    full = copy.deepcopy(layers)
    for layer in full:
        layer.bias = nn.Parameter(torch.zeros(4))
    one = merged(answer, full)
    first, second, third = (layer.weight.detach() for layer in layers)
    found = one.weight.detach()
    expect(
        not close(found, first @ second @ third),
        "your product is in the wrong order, W1 @ W2 @ W3. In W3 @ (W2 @ (W1 @ x)) the first layer stands rightmost",
    )
    expect(
        not close(found, (third @ second @ first).T) and not close(found, first.T @ second.T @ third.T),
        "your weight is transposed: nn.Linear computes x @ weight.T + bias, its weight is (outputs, inputs)",
    )
    expect(
        not close(found, first + second + third),
        "you add the weights: layers one after the other multiply, W3 @ W2 @ W1",
    )
    expect(
        close(found, third @ second @ first),
        "three layers whose biases are 0 have the weight W3 @ W2 @ W1, yours is another: multiply them out as in the "
        f"lesson, and {COPY}",
    )


def check_biases(answer):
    layers = [linear(4, 4) for _ in range(3)]
    one = merged(answer, layers)
    expect(one.bias is not None, "your layer has no bias, but the three have")
    (_, w2, w3), (b1, b2, b3) = ([getattr(layer, name).detach() for layer in layers] for name in ("weight", "bias"))
    found = one.bias.detach()
    wrong = {
        "you add the three biases: b1 goes through layers 2 and 3, b2 through layer 3": b1 + b2 + b3,
        "you keep only the last bias: b1 goes through layers 2 and 3, b2 through layer 3, and all add up": b3,
        "you keep only the first bias": b1,
        "b2 is lost: it goes through layer 3, W3 @ b2": w3 @ w2 @ b1 + b3,
        "b1 is lost: it goes through layers 2 and 3, W3 @ W2 @ b1": w3 @ b2 + b3,
        "b1 goes through layer 3 as well, W3 @ W2 @ b1": w2 @ b1 + w3 @ b2 + b3,
        "b3 is lost": w3 @ (w2 @ b1 + b2),
        "your bias is 0": torch.zeros(4),
        "the biases are multiplied with each other: a bias is added, then goes through the layers after it": b1
        * b2
        * b3,
    }
    for hint, value in wrong.items():
        expect(not close(found, value), hint)
    right = w3 @ (w2 @ b1 + b2) + b3
    expect(close(found, right), "the weight is right, but the bias is not W3 @ (W2 @ b1 + b2) + b3")


def check_others(answer):
    cases = [
        [linear(784, 100), linear(100, 100), linear(100, 10)],
        [linear(1600, 128), linear(128, 10)],
        [linear(7, 3)],
        [linear(3, 5), linear(5, 2), linear(2, 6), linear(6, 1)],
        [linear(5, 4, bias=False), linear(4, 3), linear(3, 2, bias=False)],
        [linear(5, 4), linear(4, 3, bias=False)],
        [linear(5, 4, bias=False), linear(4, 3, bias=False)],
    ]
    for layers in cases:
        try:
            one = merged(answer, layers)
        except (AttributeError, TypeError) as error:
            if any(layer.bias is None for layer in layers):
                raise Hint("a layer made with bias=False has the bias None: take 0 for it") from error
            raise
        except (ValueError, IndexError) as error:
            raise Hint(f"make_one fails with {len(layers)} layers ({error}): it must take any number") from error
        sizes = " to ".join(str(size) for size in [layers[0].in_features, *(layer.out_features for layer in layers)])
        x = torch.randn(20, layers[0].in_features)
        with torch.no_grad():
            found = one(x)
        expect(
            close(found, through(layers, x), tolerance=1e-3),
            f"one layer for {len(layers)}, {sizes}, answers {float(found[0, 0]):.4f} where the layers answer "
            f"{float(through(layers, x)[0, 0]):.4f}",
        )


def check_simplify(answer):
    cases = [
        nn.Sequential(nn.Flatten(), linear(12, 8), linear(8, 8), nn.ReLU(), linear(8, 6), linear(6, 5), linear(5, 4)),
        nn.Sequential(linear(12, 8), nn.ReLU(), linear(8, 4)),
        nn.Sequential(linear(12, 6), linear(6, 8, bias=False), linear(8, 4)),
        nn.Sequential(linear(12, 6), nn.Dropout(0.5), linear(6, 4)),
        nn.Sequential(linear(12, 9), linear(9, 9), nn.Tanh(), nn.ReLU(), linear(9, 3), linear(3, 2), nn.Softmax(dim=1)),
        nn.Sequential(nn.Flatten(), nn.ReLU()),
    ]
    for model in cases:
        model.eval()
        names, kinds = ", ".join(type(layer).__name__ for layer in model), [type(layer) for layer in model]
        simple = called(answer.simplify, model)
        expect(
            isinstance(simple, nn.Sequential), f"simplify must return an nn.Sequential, got a {type(simple).__name__}"
        )
        expect(kinds == [type(layer) for layer in model], "you take layers out of the model that you are given")
        simple.eval()
        found = [type(layer) for layer in simple]
        right = [kinds[0], *(kind for last, kind in pairwise(kinds) if (last, kind) != (nn.Linear, nn.Linear))]
        rest, kept = ([kind.__name__ for kind in each if kind is not nn.Linear] for each in (kinds, found))
        expect(
            len([kind for kind in found if kind is nn.Linear]) >= right.count(nn.Linear) or kept != rest,
            f"of {names}: a run of linear layers is missing. What you collect must go into the result at the end, too",
        )
        expect(
            kept == rest,
            f"of {names}: {', '.join(rest)} must stay, in this order, found {', '.join(kept) or 'none'}. "
            "Without what lies between, the linear layers are another function",
        )
        expect(
            found.count(nn.Linear) <= right.count(nn.Linear),
            f"of {names}: {found.count(nn.Linear)} linear layers are left, {right.count(nn.Linear)} would do. "
            "Collect a whole run, however long, before you make it one",
        )
        expect(found == right, f"of {names}: the order of the layers is another")
        x = torch.randn(5, 12)
        expect(
            close(through(simple, x), through(model, x), tolerance=1e-3),
            f"of {names}: the simplified network gives other answers",
        )
