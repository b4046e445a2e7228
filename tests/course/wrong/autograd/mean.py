# expects: squared_error is the mean of the squares
def squared_error(matrix, x, b, y):
    return ((y - matrix @ x - b) ** 2).mean()


def gradients(matrix, x, b, y):
    r = y - matrix @ x - b
    return -2 * r @ x.T, -2 * matrix.T @ r, -2 * r.sum(1, keepdim=True), 2 * r
