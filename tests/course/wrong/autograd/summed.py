# expects: you added everything up
import torch


def squared_error(matrix, x, b, y):
    return torch.sum((y - matrix.matmul(x) - b) ** 2)


def gradients(matrix, x, b, y):
    r = y - matrix.matmul(x) - b
    return torch.sum(2 * r * -x), torch.sum(2 * r * -matrix), torch.sum(2 * r * -1), torch.sum(2 * r)
