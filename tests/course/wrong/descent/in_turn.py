# expects: take both gradients at the same place
def fit_line(x, y, learning_rate, steps):
    M, b, losses = 0.0, 0.0, []
    for _ in range(steps):
        losses.append(((y - M * x - b) ** 2).mean().item())
        M = M + learning_rate * 2 * ((y - M * x - b) * x).mean()
        b = b + learning_rate * 2 * (y - M * x - b).mean()
    return M, b, losses
