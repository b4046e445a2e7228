# expects: squared_error changes y
def squared_error(matrix, x, b, y):
    y -= matrix @ x
    y -= b
    return (y**2).sum()


def gradients(matrix, x, b, y):
    r = y - matrix @ x - b
    return -2 * r @ x.T, -2 * matrix.T @ r, -2 * r.sum(1, keepdim=True), 2 * r
