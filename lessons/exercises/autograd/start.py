"""Exercise: the gradients of a squared error, by hand.

The loss is the sum of all squares of y - matrix @ x - b. Write it, and its four gradients as formulas, with torch's (or
numpy's) arithmetic and without autograd.

- `squared_error(matrix, x, b, y)`: one number.
- `gradients(matrix, x, b, y)`: a tuple of four gradients, for matrix, x, b and y in this order, each of the shape of
  the tensor that it belongs to. Leave the four tensors as they are.

All tensors are float64: matrix (N, K), x (K, B), b (N, 1), y (N, B). With B = 1 these are the columns of the lesson.
With a larger B each column of x is an input of its own, and the same b is added to every column.

Check it with: inkdigits learn check autograd autograd_exercise.py
"""

import torch


def squared_error(matrix, x, b, y):
    """Return the sum of the squares of y - matrix @ x - b."""
    return torch.tensor(0.0)


def gradients(matrix, x, b, y):
    """Return the gradients of the squared error for matrix, x, b and y."""
    return torch.zeros_like(matrix), torch.zeros_like(x), torch.zeros_like(b), torch.zeros_like(y)
