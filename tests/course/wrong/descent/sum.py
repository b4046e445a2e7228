# expects: the sum of the squares: divide by the number of points
import torch


def fit_line(x, y, learning_rate, steps):
    M, b, losses = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True), []
    for _ in range(steps):
        loss = ((y - (M * x + b)) ** 2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            M -= learning_rate * M.grad
            b -= learning_rate * b.grad
        M.grad, b.grad = None, None
    return M, b, losses
