# expects: your losses are live tensors
import torch


def fit_line(x, y, learning_rate, steps):
    M, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([M, b], lr=learning_rate)
    losses = []
    for _ in range(steps):
        loss = ((y - (M * x + b)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return M.item(), b.item(), losses
