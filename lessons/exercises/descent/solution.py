"""A line fitted by gradient descent."""

import torch
from torch.nn import functional as F


def fit_line(x, y, learning_rate, steps):
    """Return M, b and the loss before each of the steps."""
    line = torch.zeros(2, requires_grad=True)  # M, b
    optimizer = torch.optim.SGD([line], lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(line[0] * x + line[1], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return *line.tolist(), losses
