# %% [markdown]
# # 2 · Gradients, by hand and by autograd
#
# Training asks one question again and again: if I change this weight a little, how does the error change? Here you
# answer it in three ways that must agree: by trying, by hand, and by **autograd**, the part of torch that finds
# derivatives. Then you meet what surprises people in autograd. You need [lesson 1](01_tensors.ipynb) and the derivative
# of $x^2$. It takes forty-five minutes.

# %%
import weakref

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


def refusal(action, *arguments):
    """Return the error that an action ends with."""
    try:
        action(*arguments)
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:150]}"
    raise AssertionError("there was no error")


# %% [markdown]
# ## The slope of a function, by trying
#
# Go a small step $h$ to the right, see how much the function rises, and divide: $\frac{f(x + h) - f(x)}{h}$ is nearly
# the slope. Going $h$ to both sides is better: $\frac{f(x + h) - f(x - h)}{2h}$. This is a **finite difference**. Take
# $f(x) = x^3$ at $x = 2$; its **derivative** is $3x^2$, so the slope there is 12.

# %%
x, slope = 2.0, 12.0
steps = np.logspace(-13, 0, 60)
one_sided = ((x + steps) ** 3 - x**3) / steps
two_sided = ((x + steps) ** 3 - (x - steps) ** 3) / (2 * steps)
for h in (1.0, 0.1, 0.001):
    print(
        f"h = {h:5}  one side {((x + h) ** 3 - x**3) / h:.6f}  both sides {((x + h) ** 3 - (x - h) ** 3) / (2 * h):.6f}"
    )

figure, axis = plt.subplots(figsize=(6, 2.6))
axis.loglog(steps, abs(one_sided - slope), label="one side")
axis.loglog(steps, abs(two_sided - slope), label="both sides")
axis.set(xlabel="step h", ylabel="error of the slope", title="a large step bends, a tiny step rounds")
axis.legend(loc="lower left")
plt.show()
assert abs(two_sided - slope).min() < 1e-7 < abs(two_sided - slope)[0]

# %% [markdown]
# A large step is wrong because the function bends. A tiny one is wrong because the computer rounds: float64 has sixteen
# digits, and the difference of two nearly equal numbers keeps few of them.
#
# ## The gradient: one slope for every number
#
# A loss depends on many numbers. The slope in the direction of one of them, with all others held still, is a **partial
# derivative**. All of them together are the **gradient**, and since there is one slope for each number, *the gradient
# has the shape of the tensor that it belongs to*. Remember this sentence: it decides every question about shapes below.


# %%
def slopes(function, tensor, h=1e-5):
    """Return the gradient of a function by finite differences: the shape of the tensor, one number at a time."""
    gradient = torch.zeros_like(tensor)
    for place in np.ndindex(*tensor.shape):
        step = torch.zeros_like(tensor)
        step[place] = h
        gradient[place] = (function(tensor + step) - function(tensor - step)) / (2 * h)
    return gradient


for dtype in (torch.float64, torch.float32):
    w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=dtype)
    print(slopes(lambda w: (w**2).sum(), w))

# %% [markdown]
# The slope of $\sum w^2$ is $2w$: right in float64, and plainly wrong in float32, where rounding comes sooner. So this
# lesson says `float64`; training does not need it. Every number costs two runs of the function. A network with a
# million weights would need two million runs for one step; hence the rest of this lesson.
#
# ## A squared error, by hand
#
# A layer takes $x$ to $Mx + b$, and we wanted $y$. Here $x$, $y$ and $b$ are columns, (2, 1), and $M$ is (2, 2).
# What is left over is the **residual** $r = y - Mx - b$, and the loss is one number, the sum of its squares:
#
# $$L = \sum_i r_i^2, \qquad r_i = y_i - \sum_j M_{ij} x_j - b_i$$
#
# The **chain rule**: the slope of $r_i^2$ is $2 r_i$ times the slope of $r_i$. And $r_i$ has slope 1 for $y_i$, $-1$
# for $b_i$, $-x_j$ for $M_{ij}$, and $-M_{ij}$ for $x_j$. Now $x_j$ is in the residual of every row, so its slopes add
# up over $i$; each of the others is in one residual only. Written for whole tensors:
#
# $$\frac{\partial L}{\partial y} = 2r \qquad \frac{\partial L}{\partial b} = -2r \qquad
# \frac{\partial L}{\partial M} = -2\,r\,x^T \qquad \frac{\partial L}{\partial x} = -2\,M^T r$$
#
# Check the shapes: $r\,x^T$ is (2, 1) times (1, 2), so (2, 2) like $M$. $M^T r$ is (2, 2) times (2, 1), so (2, 1).


# %%
def squared_error(matrix, x, b, y):
    return ((y - matrix @ x - b) ** 2).sum()


def by_hand(matrix, x, b, y):
    """Return the gradients of the squared error for the matrix, x, b and y."""
    r = y - matrix @ x - b
    return -2 * r @ x.T, -2 * matrix.T @ r, -2 * r, 2 * r


numbers = [[[2, 2], [2, 2]], [[1], [1]], [[3], [3]], [[4], [4]]]  # as in a widely read tutorial
M, x, b, y = values = [torch.tensor(value, dtype=torch.float64) for value in numbers]
print("residual", (y - M @ x - b).flatten().tolist(), " loss", squared_error(*values).item())
for name, gradient in zip("Mxby", by_hand(*values), strict=True):
    print(f"gradient for {name}: {gradient.tolist()}")
assert squared_error(*values) == 18

# %% [markdown]
# Follow one by pencil: $Mx = 2 + 2 = 4$, so $r = 4 - 4 - 3 = -3$ twice, and $L = 9 + 9 = 18$. Each number of the
# gradient for $x$ is $-2 \, (2 \cdot (-3) + 2 \cdot (-3)) = 24$. It is positive: a larger $x$ makes the loss larger.
#
# ## The same by autograd
#
# `requires_grad=True` marks a tensor whose gradient we want. torch then takes notes while it computes, and `backward`
# reads the notes from the end to the start. The gradient appears in `.grad`.

# %%
marked = [value.clone().requires_grad_() for value in values]
loss = squared_error(*marked)
print(loss)
loss.backward()
tried = (
    slopes(lambda value: squared_error(value, x, b, y), M),
    slopes(lambda value: squared_error(M, value, b, y), x),
    slopes(lambda value: squared_error(M, x, value, y), b),
    slopes(lambda value: squared_error(M, x, b, value), y),
)
for name, leaf, hand, trial in zip("Mxby", marked, by_hand(*values), tried, strict=True):
    print(f"{name}: autograd {leaf.grad.flatten().tolist()}  by trying {trial.flatten().tolist()}")
    assert torch.equal(leaf.grad, hand)
    assert torch.allclose(trial, hand, atol=1e-6)

# %% [markdown]
# ## Trap: a gradient of the wrong shape
#
# A widely read tutorial printed these formulas as sums of element-wise products: for $x$, $\sum_i 2 (y - Mx - b)(-M)$.
# A sum makes one number, where two are asked for. Its program printed the right gradients all the same, since it used
# autograd and not the formulas. Break it:

# %%
r = y - M @ x - b
as_printed = ((2 * r * -x).sum(), (2 * r * -M).sum(), (2 * r * -1).sum(), (2 * r).sum())
for name, wrong, right in zip("Mxby", as_printed, by_hand(*values), strict=True):
    print(f"{name}: printed {wrong:4.0f} {tuple(wrong.shape)}   right {right[0, 0]:4.0f} {tuple(right.shape)}")
    assert wrong.shape != right.shape

# %% [markdown]
# One number even fits into `x - 0.1 * gradient`, by broadcasting, and all of $x$ takes the same wrong step.
#
# Such an example would hide a second mistake. All numbers of its matrix are equal, so $M^T = M$, and a forgotten
# transpose goes unseen. Break that with its numbers and with four different ones:

# %%
different = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
for matrix in (M, different):
    r = y - matrix @ x - b
    right, wrong = -2 * matrix.T @ r, -2 * matrix @ r
    print(f"{matrix.tolist()}: right {right.flatten().tolist()}, without transpose {wrong.flatten().tolist()}")
assert not torch.equal(right, wrong)

# %% [markdown]
# The mend for both is a habit: test a gradient against finite differences, with random numbers and shapes that are not
# square. torch has that test ready-made.

# %%
random = torch.Generator().manual_seed(0)
shapes = ((3, 2), (2, 1), (3, 1), (3, 1))
values = [torch.randn(shape, dtype=torch.float64, generator=random).requires_grad_() for shape in shapes]
assert torch.autograd.gradcheck(squared_error, values)
found = torch.autograd.grad(squared_error(*values), values)
for mine, its in zip(by_hand(*values), found, strict=True):
    assert torch.allclose(mine, its)
print("by hand, by trying and by autograd: the same, for M of shape (3, 2) too")

# %% [markdown]
# ## The graph
#
# The notes are a **graph**: one node for each operation, linked to the nodes its inputs came from. It ends at the
# **leaves**, the tensors that you made yourself. `backward` starts with slope 1 at the loss and goes from node to node;
# each multiplies by its own slope and passes the result on. That is the chain rule, and nothing else.


# %%
def show(node, depth=0):
    """Print the graph that leads to a node."""
    shape = tuple(node.variable.shape) if hasattr(node, "variable") else ""
    print("  " * depth + node.name().split(":")[-1], shape)
    for before, _ in node.next_functions:
        if before is not None:
            show(before, depth + 1)


marked = [value.detach().clone().requires_grad_() for value in values]
loss = squared_error(*marked)
show(loss.grad_fn)

# %% [markdown]
# Read it from the top: a sum, of a power, of a difference, of a difference; the `AccumulateGrad` nodes are the leaves
# $y$, $M$, $x$ and $b$. Only leaves keep their gradient. The graph is built anew by every run, so Python's `if` and
# `for` may stand in the function. `backward` frees what the graph has saved: a second `backward` needs a second run.

# %%
loss.backward()
print(refusal(loss.backward))
leaf = torch.ones(2, requires_grad=True)
print("leaf:", leaf.is_leaf, "  leaf * 2:", (leaf * 2).is_leaf)
print(refusal(torch.optim.SGD, [torch.randn(2, requires_grad=True) * 0.01]))
print(refusal(torch.ones(2, dtype=torch.int64).requires_grad_))

# %% [markdown]
# The third line is a common slip: weights that are scaled after they were marked are no leaves, and the optimizer
# refuses them. Scale first, then mark: `(torch.randn(2) * 0.01).requires_grad_()`. Whole numbers have no slopes at all.
#
# ## Trap: gradients add up
#
# `backward` **adds** to `.grad`. Forget to clear it, and every step uses the sum of all gradients so far. Break it:

# %%
w = torch.tensor(3.0, requires_grad=True)
for run in range(3):
    (w**2).backward()
    print(f"run {run + 1}: the slope of w^2 at 3 is said to be {w.grad.item()}")
assert w.grad == 18

# %% [markdown]
# The mend: clear it before each run, `w.grad = None` here, `optimizer.zero_grad()` in a training loop. The adding is
# meant, though: two halves of a batch give, one after the other, the gradient of the whole. Big batches fit into small
# memories that way.

# %%
w.grad = None
(w**2).backward()
assert w.grad == 6

x, whole = torch.randn(8, generator=random), torch.ones(1, requires_grad=True)
halves = torch.ones(1, requires_grad=True)
((whole * x) ** 2).sum().backward()
for half in x.split(4):
    ((halves * half) ** 2).sum().backward()
print("whole batch", whole.grad.item(), " two halves", halves.grad.item())
assert torch.allclose(whole.grad, halves.grad)

# %% [markdown]
# ## Without notes: `no_grad` and `detach`
#
# Changing a weight is no part of the function whose slope we want, and torch refuses to change a marked leaf in place.
# Inside `torch.no_grad()` it takes no notes, so there you may; measuring belongs there as well. `detach` gives one
# tensor without its notes. It is a view: the same memory.

# %%
w = torch.tensor(3.0, requires_grad=True)
print(refusal(w.sub_, 0.1))
(w**2).backward()
with torch.no_grad():
    w -= 0.1 * w.grad  # one step of gradient descent
    print("after a step:", w.item(), " notes taken inside:", (w**2).requires_grad)
print("detached:", w.detach().requires_grad, " the same memory:", w.detach().data_ptr() == w.data_ptr())
assert abs(w.item() - 2.4) < 1e-6

# %% [markdown]
# A widely read tutorial stepped through `.data`, which also gets round the refusal. But `.data` hides the change from
# autograd as well. If a value that `backward` still needs is overwritten through `.data`, the gradient is wrong and
# nothing is said; through `detach` torch notices. The slope of $e^w$ at 0 is 1:

# %%
w = torch.zeros(1, requires_grad=True)
power = torch.exp(w)
power.data.mul_(5)  # overwritten; backward needs it
power.backward()
print("through .data:  ", w.grad.item())
assert w.grad == 5
power = torch.exp(w)
power.detach().mul_(5)
print("through detach: ", refusal(power.backward))

# %% [markdown]
# ## Trap: a list of live losses
#
# A widely read tutorial kept `losses.append(loss)` for its curve, and plotted the list. Each entry is a tensor with its
# graph, and with the torch of today the plot is an error. Break it:

# %%
torch.manual_seed(0)
images, model = torch.rand(500, 784), nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 1))
losses = [(model(images) ** 2).mean() for _ in range(5)]
print(refusal(np.asarray, losses[0]))
print(refusal(plt.plot, losses))
plt.close()

# %% [markdown]
# The error is the lesser harm. As long as a loss is alive, so is its graph, and with it every intermediate result that
# `backward` would need: memory grows with each step. torch lets us watch what the graph saves:


# %%
def save(tensor):
    view = tensor.detach()
    saved.append(weakref.ref(view))  # a weak reference sees a thing and does not keep it alive
    return view


for name, keep in {"loss": lambda loss: loss, "loss.item()": torch.Tensor.item}.items():
    saved, kept, megabytes = [], [], []
    for step in range(5):
        with torch.autograd.graph.saved_tensors_hooks(save, lambda view: view):
            kept.append(keep((model(images + step) ** 2).mean()))
        alive = {view().data_ptr(): view().nbytes for view in saved if view() is not None}  # shared memory once
        megabytes.append(round(sum(alive.values()) / 1e6, 1))
    print(f"losses.append({name}): {megabytes} MB held after each step")
    assert (megabytes[-1] == 0) == (name == "loss.item()")

# %% [markdown]
# After `backward` the intermediate results are gone, but the graph still holds on to the weights. A list of old losses
# keeps a model alive that you thought you had deleted:

# %%
loss = (model(images) ** 2).mean()
loss.backward()
weight = weakref.ref(model[0].weight)
losses = [loss]
del loss, model
print("after losses.append(loss), the weights are", "gone" if weight() is None else "still there")
assert weight() is not None
losses = [losses[0].item()]
print("after losses.append(loss.item()), they are", "gone" if weight() is None else "still there")
assert weight() is None

# %% [markdown]
# The mend is `losses.append(loss.item())`: a plain number, and the graph can go. `total += loss` has the same fault and
# the same mend. Measure inside `no_grad`, and there is no graph to keep.
#
# ## To remember
#
# - The gradient has the shape of the tensor that it belongs to.
# - Check a formula with finite differences, in float64, with random numbers and shapes that are not square.
# - `backward` adds to `.grad` of the leaves; clear it before each run.
# - Change weights and measure under `no_grad`; do not use `.data`.
# - Keep `loss.item()`, never `loss`.
#
# **Exercise.** Write the squared error and its four gradients by hand, without autograd:
# `inkdigits learn open autograd` puts the start beside this notebook, and
# `inkdigits learn check autograd autograd_exercise.py` marks it.
#
# Next: [gradient descent, from scratch to nn.Module](03_descent.ipynb).
