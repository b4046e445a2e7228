# expects: your gradient is N times too large
def fit_line(x, y, learning_rate, steps):
    M, b, losses = 0.0, 0.0, []
    for _ in range(steps):
        r = y - (M * x + b)
        losses.append((r**2).mean().item())
        dM, db = -2 * (r * x).sum(), -2 * r.sum()
        M, b = M - learning_rate * dM, b - learning_rate * db
    return M, b, losses
