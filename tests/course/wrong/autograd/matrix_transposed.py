# expects: the gradient for matrix is transposed
def squared_error(matrix, x, b, y):
    return ((y - matrix @ x - b) ** 2).sum()


def gradients(matrix, x, b, y):
    r = y - matrix @ x - b
    return -2 * x @ r.T, -2 * matrix.T @ r, -2 * r.sum(1, keepdim=True), 2 * r
