"""What an answer to the exercise must do, and what the common wrong answers are told."""

import numpy as np
import torch

from inkdigits.course.exercise import Hint, close, expect

NAMES = ("matrix", "x", "b", "y")


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    chance = torch.Generator().manual_seed(0)
    values = random_values(chance, 3, 3, 1)
    error = call(answer.squared_error, values)
    expect(error is not None, "squared_error gives None: does it end with return?")
    error, residual = array(error), residual_of(*values)
    right, mean = (residual**2).sum(), (residual**2).mean()
    expect(error.size == 1, f"squared_error must be one number, got shape {error.shape}: add the squares up")
    expect(bool(error.any()), "squared_error gives 0: add up the squares of y - matrix @ x - b")
    expect(not close(error.item(), mean), "squared_error is the mean of the squares: here it must be the sum")
    expect(not close(error.item(), residual.sum()), "squared_error adds up the residuals: square each one first")
    expect(not close(error.item(), right / 2), "squared_error is half of the sum: here there is no 1/2 in front")
    expect(close(error.item(), right), f"squared_error is {error.item():.4f} where it should be {right.item():.4f}")
    yield "the squared error is right"

    check_gradients(answer, values)
    yield "three by three: the four gradients are right"

    for n, k in ((3, 2), (2, 5), (1, 4), (4, 1), (1, 1)):
        check_gradients(answer, random_values(chance, n, k, 1))
    yield "every gradient has the shape of its tensor, also where the matrix is not square"

    for n, k, columns in ((2, 2, 3), (3, 2, 4), (1, 3, 2)):
        check_gradients(answer, random_values(chance, n, k, columns))
    yield "several inputs at once share one b"


def check_gradients(answer, values):
    """Compare the four gradients with those of autograd."""
    found = call(answer.gradients, values)
    expect(found is not None, "gradients gives None: does it end with return?")
    if isinstance(found, dict):
        found = [found[name] for name in NAMES if name in found]
    expect(
        isinstance(found, (tuple, list)) and len(found) == 4,
        "gradients must return four things, for matrix, x, b and y in this order",
    )
    found = [array(gradient) for gradient in found]
    marked = [value.clone().requires_grad_() for value in values]
    rights = torch.autograd.grad((residual_of(*marked) ** 2).sum(), marked)
    expect(any(gradient.any() for gradient in found), "all gradients are 0: begin with the one for y, 2 * (y - ...)")
    places = [next((name for name, right in zip(NAMES, rights, strict=True) if exact(gradient, right)), None)
              for gradient in found]  # fmt: skip
    expect(
        None in places or places == list(NAMES),
        f"the gradients are right, but in the order {places}: it must be {', '.join(NAMES)}",
    )
    for name, gradient, right in reversed(list(zip(NAMES, found, rights, strict=True))):
        check_one(name, gradient, right, values)


def check_one(name, found, right, values):
    """Compare one gradient, and name the mistake in it."""
    matrix, x, _, y = values
    residual, shape, wanted = residual_of(*values), tuple(found.shape), tuple(right.shape)
    columns = x.shape[1]
    if columns > 1 and name == "b" and shape != wanted:
        raise Hint(
            f"b {wanted} is added to each of the {columns} columns, and your gradient for it is {shape}: "
            "it gets a slope from every column, so add them up over the columns"
        )
    expect(
        found.size > 1 or right.numel() == 1,
        f"the gradient for {name} is one number: you added everything up. There is one slope for each number of "
        f"{name}, so the gradient has its shape, {wanted}",
    )
    expect(
        shape == wanted,
        f"the gradient for {name} has the shape {shape}: it must have the shape of {name}, {wanted}",
    )
    expect(not exact(found, -right), f"the gradient for {name} has the wrong sign")
    expect(not exact(found, right / 2), f"the gradient for {name} lacks the factor 2 that comes from the square")
    expect(
        y.numel() == 1 or not exact(found, right / y.numel()),
        f"the gradient for {name} is that of the mean of the squares: the loss is their sum",
    )
    if exact(found, right):
        return
    if name == "x" and matrix.shape[0] == matrix.shape[1]:
        expect(
            not exact(found, -2 * matrix @ residual),
            "the gradient for x lacks a transpose: x[j] meets column j of the matrix, so matrix.T @ r",
        )
    expect(
        name != "matrix" or not exact(found, right.T),
        "the gradient for matrix is transposed: its row i belongs to residual i, so r @ x.T and not x @ r.T",
    )
    near = close(found, right, tolerance=1e-3)
    expect(not near, f"the gradient for {name} is nearly right, not exact: a finite difference? Write the formula")
    raise Hint(f"the gradient for {name} has the right shape and wrong numbers")


def random_values(chance, n, k, columns):
    """Return matrix, x, b and y of random numbers."""
    shapes = ((n, k), (k, columns), (n, 1), (n, columns))
    return [torch.randn(shape, dtype=torch.float64, generator=chance) for shape in shapes]


def residual_of(matrix, x, b, y):
    """Return y - matrix @ x - b."""
    return y - matrix @ x - b


def call(function, values):
    """Call a function of the answer where autograd is off; a hint if it asks for it or changes what it is given."""
    given = [value.clone() for value in values]
    try:
        with torch.no_grad():
            found = function(*given)
    except RuntimeError as error:
        if "does not require grad" in str(error):
            raise Hint("you ask autograd: here the gradients are formulas that you write yourself") from error
        raise
    for name, value, before in zip(NAMES, given, values, strict=True):
        expect(torch.equal(value, before), f"{function.__name__} changes {name}: leave the four tensors as they are")
    return found


def array(found):
    """Return a number, list, array or tensor as an array."""
    return np.asarray(found.detach() if isinstance(found, torch.Tensor) else found, dtype=float)


def exact(found, right):
    """Tell whether two are equal but for the last digits of float64."""
    return close(found, right, tolerance=1e-9)
