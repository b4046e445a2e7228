# expects: lacks the factor 2
def squared_error(matrix, x, b, y):
    return ((y - matrix @ x - b) ** 2).sum()


def gradients(matrix, x, b, y):
    r = y - matrix @ x - b
    return -r @ x.T, -matrix.T @ r, -r, r
