"""Exercise: a line fitted by gradient descent.

Write `fit_line(x, y, learning_rate, steps)` for points x and y, float32 tensors (N,). The line is M * x + b.

- Begin at M = 0 and b = 0.
- The loss is the **mean** of the squares of y - (M * x + b).
- Every step takes the gradient at the present M and b, and moves both against it, by learning_rate times the gradient.
- Return three things: M, b, and the list of the losses, one before each step, as plain numbers.

Gradients by hand, by autograd, or nn.Module with an optimizer: all are allowed. The formula of least squares is not: we
want the way, not only its end.

Check it with: inkdigits learn check descent descent_exercise.py
"""


def fit_line(x, y, learning_rate, steps):
    """Return M, b and the loss before each of the steps."""
    return 0.0, 0.0, []
