# expects: the gradient for y has the wrong sign
def squared_error(matrix, x, b, y):
    return ((matrix @ x + b - y) ** 2).sum()


def gradients(matrix, x, b, y):
    r = matrix @ x + b - y
    return -2 * r @ x.T, -2 * matrix.T @ r, -2 * r, 2 * r
