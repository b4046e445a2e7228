# expects: you ask autograd
def squared_error(matrix, x, b, y):
    return ((y - matrix @ x - b) ** 2).sum()


def gradients(matrix, x, b, y):
    values = [value.clone().requires_grad_() for value in (matrix, x, b, y)]
    squared_error(*values).backward()
    return tuple(value.grad for value in values)
