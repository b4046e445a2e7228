# expects: a finite difference
import torch


def squared_error(matrix, x, b, y):
    return ((y - matrix @ x - b) ** 2).sum()


def gradients(matrix, x, b, y):
    values = [matrix, x, b, y]
    found = []
    for number, value in enumerate(values):
        slope = torch.zeros_like(value)
        for i in range(value.shape[0]):
            for j in range(value.shape[1]):
                moved = [other.clone() for other in values]
                moved[number][i, j] += 1e-5
                slope[i, j] = (squared_error(*moved) - squared_error(*values)) / 1e-5
        found.append(slope)
    return tuple(found)
