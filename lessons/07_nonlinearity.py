# %% [markdown]
# # 7 · Why networks need non-linearity
#
# Softmax regression reads nine digits of ten and stays there. The obvious next step is more layers. On their own they
# add nothing at all, and here you prove it: three layers are multiplied out into one. Then you put the missing piece
# between them, see what it does, and how it can die. You need lessons 3 and 6; it takes half an hour.

# %%
import math

import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

from inkdigits import load_dataset, split_dataset

train_set, valid_set = split_dataset(load_dataset("mnist"), 10_000, seed=0)
images = torch.tensor(train_set.images).flatten(1).float() / 255  # (50000, 784), 0 = paper, 1 = ink
labels = torch.tensor(train_set.labels)  # (50000,)
valid_images = torch.tensor(valid_set.images).flatten(1).float() / 255  # (10000, 784)
valid_labels = torch.tensor(valid_set.labels)  # (10000,)
print(train_set, valid_set)

# %% [markdown]
# ## Trap: three layers with nothing between them
#
# A widely read tutorial stacks three linear layers, 784 to 100 to 100 to 10, and says that many of them make a
# network. Break it: train that stack, and the single layer of lesson 6 on the very same batches.


# %%
def train(model, *, epochs=5, learning_rate=0.1):
    """Train a model on shuffled batches of 128 and return it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    chance = torch.Generator().manual_seed(0)  # the same batches for every model
    for _ in range(epochs):
        for batch in torch.randperm(len(images), generator=chance).split(128):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


@torch.no_grad()
def accuracy(model):
    """Return the share of validation images that a model gets right."""
    return (model(valid_images).argmax(dim=1) == valid_labels).float().mean().item()


# %%
torch.manual_seed(0)
single = train(nn.Linear(784, 10))
torch.manual_seed(0)
stack = train(nn.Sequential(nn.Linear(784, 100), nn.Linear(100, 100), nn.Linear(100, 10)))


def size(model):
    """Return the number of a model's parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


for name, model in (("one layer", single), ("three layers", stack)):
    print(f"{name:12} {size(model):6,} parameters, {accuracy(model):.1%} of the validation images right")
assert (size(single), size(stack)) == (7_850, 89_610)
assert abs(accuracy(single) - accuracy(stack)) < 0.02

# %% [markdown]
# Eleven times the parameters, and hardly a difference. Longer training would not help. A linear layer computes
# $W x + b$. Put one into the next:
#
# $$W_3 (W_2 (W_1 x + b_1) + b_2) + b_3 = \underbrace{W_3 W_2 W_1}_{W} \, x +
# \underbrace{W_3 (W_2 b_1 + b_2) + b_3}_{b}$$
#
# That is again one matrix and one bias: a linear layer from 784 to 10. See it. Multiply the trained stack out, put
# the result into a single layer, and compare its logits with those of the stack:

# %%
first, second, third = stack
one = nn.Linear(784, 10)
with torch.no_grad():
    one.weight.copy_(third.weight @ second.weight @ first.weight)  # (10, 100) (100, 100) (100, 784) -> (10, 784)
    one.bias.copy_(third.weight @ (second.weight @ first.bias + second.bias) + third.bias)  # (10,)
    difference = (one(valid_images) - stack(valid_images)).abs().max().item()
    largest = stack(valid_images).abs().max().item()
print(f"{size(stack):,} parameters in {size(one):,}: logits up to {largest:.0f} differ by {difference:.0e} at most")
print(f"accuracy {accuracy(stack):.2%} and {accuracy(one):.2%}")
assert difference < 1e-4
assert abs(accuracy(stack) - accuracy(one)) <= 0.0001

# %% [markdown]
# **89,610 parameters that can do no more than 7,850.** Whatever the stack can learn, softmax regression can learn;
# and the other way round, since 100 hidden numbers are enough to pass ten on. On the way they differ a little: a
# product of three matrices has another valley to walk through than one matrix, so after the same number of steps the
# two are not at the same place.
#
# The mend is something between the layers that cannot be multiplied out. The simplest that works is the **rectified
# linear unit**, ReLU: what is negative becomes 0, what is positive stays. A function like this, applied to each
# number by itself, is an **activation**. It has no parameters. The same stack, the same training:

# %%
torch.manual_seed(0)
bent = train(nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10)))
models = {"softmax regression": single, "three layers": stack, "three layers, made one": one, "with ReLU": bent}
table = [[name, size(model), f"{accuracy(model):.2%}"] for name, model in models.items()]
assert size(bent) == size(stack)
assert accuracy(bent) > accuracy(stack) + 0.03
pd.DataFrame(table, columns=["model", "parameters", "validation accuracy"])

# %% [markdown]
# The numbers in between, here 100 and 100, are **hidden units**; layers with activations between them are a
# **multilayer perceptron**. The same 89,610 parameters now make little more than half of the errors.
#
# ### The same trap, better hidden
#
# The same tutorial has a convolutional network too. It ends in two linear layers, 1600 to 128 to 10, again with
# nothing between. The layers before have their ReLUs, so the network works well, and nobody notices that its end is
# one layer:

# %%
head = nn.Sequential(nn.Linear(1600, 128), nn.Linear(128, 10))
short = nn.Linear(1600, 10)
features = torch.randn(1000, 1600, generator=torch.Generator().manual_seed(0))
with torch.no_grad():
    short.weight.copy_(head[1].weight @ head[0].weight)
    short.bias.copy_(head[1].weight @ head[0].bias + head[1].bias)
    difference = (short(features) - head(features)).abs().max().item()
print(f"{size(head):,} parameters in {size(short):,}, difference {difference:.0e}")
assert difference < 1e-4
assert (size(head), size(short)) == (206_218, 16_010)

# %% [markdown]
# ## What no linear network can see
#
# Inputs of two numbers can be drawn. Here are two classes: a disc, and a ring around it. A linear network says "ring"
# where one logit is larger than the other, and that is on one side of a straight line. A side of a line that holds
# two points holds everything between them. If it held all of the ring, it would hold the disc, which lies between.


# %%
def disc_and_ring(count, seed):
    """Return points (count, 2) and their classes (count,), 0 = disc, 1 = ring."""
    chance = torch.Generator().manual_seed(seed)
    classes = torch.arange(count) % 2
    inner, outer = torch.rand(2, count, generator=chance)
    radius = torch.where(classes == 1, 1.6 + 0.6 * outer, inner.sqrt())
    angle = 2 * math.pi * torch.rand(count, generator=chance)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), classes


points, classes = disc_and_ring(400, seed=0)  # to learn from
new_points, new_classes = disc_and_ring(400, seed=1)  # to measure with


def fit(*layers, seed=0):
    """Train a small network on the points and return it with its accuracy on new ones."""
    torch.manual_seed(seed)
    model = nn.Sequential(*[nn.ReLU() if layer == "ReLU" else nn.Linear(*layer) for layer in layers])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(500):
        loss = F.cross_entropy(model(points), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, (model(new_points).argmax(dim=1) == new_classes).float().mean().item()


# %%
fitted = {
    "one linear layer": fit((2, 2)),
    "three linear layers": fit((2, 32), (32, 32), (32, 2)),
    "8 units with ReLU": fit((2, 8), "ReLU", (8, 2)),
}
directions = torch.linspace(0, 2 * math.pi, 361)
across = new_points @ torch.stack([directions.cos(), directions.sin()])  # (400, 361), along each direction
lines = [((across > place).long() == new_classes[:, None]).float().mean(dim=0) for place in torch.linspace(-2, 2, 81)]
best_line = torch.stack(lines).max().item()
print({name: f"{share:.0%}" for name, (_, share) in fitted.items()})
print(f"the best of {torch.stack(lines).numel():,} straight lines: {best_line:.0%}")
assert fitted["three linear layers"][1] <= best_line + 0.01 < 0.8
assert fitted["8 units with ReLU"][1] > 0.97

# %% [markdown]
# Red is where a network says "ring", blue where it says "disc". The lines are where a hidden unit goes from 0 to
# positive; only the network with ReLU has any.


# %%
def draw(axis, model, title):
    """Draw what a model says all over the plane, the points, and the fold of each hidden unit."""
    side = torch.linspace(-2.5, 2.5, 201)
    plane = torch.stack(torch.meshgrid(side, side, indexing="xy"), dim=-1).reshape(-1, 2)
    with torch.no_grad():
        ring = model(plane).argmax(dim=1).view(201, 201)
        folds = model[0](plane).view(201, 201, -1) if any(isinstance(layer, nn.ReLU) for layer in model) else None
    axis.contourf(side, side, ring, levels=[-0.5, 0.5, 1.5], colors=["#cfe0f3", "#f9d7d3"])
    for unit in range(0 if folds is None else folds.shape[2]):
        axis.contour(side, side, folds[:, :, unit], levels=[0], colors="black", linewidths=0.8)
    axis.scatter(*points[:200].T, c=classes[:200], s=5, cmap="coolwarm")
    axis.set(title=title, xticks=[], yticks=[], aspect="equal")


figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for axis, (name, (model, share)) in zip(axes, fitted.items(), strict=True):
    draw(axis, model, f"{name}: {share:.0%}")
plt.show()

# %% [markdown]
# ## What a ReLU does: it folds
#
# A linear layer maps the plane to a flat sheet, tilted. A ReLU folds the sheet along a straight line, and lays one
# side of it flat. The next layer adds folded sheets up, and the sum has a fold wherever one of them has one: a
# faceted bowl. Between the folds everything is still linear. Cut the bowl at the height 0, and there is the border of
# the disc.

# %%
side = torch.linspace(-2.5, 2.5, 60)
plane = torch.stack(torch.meshgrid(side, side, indexing="xy"), dim=-1)  # (60, 60, 2)
model = fitted["8 units with ReLU"][0]
with torch.no_grad():
    before = model[0](plane)[:, :, 0]
    logits = model(plane)
sheets = {
    "one unit": before,
    "the unit after ReLU": before.relu(),
    "logit of ring less disc": logits[..., 1] - logits[..., 0],
}
figure = plt.figure(figsize=(9, 3), layout="constrained")
for number, (name, sheet) in enumerate(sheets.items()):
    axis = figure.add_subplot(1, 3, number + 1, projection="3d")
    axis.plot_surface(*plane.unbind(-1), sheet, cmap="viridis", rcount=60, ccount=60)
    axis.set_title(name, fontsize=10)
    axis.set(xticks=[], yticks=[])
    axis.tick_params(labelsize=7)
plt.show()

# %% [markdown]
# How many folds does a closed border need? Two never do: they cut out a strip or a wedge, which is open at an end.
# Three can.

# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
narrow = {}
for axis, units, seed in zip(axes, (2, 3, 4), (0, 1, 0), strict=True):
    model, narrow[units] = fit((2, units), "ReLU", (units, 2), seed=seed)
    draw(axis, model, f"{units} units: {narrow[units]:.0%}")
plt.show()
shares = {units: [fit((2, units), "ReLU", (units, 2), seed=seed)[1] for seed in range(4)] for units in (3, 8)}
for units, found in shares.items():
    print(f"{units} units, four beginnings:", "  ".join(f"{share:.0%}" for share in found))
assert narrow[2] < 0.9
assert min(shares[8]) > 0.97

# %% [markdown]
# With three units it can be done, but gradient descent gets there from some first weights and not from others. With
# eight it got there every time. That is one reason why networks are made larger than they would have to be.
#
# ## One hidden layer can draw any curve
#
# With one input the folded sheet is a line with corners. A unit $\max(0, x - k)$ is 0 up to $k$ and rises from there,
# so it adds a corner at $k$, as sharp as its weight. Then any curve can be drawn: put corners along it and set each
# weight to the change of slope. No training, only arithmetic:


# %%
def curve(x):
    """Return what is to be drawn, for x from 0 to 1."""
    return torch.sin(2 * math.pi * x) + 0.5 * torch.sin(6 * math.pi * x)


@torch.no_grad()
def drawn_with(width):
    """Return a network of one hidden layer that draws the curve with `width` straight pieces."""
    model = nn.Sequential(nn.Linear(1, width), nn.ReLU(), nn.Linear(width, 1))
    corners = torch.linspace(0, 1, width + 1)
    slopes = curve(corners).diff() * width
    model[0].weight.fill_(1)
    model[0].bias.copy_(-corners[:-1])
    model[2].weight.copy_(slopes.diff(prepend=torch.zeros(1))[None])
    model[2].bias.copy_(curve(corners[:1]))
    return model


# %%
x = torch.linspace(0, 1, 1001)[:, None]  # (1001, 1)
figure, axes = plt.subplots(1, 3, figsize=(9, 2.4), layout="constrained", sharey=True)
for axis, width in zip(axes, (4, 8, 32), strict=True):
    axis.plot(x, curve(x), color="0.7", linewidth=4, label="curve")
    axis.plot(x, drawn_with(width)(x).detach(), label="network")
    axis.set(title=f"{width} hidden units", xlabel="x")
axes[0].legend()
plt.show()
errors = {width: (drawn_with(width)(x) - curve(x)).abs().max().item() for width in (8, 16, 32, 64, 128)}
print("largest error:", {width: f"{error:.4f}" for width, error in errors.items()})
assert 3 < errors[64] / errors[128] < 5

# %% [markdown]
# Twice the units, a quarter of the error, as small as you like. In more dimensions it needs more units, but it stays
# true: one hidden layer, wide enough, comes as close as you want to any continuous function on a bounded region. That
# is the **universal approximation theorem**. Mind what it does not say: not how wide, which can be hopelessly wide;
# not that training finds the weights; and nothing about inputs unlike those it has learnt from. A network without
# activations cannot do it at any width.
#
# ## Other bends
#
# Any bend will do, but not equally well. Older networks used two soft ones: the **sigmoid**, from 0 to 1, and
# **tanh**, from -1 to 1. What training feels of them is their gradient:

# %%
z = torch.linspace(-5, 5, 401, requires_grad=True)
activations = {"ReLU": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
figure, axes = plt.subplots(1, 3, figsize=(9, 2.4), layout="constrained")
steepest = {}
for axis, (name, function) in zip(axes, activations.items(), strict=True):
    (gradient,) = torch.autograd.grad(function(z).sum(), z)
    steepest[name] = gradient.max().item()
    axis.plot(z.detach(), function(z).detach(), label=name)
    axis.plot(z.detach(), gradient, "--", label="its gradient")
    axis.set(xlabel="z", ylim=(-1.1, 2))
    axis.legend(loc="upper left")
plt.show()
print("steepest:", steepest, " far out, at 5:", f"sigmoid {torch.sigmoid(z).diff()[-1] / z.diff()[-1]:.4f}")
assert abs(steepest["sigmoid"] - 0.25) < 1e-3

# %% [markdown]
# Backpropagation multiplies by such a gradient at every layer. A sigmoid's is a quarter at best, and far out hardly
# anything. Eight of them make $0.25^8$, and the first layers feel nothing: their gradient **vanishes**. Measure it in
# a network of eight hidden layers, before training:

# %%
noise = torch.randn(256, 50, generator=torch.Generator().manual_seed(0))
some_labels = torch.randint(10, (256,), generator=torch.Generator().manual_seed(0))
ratios = {}
kinds = {"ReLU": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "ReLU, Kaiming": nn.ReLU}
for name, activation in kinds.items():
    torch.manual_seed(0)
    layers = [nn.Linear(50, 50) for _ in range(8)]
    if "Kaiming" in name:
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight)
    model = nn.Sequential(*[each for layer in layers for each in (layer, activation())], nn.Linear(50, 10))
    F.cross_entropy(model(noise), some_labels).backward()
    first, last = model[0].weight.grad.norm().item(), model[-1].weight.grad.norm().item()
    ratios[name] = first / last
    print(f"{name:13} gradient of the first layer {first:.1e}, of the last {last:.1e}")
assert ratios["sigmoid"] < ratios["ReLU"] / 1000
assert ratios["sigmoid"] < ratios["tanh"] / 1000
assert ratios["ReLU, Kaiming"] > 0.1

# %% [markdown]
# The gradient of a ReLU is 1 wherever it is positive, that of tanh only at 0. What is still lost here comes from the
# first weights, which torch draws rather small. With weights of variance 2 / inputs (**Kaiming** initialisation, made
# for ReLU) the gradient shrinks about fourfold instead of sixtyfold. A ReLU is also the cheapest to compute. So it is
# the habit, with newer, softer relatives such as GELU.
#
# ## Trap: units that die
#
# Where a ReLU gives 0, its gradient is 0 too. If one large step pushes a unit so far that it gives 0 for **every**
# image, no image moves it any more: it is **dead**, for good. Its parameters are still counted, and no error comes. A
# widely read tutorial offers learning rates up to 1.0 to play with. Break it (the rate 0.1 is the network from above,
# after five epochs; the others get two):


# %%
@torch.no_grad()
def dead_units(model):
    """Return for both hidden layers which units give 0 for each of 10,000 training images: bool (100,), bool (100,)."""
    hidden = model[:2](images[:10_000])  # (10000, 100)
    return (hidden == 0).all(dim=0), (model[2:4](hidden) == 0).all(dim=0)


trained = {0.1: bent}
for learning_rate in (0.5, 1.0, 2.0):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))
    trained[learning_rate] = train(model, epochs=2, learning_rate=learning_rate)
for learning_rate, model in trained.items():
    first, second = (dead.sum().item() for dead in dead_units(model))
    print(f"learning rate {learning_rate}: {first:2} and {second:2} of 100 units dead, accuracy {accuracy(model):.1%}")
dead = dead_units(trained[1.0])[0]
assert accuracy(trained[1.0]) > 0.9
assert dead_units(bent)[0].sum() + 10 < dead.sum()
assert accuracy(trained[2.0]) < 0.9

# %% [markdown]
# With the rate 1.0 the network reads well over nine digits of ten, and a good part of its first layer is waste. See
# that the dead do not come back: their gradient is exactly 0.

# %%
model = trained[1.0]
model.zero_grad()
F.cross_entropy(model(images[:10_000]), labels[:10_000]).backward()
gradients = model[0].weight.grad.abs().sum(dim=1)  # (100,), of each unit
print(
    f"gradients of the {dead.sum()} dead units: {gradients[dead].max():g}; of the others: {gradients[~dead].mean():.2g}"
)
assert (gradients[dead] == 0).all()

# %% [markdown]
# The mend is a smaller learning rate, and a count of the dead from time to time. A **leaky** ReLU gives $0.01 z$
# where $z$ is negative. That leaves every unit a way back, but it is not the mend: the step is still too large.

# %%
torch.manual_seed(0)
leaky = nn.Sequential(nn.Linear(784, 100), nn.LeakyReLU(), nn.Linear(100, 100), nn.LeakyReLU(), nn.Linear(100, 10))
train(leaky, epochs=2, learning_rate=1.0)
leaky.zero_grad()
F.cross_entropy(leaky(images[:10_000]), labels[:10_000]).backward()
stuck = (leaky[0].weight.grad.abs().sum(dim=1) == 0).sum().item()
print(f"leaky, learning rate 1.0: {stuck} units without a gradient, accuracy {accuracy(leaky):.1%}")
assert stuck == 0

# %% [markdown]
# ## To remember
#
# - Linear layers in a row are one linear layer, however many parameters they have. Put an activation between them.
# - A ReLU folds; the sum of folded sheets can take any shape, and one hidden layer is enough if it is wide enough.
# - What training feels is the gradient: a sigmoid's is 0.25 at best and vanishes through many layers, a ReLU's is 1
#   or 0.
# - A ReLU that is 0 for every image is dead. Large steps kill.
#
# **Exercise.** Make one linear layer of three, or of any number, and simplify a network without changing its answers:
# `inkdigits learn open nonlinearity` puts the start beside this notebook, and
# `inkdigits learn check nonlinearity nonlinearity_exercise.py` marks it.
#
# Next: [convolution and pooling](08_convolution.ipynb).
