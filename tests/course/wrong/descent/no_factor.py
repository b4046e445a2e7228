# expects: the slope of r squared is 2 * r
def fit_line(x, y, learning_rate, steps):
    M, b, losses = 0.0, 0.0, []
    for _ in range(steps):
        r = y - (M * x + b)
        losses.append((r**2).mean().item())
        M, b = M + learning_rate * (r * x).mean(), b + learning_rate * r.mean()
    return M, b, losses
