# expects: take the loss before you move
def fit_line(x, y, learning_rate, steps):
    M, b, losses = 0.0, 0.0, []
    for _ in range(steps):
        r = y - (M * x + b)
        M, b = M + learning_rate * 2 * (r * x).mean(), b + learning_rate * 2 * r.mean()
        losses.append(((y - (M * x + b)) ** 2).mean().item())
    return M, b, losses
