"""The gradients of a squared error, by hand."""


def squared_error(matrix, x, b, y):
    """Return the sum of the squares of y - matrix @ x - b."""
    return ((y - matrix @ x - b) ** 2).sum()


def gradients(matrix, x, b, y):
    """Return the gradients of the squared error for matrix, x, b and y."""
    slope = 2 * (y - matrix @ x - b)  # (N, B), the slope for each residual
    return -slope @ x.T, -matrix.T @ slope, -slope.sum(dim=1, keepdim=True), slope
