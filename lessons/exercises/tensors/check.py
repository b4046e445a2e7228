"""What an answer to the exercise must do, and what the common wrong answers are told."""

import ast
import inspect
import textwrap

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from inkdigits.course.exercise import Hint, close, expect

PRODUCTS = {"matmul", "mm", "bmm", "mv", "dot", "vdot", "inner", "tensordot", "einsum", "linear"}
PRODUCTS |= {"addmm", "addmv", "addbmm", "baddbmm", "chain_matmul", "multi_dot"}


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0], [7.0, 9.0]])
    found = tensor(without_products(answer.matmul, a.clone(), b.clone()), a.dtype)
    expect(found.shape == (2, 2), f"matmul of (2, 2) and (2, 2) must be (2, 2), got {tuple(found.shape)}")
    expect(bool(found.any()), "matmul gives only zeros: for each row i of a and column j of b add up a[i, k] * b[k, j]")
    mistakes = {
        "you multiply element-wise: each number of a with the one in the same place of b. Take row i of a with column "
        "j of b, and add up the products": a * b,
        "you multiply the rows of a with the rows of b: it must be the columns of b, b[k, j]": a @ b.T,
        "you multiply the columns of a with the columns of b: it must be the rows of a, a[i, k]": a.T @ b,
        "you compute b times a: the order matters, a[i, k] * b[k, j]": b @ a,
        "your result is transposed: the number from row i of a and column j of b belongs in result[i, j]": (a @ b).T,
        "each number is only the last of its products: add them up, with += over k": a[:, 1:] * b[1:],
        "each number is only the first of its products: the sum over k must run to the end": a[:, :1] * b[:1],
    }
    for hint, wrong in mistakes.items():
        expect(not close(found, wrong), hint)
    expect(close(found, a @ b), f"{a.tolist()} times {b.tolist()} must be {(a @ b).tolist()}, got {found.tolist()}")
    yield "two square matrices are multiplied, row by column"

    chance = torch.Generator().manual_seed(0)
    for n, k, m in ((2, 3, 4), (4, 3, 2), (1, 5, 1), (3, 1, 2), (6, 7, 5)):
        a, b = torch.randn(n, k, generator=chance), torch.randn(k, m, generator=chance)
        try:
            found = tensor(without_products(answer.matmul, a.clone(), b.clone()), a.dtype)
        except (IndexError, RuntimeError, ValueError) as error:
            raise Hint(
                f"it works for (2, 2), but ({n}, {k}) times ({k}, {m}) raises {type(error).__name__}: {error}. "
                "i runs over a.shape[0], j over b.shape[1], k over a.shape[1]"
            ) from error
        shape = tuple(found.shape)
        expect(
            shape == (n, m),
            f"({n}, {k}) times ({k}, {m}) must have the shape ({n}, {m}), got {shape}: "
            "i runs over a.shape[0], j over b.shape[1], k over a.shape[1]",
        )
        expect(close(found, a @ b), f"({n}, {k}) times ({k}, {m}) has the right shape and wrong numbers")
    yield "matrices that are not square are multiplied too"

    for dtype, large in ((torch.float64, 2**30 + 0.125), (torch.int64, 2**40 + 1)):
        a, b = torch.tensor([[large, 1], [2, 3]], dtype=dtype), torch.tensor([[1, 2], [0, 1]], dtype=dtype)
        given = a.clone(), b.clone()
        found = answer.matmul(*given)
        got = getattr(found, "dtype", dtype)
        expect(
            str(got).split(".")[-1] == str(dtype).split(".")[-1],
            f"a and b are {dtype} and your result is {got}: digits are lost. Keep the dtype of a, "
            "for instance torch.zeros(n, m, dtype=a.dtype)",
        )
        expect(
            torch.equal(tensor(found, dtype), a @ b),
            f"the dtype is {dtype}, but digits are lost on the way: compute in the dtype of a from start to end",
        )
        expect(torch.equal(given[0], a) and torch.equal(given[1], b), "you change a or b: leave them as they are")
    yield "the result has the dtype of a and b, to the last digit, and a and b stay as they are"

    for left, right in (((2, 3), (1, 4)), ((2, 1), (3, 4)), ((2, 3), (4, 2)), ((2, 3), (2, 3)), ((2, 4), (3, 2))):
        try:
            found = answer.matmul(torch.ones(left), torch.ones(right))
        except ValueError:
            continue
        except (IndexError, RuntimeError) as error:
            raise Hint(
                f"{left} times {right} raises {type(error).__name__}, from somewhere inside: compare a.shape[1] with "
                "b.shape[0] first, and raise ValueError with both shapes"
            ) from error
        why = "broadcasting stretched a length of 1" if 1 in (left[1], right[0]) else "some numbers were left out"
        raise Hint(f"{left} times {right} has no answer, and yours gives one, as {why}: raise ValueError")
    yield "shapes that do not fit raise ValueError"

    images = torch.randint(0, 256, (3, 4, 5), generator=chance, dtype=torch.uint8)
    yield from check_layer(answer, images, torch.randn(20, 6, generator=chance), torch.randn(6, generator=chance))
    image = torch.randint(0, 256, (1, 28, 28), generator=chance, dtype=torch.uint8)
    weights, bias = torch.randn(784, 10, generator=chance), torch.randn(10, generator=chance)
    found, right = (
        tensor(answer.layer(image, weights, bias), torch.float32),
        image.reshape(1, 784) / 255 @ weights + bias,
    )
    expect(close(found, right, tolerance=1e-3), "a batch of one image of 28 by 28 pixels gets wrong numbers or shape")
    yield "a single image of another size gets its numbers too"


def check_layer(answer, images, weights, bias):
    """Check `layer` on a small batch."""
    given = images.clone()
    found = tensor(without_products(answer.layer, given, weights.clone(), bias.clone()), torch.float32)
    rows, shape = images.reshape(len(images), -1) / 255, tuple(found.shape)
    right = rows @ weights + bias
    expect(torch.equal(given, images), "layer changes the images: leave them as they are")
    expect(shape == right.shape, f"layer of {len(images)} images and {len(bias)} biases has the shape {shape}")
    expect(bool(found.any()), "layer gives only zeros: flatten the images, scale them, multiply, add the bias")
    expect(found.dtype == torch.float32, f"layer must give float32, got {found.dtype}")
    turned = images.transpose(1, 2).reshape(len(images), -1) / 255
    mistakes = {
        "layer takes pixels of 0 to 255: divide them by 255 first": rows * 255 @ weights + bias,
        "layer forgets the bias": rows @ weights,
        "layer divides the bias by 255 as well: scale the pixels, then multiply, then add": rows @ weights + bias / 255,
        "layer loses the grey: whole-number arithmetic makes each pixel 0 or 1. Make floats of the pixels before you "
        "divide": (rows == 1).float() @ weights + bias,
        "layer lays the images out column by column: one row of pixels after the other": turned @ weights + bias,
    }
    for hint, wrong in mistakes.items():
        expect(not close(found, wrong, tolerance=1e-3), hint)
    expect(close(found, right, tolerance=1e-3), "layer has the right shape and wrong numbers")
    yield "a layer turns images into numbers"


def tensor(found, dtype):
    """Return an answer as a tensor; numpy arrays and lists are as good."""
    expect(found is not None, "a function gives None: does it end with return?")
    return found if isinstance(found, torch.Tensor) else torch.as_tensor(np.asarray(found), dtype=dtype)


class NoProducts(TorchFunctionMode):
    """While it is on, torch's own matrix products are refused."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        """Look at each call of torch."""
        refuse(getattr(func, "__name__", "").strip("_").removeprefix("r"))
        return func(*args, **(kwargs or {}))


def refuse(name):
    """Raise a hint if this is the name of a ready-made matrix product."""
    expect(name not in PRODUCTS, f"you use a ready-made matrix product, {name} or @: write it from * and sums")


def without_products(function, *arguments):
    """Call a function of the answer; a hint if it uses a matrix product of torch, or in its own lines one of numpy."""
    with NoProducts():
        found = function(*arguments)
    for node in ast.walk(source_of(function)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            refuse("matmul")
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("np", "numpy"):
            refuse(node.attr)
    return found


def source_of(function):
    """Return the syntax tree of a function, or of nothing where it cannot be had."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):
        return ast.parse("")
