# expects: the gradient for b has the wrong sign
def squared_error(matrix, x, b, y):
    return ((y - matrix @ x - b) ** 2).sum()


def gradients(matrix, x, b, y):
    r = y - matrix @ x - b
    return 2 * r @ x.T, 2 * matrix.T @ r, 2 * r, 2 * r
