# %% [markdown]
# # 3 · Gradient descent, from scratch to nn.Module
#
# A line is the smallest network: one weight, one bias. Here you fit it to points by gradient descent, first with
# gradients from your own pencil, then with autograd, then with the parts that torch has for it, and see that the three
# do the same, number for number. Every network in this course is trained by the third program. You need
# [lesson 2](02_autograd.ipynb); it takes forty minutes.

# %%
import math

import matplotlib.pyplot as plt
import torch
from torch import nn

# %% [markdown]
# ## Points near a line
#
# The truth is $y = 2x + 1$. We see 100 points of it, each with some noise: a normal random number with standard
# deviation 0.1. The task is to find 2 and 1 from the points alone. float64, because we shall compare last digits.


# %%
def make_points(count, seed=0):
    """Return x in [0, 1] and y = 2x + 1 + noise, both float64 (count, 1)."""
    chance = torch.Generator().manual_seed(seed)
    x = torch.rand(count, 1, dtype=torch.float64, generator=chance)
    return x, 2 * x + 1 + 0.1 * torch.randn(count, 1, dtype=torch.float64, generator=chance)


x, y = make_points(100)
START = (-1.0, 0.0)  # where every descent begins: M, b
print(tuple(x.shape), tuple(y.shape), "x from", x.min().item(), "to", x.max().item())

# %% [markdown]
# The **loss** of a line $Mx + b$ is the sum of the squares of the residuals $r_n = y_n - M x_n - b$. Its gradient, by
# the chain rule of lesson 2, is two numbers:
#
# $$L = \sum_n r_n^2 \qquad \frac{\partial L}{\partial M} = -2 \sum_n r_n x_n \qquad
# \frac{\partial L}{\partial b} = -2 \sum_n r_n$$
#
# ## 1. By hand
#
# The gradient points to where the loss rises fastest. So go the other way, by a small multiple of it, and ask again:
#
# $$M \leftarrow M - \eta \, \frac{\partial L}{\partial M} \qquad
# b \leftarrow b - \eta \, \frac{\partial L}{\partial b}$$
#
# That is **gradient descent**, each such move is a **step**, and $\eta$ is the **learning rate**.

# %%
M, b = START
by_hand, losses = [], []  # (M, b) after every step; the loss before it
for _ in range(500):
    residual = y - (M * x + b)  # (100, 1)
    gradient_m, gradient_b = -2 * (residual * x).sum().item(), -2 * residual.sum().item()
    losses.append((residual**2).sum().item())
    M, b = M - 0.001 * gradient_m, b - 0.001 * gradient_b
    by_hand.append((M, b))
print(f"before: M {START[0]:.4f}, b {START[1]:.4f}, loss {losses[0]:.2f}")
print(f"after:  M {M:.4f}, b {b:.4f}, loss {losses[-1]:.2f}")
assert abs(M - 2) < 0.1
assert abs(b - 1) < 0.1

# %% [markdown]
# Both gradients are taken at the same place, before either number changes; so the two are assigned in one line.

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10, 3))
left.semilogy(losses)
left.set(xlabel="step", ylabel="loss", title="the loss falls")
middle.scatter(x, y, s=5, color="gray")
ends = torch.tensor([0.0, 1.0])
middle.plot(ends, START[0] * ends + START[1], "--", label="before")
middle.plot(ends, M * ends + b, label="after")
middle.set(xlabel="x", ylabel="y", title="the line fits")
middle.legend()
slopes, offsets = torch.meshgrid(torch.linspace(-1.5, 4, 80), torch.linspace(-1, 3.5, 80), indexing="xy")
heights = ((y[:, :, None] - slopes * x[:, :, None] - offsets) ** 2).sum(dim=0)  # (80, 80), the loss of every line
right.contour(slopes, offsets, heights, levels=torch.logspace(0.3, 3, 10).tolist(), norm="log")
right.plot(*zip(START, *by_hand, strict=True), "r.-", markersize=3, linewidth=1)
right.plot(2, 1, "k+", markersize=12, markeredgewidth=2)
right.set(xlabel="M", ylabel="b", title="the path downhill, and the truth +")
figure.tight_layout()
plt.show()

# %% [markdown]
# The right picture looks down on the loss. Each curve is a height. A few steps fall into a long valley, and the rest of
# the way is a crawl along its bottom: a line that is a bit too flat and a bit too high fits nearly as well.
#
# ## 2. Autograd, and a step by hand
#
# No formulas now: mark `M` and `b`, write down the loss alone, and let `backward` find the gradients.

# %%
M, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in START)
by_autograd = []
for _ in range(500):
    loss = ((y - (M * x + b)) ** 2).sum()
    M.grad = b.grad = None  # backward adds to what is there
    loss.backward()
    with torch.no_grad():  # a step is no part of the function
        M -= 0.001 * M.grad
        b -= 0.001 * b.grad
    by_autograd.append((M.item(), b.item()))
print("after 500 steps:", by_autograd[-1])

# %% [markdown]
# ## 3. `nn.Module`, a loss, an optimizer
#
# Three parts do the three jobs. A **module** holds the parameters and knows the way from input to output. You write
# `__init__` and `forward`, and call it as `model(x)`, not `model.forward(x)`, which would skip whatever hangs on the
# call. `nn.MSELoss(reduction="sum")` is the sum of squares. The **optimizer** gets the parameters, clears their
# gradients, and takes the step. **SGD** is the plain one, *stochastic* gradient descent: as a rule each step sees a
# random batch; here it sees all points.


# %%
class Line(nn.Module):
    """y = Mx + b for x (N, 1)."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1, dtype=torch.float64)  # float32 unless told: lesson 1

    def forward(self, x):
        return self.linear(x)  # (N, 1)


model = Line()
with torch.no_grad():
    model.linear.weight.fill_(START[0])
    model.linear.bias.fill_(START[1])
print({name: parameter.tolist() for name, parameter in model.named_parameters()})

# %%
sum_of_squares = nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
by_module = []
for _ in range(500):
    loss = sum_of_squares(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    by_module.append((model.linear.weight.item(), model.linear.bias.item()))
print("after 500 steps:", by_module[-1])

# %% [markdown]
# The same path? Compare all three after every one of the 500 steps. Where they differ at all, it is in the last of
# sixteen digits: the computer adds up in another order.

# %%
paths = torch.tensor([by_hand, by_autograd, by_module], dtype=torch.float64)  # (3, 500, 2)
difference = (paths - paths[0]).abs().amax(dim=(1, 2))
print("largest difference from the path by hand:", difference.tolist())
assert (difference < 1e-10).all()

# %% [markdown]
# ## The right answer, in one line
#
# A sum of squares of a *linear* model has one lowest point, and algebra finds it without any steps: **least squares**.
# So here, for once, we can see how near the descent has come. (A network is not linear in its weights and has no such
# formula; that is why it descends.)

# %%
columns = torch.cat([x, torch.ones_like(x)], dim=1)  # (100, 2): M times the first, b times the second
best = torch.linalg.lstsq(columns, y).solution.flatten()
loss_at = {
    "descent": (by_hand[-1], ((y - columns @ paths[0, -1:].T) ** 2).sum()),
    "least squares": (best.tolist(), ((y - columns @ best[:, None]) ** 2).sum()),
    "truth": ((2.0, 1.0), ((y - 2 * x - 1) ** 2).sum()),
}
for name, ((M, b), loss) in loss_at.items():
    print(f"{name:14} M {M:.5f}  b {b:.5f}  loss {loss:.5f}")
assert torch.allclose(paths[0, -1], best, atol=0.02)
assert loss_at["least squares"][1] < loss_at["descent"][1]
assert loss_at["least squares"][1] < loss_at["truth"][1]

# %% [markdown]
# The best line is not the true one: it fits these 100 points, noise included, better than the truth does. That is
# over-fitting in its smallest form, and [lesson 10](10_overfitting.ipynb) is about its larger ones.
#
# ## The learning rate
#
# Too small, and 500 steps do not arrive. Too large, and each step jumps over the valley to a higher place on the other
# side. For a sum of squares the border is known: $2 / \lambda$, where $\lambda$ is the largest **curvature** of the
# loss, the largest eigenvalue of its matrix of second derivatives, $2 A^T A$ for the columns $A$ above.


# %%
def descend(x, y, learning_rate, steps=500, reduction="sum"):
    """Return the losses before each step, and M and b after the last."""
    M, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in START)
    optimizer, losses = torch.optim.SGD([M, b], lr=learning_rate), []
    for _ in range(steps):
        loss = nn.functional.mse_loss(M * x + b, y, reduction=reduction)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, M.item(), b.item()


border = 2 / torch.linalg.eigvalsh(2 * columns.T @ columns).max().item()
figure, axis = plt.subplots(figsize=(7, 3))
for rate in (0.00001, 0.001, 0.99 * border, 1.01 * border, 0.01):
    losses, M, b = descend(x, y, rate)
    print(f"learning rate {rate:.5f}: loss {losses[0]:.0f} -> {losses[-1]:10.4g}   M {M:10.4g}  b {b:10.4g}")
    axis.semilogy(losses, label=f"{rate:.5f}")
    assert (losses[-1] > losses[0]) == (rate > border)
axis.set(xlabel="step", ylabel="loss", ylim=(0.5, 1e5), title=f"five learning rates; the border is {border:.5f}")
axis.legend(loc="upper right")
plt.show()

# %% [markdown]
# Two percent of the learning rate lie between arriving and exploding. Just below the border each step lands on the
# other side of the valley, a little lower; just above, a little higher, and so on without end. A loss that grows, or
# turns to `inf` and `nan`, asks for a smaller learning rate before anything else.
#
# ## Trap: a sum that is called a mean
#
# A widely read tutorial names its loss `mean_squared_loss` and computes the **sum**. The minimum is in the same place,
# and the gradient is as many times larger as there are points. So the learning rate that fits depends on the size of
# the data. Break it: the learning rate 0.001 was right for 100 points. Take more.

# %%
for count in (10, 100, 1000, 10_000):
    results = [descend(*make_points(count), 0.001), descend(*make_points(count), 0.1, reduction="mean")]
    told = [f"M {M:10.4g}  b {b:10.4g}" for _, M, b in results]
    print(f"{count:6} points   sum, 0.001: {told[0]}   mean, 0.1: {told[1]}")
    assert abs(results[1][1] - 2) < 0.3
    assert (not math.isfinite(results[0][1]) or abs(results[0][1]) > 1e6) == (count >= 1000)

# %% [markdown]
# The sum explodes with a thousand points, and with ten it has not arrived. The mean has one learning rate for every
# number of points; that is the mend, and `nn.MSELoss()` is the mean unless told otherwise. It is no cure for the habit
# of copying learning rates: swap the sum for the mean and keep 0.001, and the steps are a hundred times too small.

# %%
kept, M_kept, b_kept = descend(x, y, 0.001, reduction="mean")
moved, M_moved, b_moved = descend(x, y, 0.1, reduction="mean")
print(f"mean, 0.001: M {M_kept:.3f}  b {b_kept:.3f}      mean, 0.1: M {M_moved:.3f}  b {b_moved:.3f}")
assert abs(M_kept - 2) > 1
assert torch.allclose(torch.tensor([M_moved, b_moved], dtype=torch.float64), paths[2, -1])  # the path of sum and 0.001

# %% [markdown]
# Rules that name a learning rate mean something only together with the loss, its `reduction`, and the batch size.
#
# ## Trap: the forgotten `zero_grad`
#
# One line is missing below. `backward` then adds each gradient to all the earlier ones. Break it:

# %%
model = Line()
with torch.no_grad():
    model.linear.weight.fill_(START[0])
    model.linear.bias.fill_(START[1])
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
swinging = []
for _ in range(500):
    loss = sum_of_squares(model(x), y)
    loss.backward()
    optimizer.step()
    swinging.append(loss.item())

low, high = min(swinging[-100:]), max(swinging[-100:])
print(f"it began at {swinging[0]:.1f}; in the last 100 steps the loss lies between {low:.1f} and {high:.1f}")
assert high > 0.5 * swinging[0]

# %%
figure, axis = plt.subplots(figsize=(7, 2.6))
axis.semilogy(swinging[:120], label="without zero_grad")
axis.semilogy(descend(x, y, 0.001)[0][:120], label="with zero_grad")
axis.set(xlabel="step", ylabel="loss", ylim=(0.2, 2000), title="the first 120 steps")
axis.legend(loc="lower left", ncols=2)
plt.show()

# %% [markdown]
# The sum of all gradients acts like speed: the line rolls through the valley, up the other side and back, like a ball
# without friction, and never comes to rest. Nothing crashes, and a printed loss may even look good if you print at the
# right moment. The mend is the line `optimizer.zero_grad()` before `backward`, and the sign is a loss that swings.
#
# ## To remember
#
# - Forward, loss, `zero_grad`, `backward`, `step`: five lines train every network in this course.
# - `nn.Module`, a loss and an optimizer do what you can do by hand, to the last digits.
# - Learning rate too small: it does not arrive. Too large: the loss grows, then `inf`, then `nan`.
# - Know whether a loss is a sum or a mean before you believe a learning rate.
# - A loss that swings and never settles: look for the forgotten `zero_grad`.
#
# **Exercise.** Fit a line by gradient descent on the mean squared error, and return the losses of the way:
# `inkdigits learn open descent` puts the start beside this notebook, and
# `inkdigits learn check descent descent_exercise.py` marks it.
#
# Next: [pictures are tensors](04_pictures.ipynb).
