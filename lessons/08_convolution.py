# %% [markdown]
# # 8 · Convolution and pooling
#
# A linear layer looks at all 784 pixels at once and knows nothing of neighbours. A convolution looks at a few pixels
# that lie together, and does so everywhere with the same weights. Here you do one by hand, predict the size of its
# output and the number of its parameters, and follow one digit through a whole network. You need lessons 4, 6 and 7;
# it takes half an hour.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from inkdigits import create_model, load_dataset, summarize

train_set = load_dataset("mnist")
images = torch.tensor(train_set.images).float() / 255  # (60000, 28, 28), 0 = paper, 1 = ink
image, label = images[38], int(train_set.labels[38])
image.shape, label

# %% [markdown]
# ## Nine weights, one place
#
# A **kernel** is a small table of weights, here 3 by 3. Lay it on the image, multiply each pixel by the weight that
# lies on it, add the nine products up: one number. This kernel is negative above and positive below. On plain paper
# and on solid ink it gives 0. It gives a large number where paper lies above and ink below: at a **top edge**.

# %%
top_edge = torch.tensor([[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
window = image[6:9, 12:15]  # (3, 3): rows 6 to 8, columns 12 to 14, where the bar of the 7 begins
print(window)
print("at the edge: ", (window * top_edge).sum().item())
print("on the paper:", (image[0:3, 0:3] * top_edge).sum().item())
assert (window * top_edge).sum() > 2.9

# %% [markdown]
# ## Every place
#
# Now move the kernel over the whole image, one pixel at a time, and keep the numbers in the order of the places. That
# is the **convolution**, and its result is a **feature map**: it tells where in the image the feature is. A kernel of 3
# fits at 26 places along 28 pixels, so the map is 26 by 26.


# %%
def slide(image, kernel):
    """Return the sum of products at every place: (H, W) and (k, k) give (H - k + 1, W - k + 1)."""
    size = len(kernel)
    rows, columns = range(image.shape[0] - size + 1), range(image.shape[1] - size + 1)
    return torch.tensor([[(image[r : r + size, c : c + size] * kernel).sum() for c in columns] for r in rows])


by_hand = slide(image, top_edge)
by_torch = F.conv2d(image[None, None], top_edge[None, None])  # (1, 1, 28, 28) with (1, 1, 3, 3): (1, 1, 26, 26)
print(by_hand.shape, by_torch.shape)
assert torch.allclose(by_hand, by_torch[0, 0], atol=1e-6)

# %%
figure, axes = plt.subplots(1, 4, figsize=(9, 2.4), layout="constrained")
axes[0].imshow(image, cmap="gray_r")
for axis, kernel in zip(axes[1:], (top_edge, top_edge.T, torch.full((3, 3), 1 / 9)), strict=True):
    drawn = axis.imshow(slide(image, kernel), cmap="RdBu", vmin=-3, vmax=3)
for axis, title in zip(axes, ("the digit", "top edges", "left edges", "mean of nine"), strict=True):
    axis.set_title(title, fontsize=10)
    axis.axis("off")
figure.colorbar(drawn, ax=axes[3], label="sum of products")
plt.show()

# %% [markdown]
# Blue is positive: the upper side of each bar. Red is negative: its lower side. The same kernel turned on its side
# finds left and right edges, and nine equal weights blur. Nobody writes kernels by hand today: the weights are
# parameters, and training finds the features that the task needs.
#
# ## What torch calls a convolution
#
# In mathematics a convolution turns the kernel by 180 degrees before it slides. torch does not: what it computes is
# called **cross-correlation**. A single dot of ink shows the difference:

# %%
kernel = torch.arange(1.0, 10).view(3, 3)
dot = torch.zeros(5, 5)
dot[2, 2] = 1
print("torch:", slide(dot, kernel).int().tolist())
print("with the kernel turned first:", slide(dot, kernel.flip(0, 1)).int().tolist())
assert torch.equal(slide(dot, kernel.flip(0, 1)), kernel)

# %% [markdown]
# For a network it makes no difference, since a kernel that is learnt is learnt turned. It matters when you copy a
# kernel from a book on image processing.
#
# ## Padding, stride, and the size of the output
#
# Two numbers change the places where the kernel stops. **Padding** $p$ adds $p$ rows or columns of zeros on each of the
# four sides; with $p = (k - 1) / 2$ the map is as large as the image. **Stride** $s$ moves the kernel by $s$ pixels
# instead of one, which makes the map $s$ times smaller. Along a side of $n$ pixels a kernel of $k$ stops at
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# places. $n + 2p - k$ is how far it can move, the division counts the whole moves, and $+1$ is the place where it
# starts. The brackets mean **floor**: the half move at the end is not made, and the last pixels are left out.


# %%
def output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


cases = [(28, 3, 1, 0), (28, 3, 1, 1), (28, 5, 1, 2), (28, 3, 2, 0), (28, 4, 2, 1), (13, 3, 1, 0), (28, 28, 1, 0)]
table = pd.DataFrame(cases, columns=["size", "kernel", "stride", "padding"])
table["formula"] = [output_size(*case) for case in cases]
table["torch"] = [
    F.conv2d(torch.zeros(1, 1, n, n), torch.zeros(1, 1, k, k), stride=s, padding=p).shape[-1] for n, k, s, p in cases
]
assert (table["formula"] == table["torch"]).all()
table

# %% [markdown]
# ## Channels and parameters
#
# A colour picture has three numbers at each place, and the output of a layer has one for each of its features. Both are
# **channels**. torch wants images as $(N, C, H, W)$: images in the batch, channels, rows, columns. For each output
# channel the layer has a kernel for **every** input channel, adds their results up, and adds one bias:
#
# $$\text{parameters} = k \cdot k \cdot C_\text{in} \cdot C_\text{out} + C_\text{out}$$

# %%
torch.manual_seed(0)
for size, inputs, outputs in [(3, 1, 6), (3, 6, 16), (5, 1, 6), (5, 6, 16), (3, 3, 32)]:
    layer = nn.Conv2d(inputs, outputs, kernel_size=size)
    formula = size * size * inputs * outputs + outputs
    print(f"{layer}: weight {tuple(layer.weight.shape)}, bias {tuple(layer.bias.shape)}, {formula:,} parameters")
    assert formula == sum(parameter.numel() for parameter in layer.parameters())

# %% [markdown]
# The size of the image is not in the formula. The same layer works on images of any size.
#
# ## A linear layer that shares its weights
#
# A convolution is a linear layer in which most weights are 0 and the others repeat. The matrix can be written out: give
# the convolution 784 images, each with one pixel of ink, and its answers are the columns.

# %%
kernel = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]])
one_pixel_each = torch.eye(784).view(784, 1, 28, 28)
matrix = F.conv2d(one_pixel_each, kernel[None, None]).flatten(1).T  # (676, 784)
assert torch.allclose(matrix @ image.flatten(), F.conv2d(image[None, None], kernel[None, None]).flatten(), atol=1e-5)
print(f"{matrix.numel():,} numbers, {int((matrix != 0).sum()):,} not 0, {len(matrix.unique()) - 1} different ones")

as_linear = 784 * (6 * 26 * 26) + 6 * 26 * 26
print(f"1 to 6 channels: {3 * 3 * 1 * 6 + 6} parameters as a convolution, {as_linear:,} as a linear layer")
assert as_linear == 3_183_960

# %% [markdown]
# The zeros say "only neighbours matter", the repetition says "an edge is an edge wherever it is". Both are true of
# pictures, and a network that need not learn them can spend its images on other things.
#
# ## Move the digit, and the map moves along
#
# Because the weights are the same everywhere, a digit that is shifted by 2 pixels gives the same map, shifted by 2
# pixels. This is called **translation equivariance**. A linear layer with weights of its own for each pixel gives an
# answer that has nothing to do with the first:

# %%
conv = nn.Conv2d(1, 1, 3, padding=1)
linear = nn.Sequential(nn.Flatten(), nn.Linear(784, 784), nn.Unflatten(1, (1, 28, 28)))


def shifted(x):
    return torch.roll(x, shifts=(2, 2), dims=(-2, -1))  # 2 down, 2 to the right; all that wraps around is paper


x = image[None, None]  # (1, 1, 28, 28)
differences = [(layer(shifted(x)) - shifted(layer(x))).abs().max().item() for layer in (conv, linear)]
print("convolution: shift before or after, largest difference", differences[0])
print("linear:      shift before or after, largest difference", differences[1])
assert differences[0] < 1e-5
assert differences[1] > 0.1

# %% [markdown]
# ## Pooling
#
# **Pooling** cuts a map into windows of 2 by 2 and keeps one number of each: the largest (**max pooling**) or the mean
# (**average pooling**). It has no parameters. The size follows from the same formula with kernel 2 and stride 2.

# %%
values = torch.tensor([[1.0, 3, 0, 0], [5, 7, 0, 4], [2, 2, 9, 1], [2, 2, 1, 1]])
print("max:    ", F.max_pool2d(values[None], 2)[0].tolist())
print("average:", F.avg_pool2d(values[None], 2)[0].tolist())
assert F.max_pool2d(values[None], 2)[0].tolist() == [[7, 4], [2, 9]]
assert F.avg_pool2d(values[None], 2)[0].tolist() == [[4, 1], [2, 3]]

# %% [markdown]
# Pooling forgives small movements: inside its window it does not matter where a feature was. It forgives no more than
# that: a dot that moves along a row of four is forgiven its first step and its last, not the one between.

# %%
pooled = F.max_pool1d(torch.eye(4), 2)  # row i: a dot at place i, pooled
print(pooled)
assert torch.equal(pooled[0], pooled[1])
assert not torch.equal(pooled[1], pooled[2])

# %% [markdown]
# ## How much of the image one number sees
#
# The part of the image that a number in a map depends on is its **receptive field**. It grows with every layer: by
# $k - 1$ pixels of the layer's own input, and after a pooling each of those is 2 pixels of the image wide. Autograd
# finds it without any formula: the field is where the gradient of that number is not 0.

# %%
layers = [nn.Conv2d(1, 1, 3), nn.AvgPool2d(2), nn.Conv2d(1, 1, 3), nn.AvgPool2d(2)]  # the mean: every pixel counts
figure, axes = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
for depth, (axis, size) in enumerate(zip(axes, (3, 4, 8, 10), strict=True), 1):
    x = image.clone()[None, None].requires_grad_()
    features = nn.Sequential(*layers[:depth])(x)[0, 0]  # (26, 26), (13, 13), (11, 11), (5, 5)
    features[len(features) // 2, len(features) // 2].backward()
    seen = x.grad[0, 0] != 0
    assert seen.sum() == size * size
    axis.imshow(image, cmap="gray_r")
    axis.imshow(torch.where(seen, 1.0, torch.nan), cmap="bwr", vmin=0, vmax=1, alpha=0.5)
    axis.set_title(f"{type(layers[depth - 1]).__name__}: {size} x {size}", fontsize=10)
    axis.axis("off")
plt.show()

# %% [markdown]
# ## One digit through a whole network
#
# The small network of the widely read tutorials has two convolutions, two poolings and three linear layers. Follow the
# shapes, and check each against the formula:

# %%
model = create_model("cnn", seed=0)
x = model.scale(torch.tensor(train_set.images[38:39]))  # uint8 (1, 28, 28) to float32 (1, 1, 28, 28), 0 to 1
shapes = [tuple(x.shape)]
for layer in (model.conv1, model.conv2):
    x = F.relu(layer(x))
    shapes.append(tuple(x.shape))
    x = F.max_pool2d(x, 2)
    shapes.append(tuple(x.shape))
shapes.append(tuple(x.flatten(1).shape))
print(*shapes, sep="\n")
assert [shape[-1] for shape in shapes] == [28, 26, 13, 11, output_size(11, kernel=2, stride=2), 16 * 5 * 5]

# %% [markdown]
# The maps shrink and the channels grow: less and less "where", more and more "what". `print(model)` shows the layers,
# `summarize` counts what is in them.

# %%
print(model)
summary = summarize(model)
rows = [(tensor.name, tensor.shape, tensor.parameters) for tensor in summary.tensors]
table = pd.DataFrame(rows, columns=["tensor", "shape", "parameters"])
table["formula"] = ["3·3·1·6", "6", "3·3·6·16", "16", "400·120", "120", "120·84", "84", "84·10", "10"]
print(f"{summary.parameters:,} parameters")
assert summary.parameters == 60_074
table

# %% [markdown]
# The two convolutions have one parameter in 64, and do most of the work, since each of their weights is used at every
# place. A **MAC** is one multiplication with its addition:

# %%
convolutions = [layer for layer in summary.layers if layer.kind == "Conv2d"]
parameters, macs = sum(layer.parameters for layer in convolutions), sum(layer.macs for layer in convolutions)
print(f"in the convolutions: {parameters:,} of {summary.parameters:,} parameters, {macs:,} of {summary.macs:,} MACs")
assert round(summary.parameters / parameters) == 64
assert macs > 0.7 * summary.macs

# %% [markdown]
# ## Trap: the forgotten floor, and `view(-1, ...)`
#
# The first linear layer has to know how many numbers reach it. A widely read tutorial computes
# $(((28 - 2) / 2) - 2) / 2 = 5.5$ and rounds down to 5. Who rounds up instead gets an error, which names both numbers:
# 400 arrive, 576 were expected.


# %%
def head(features):
    return nn.Sequential(nn.Flatten(), nn.Linear(features, 120))


body = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 3), nn.ReLU(), nn.MaxPool2d(2))
batch = images[:25, None]  # (25, 1, 28, 28)
try:
    head(16 * 6 * 6)(body(batch))
except RuntimeError as error:
    print(error)

# %% [markdown]
# That error is a gift. The tutorial's own way to flatten, `x.view(-1, 16 * 5 * 5)`, can hide it: $-1$ means "as many
# rows as it takes". Break it: forget the second pooling, so that each image has $16 \cdot 11 \cdot 11 = 1936$ numbers.
# With a batch of 25 images these happen to be divisible by 400, and nothing complains. See the wrong number: 121
# answers to 25 images, each made of pieces of one or two of them.

# %%
x = body[:-1](batch)  # (25, 16, 11, 11): the last pooling is missing
wrong = x.view(-1, 16 * 5 * 5)
print(len(batch), "images,", len(wrong), "answers")
assert len(wrong) == 121

# %% [markdown]
# The mend: `flatten(1)` keeps the images apart, so a wrong size cannot pass. And do not work the number out, ask the
# layers for it with a blank image:

# %%
try:
    head(16 * 5 * 5)(x)
except RuntimeError as error:
    print(error)
features = body(torch.zeros(1, 1, 28, 28)).flatten(1).shape[1]
print(features, "numbers an image;", head(features)(body(batch)).shape)
assert features == 400

# %% [markdown]
# ## Trap: channels last
#
# Another widely read tutorial says in a comment that its images are (images, height, width, channels). They are not:
# torch wants the channels second. Arrays of pictures from files do have them last. Break it, with a photo:

# %%
photo = torch.tensor(np.asarray(Image.open("pictures/grace_hopper.jpg"))).float() / 255  # (600, 512, 3), red green blue
layer = nn.Conv2d(3, 8, kernel_size=3)
try:
    layer(photo[None])
except RuntimeError as error:
    print(error)

# %% [markdown]
# torch takes the 600 rows for channels and refuses. The tempting mend is worse than the break: `reshape` gives the
# shape that is asked for and leaves the numbers in their order, so red, green and blue become neighbours in one row,
# and no error comes. See the wrong picture, and the wrong number: how much a pixel differs from the next in its row.

# %%
reshaped, permuted = photo.reshape(3, 600, 512), photo.permute(2, 0, 1)  # both (3, 600, 512)
assert layer(reshaped[None]).shape == layer(permuted[None]).shape
steps = [(x[:, :, 1:] - x[:, :, :-1]).abs().mean().item() for x in (permuted, reshaped)]
figure, axes = plt.subplots(1, 2, figsize=(5, 3), layout="constrained")
for axis, x, name, step in zip(axes, (permuted, reshaped), ("permute(2, 0, 1)", "reshape"), steps, strict=True):
    axis.imshow(x.permute(1, 2, 0))
    axis.set_title(f"{name}\nstep to the next pixel {step:.3f}", fontsize=10)
    axis.axis("off")
assert steps[1] > 3 * steps[0]
plt.show()

# %% [markdown]
# The mend is `permute(2, 0, 1)`, which moves the dimension and its numbers with it. With a single channel both do the
# same, which is why the wrong comment did no harm on MNIST:

# %%
digits = images[:5, :, :, None]  # (5, 28, 28, 1)
assert torch.equal(digits.permute(0, 3, 1, 2), digits.reshape(5, 1, 28, 28))
assert torch.equal(permuted[:, 100, 200], photo[100, 200])

# %% [markdown]
# ## To remember
#
# - A convolution is one small table of weights, laid on every place: a sum of products each.
# - A side of $n$ becomes $\lfloor (n + 2p - k) / s \rfloor + 1$; pooling follows the same formula.
# - Parameters: $k \cdot k \cdot C_\text{in} \cdot C_\text{out} + C_\text{out}$, whatever the size of the image.
# - A shifted image gives a shifted map; pooling forgives movements inside its window, and no others.
# - `flatten(1)`, never `view(-1, ...)`; `permute`, never `reshape`, to move a dimension.
#
# **Exercise.** Write a convolution with padding and stride in plain tensor arithmetic, and the two formulas:
# `inkdigits learn open convolution` puts the start beside this notebook, and
# `inkdigits learn check convolution convolution_exercise.py` marks it.
#
# Next: [LeNet-5 and the training loop in plain sight](09_networks.ipynb).
