# %% [markdown]
# # 1 · Tensors
#
# Everything that a network touches is a tensor: the picture, its label, the weights, the answer. Here you learn to
# make tensors, to read their shape, to take parts of them, to multiply them, and to recognise four mistakes with them,
# two of which raise no error. You need a little Python: lists, loops, functions. It takes forty minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from inkdigits import load_dataset, plot_images

digits = load_dataset("mnist")
digits

# %% [markdown]
# ## A block of numbers
#
# A **tensor** is a block of numbers of one type, laid out along zero or more axes. The number of axes is its **rank**
# (torch says `ndim`), the lengths of the axes are its **shape**. (The rank of a matrix in linear algebra is something
# else with the same name.) A digit as MNIST stores it is 28 rows of 28 numbers, 0 for paper and 255 for ink.

# %%
image = torch.tensor(digits.images[0])  # uint8 (28, 28)
examples = {
    "a number": torch.tensor(0.1307),  # rank 0, a scalar
    "a row of an image": image[14],  # rank 1, a vector
    "an image": image,  # rank 2, a matrix: rows, columns
    "five images": torch.tensor(digits.images[:5]),  # rank 3
    "a batch of five": torch.tensor(digits.images[:5])[:, None],  # rank 4: images, channels, rows, columns
}
for name, tensor in examples.items():
    shape = str(tuple(tensor.shape))
    print(f"{name:18} rank {tensor.ndim}  shape {shape:15} {tensor.numel():5} numbers of {tensor.dtype}")
assert [tensor.ndim for tensor in examples.values()] == [0, 1, 2, 3, 4]

# %% [markdown]
# A **batch** is several images that are worked on together. Its second axis is for **channels**: a grey picture has
# one, a colour picture three (red, green, blue). Networks that look at pictures want all four axes, in this order, even
# where one of them has length 1. The picture and the numbers are the same thing:

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for axis in axes:
    axis.imshow(image, cmap="gray_r")
    axis.set(xlabel="column", ylabel="row")
axes[0].add_patch(plt.Rectangle((11.5, 5.5), 8, 6, fill=False, color="red"))
axes[0].set_title(f"label {digits.labels[0]}")
axes[1].set(xlim=(11.5, 19.5), ylim=(11.5, 5.5), title="the red frame")
for row, column in np.ndindex(6, 8):
    number = image[row + 6, column + 12].item()
    axes[1].text(column + 12, row + 6, number, ha="center", va="center", color="white" if number > 127 else "black")
plt.show()

# %% [markdown]
# ## Take a part: indexing
#
# One position or range an axis, from the left; `:` takes the whole axis, `...` all axes that are left. A position takes
# its axis away, a range keeps it. `None` puts in a new axis of length 1. A tensor of true and false takes what is true.
# The **labels** say which digit each image shows.

# %%
images, labels = torch.tensor(digits.images[:1000]), torch.tensor(digits.labels[:1000])
print("one image        images[3]             ", tuple(images[3].shape))
print("a batch of one   images[3:4]           ", tuple(images[3:4].shape))
print("one pixel        images[3, 14, 14]     ", tuple(images[3, 14, 14].shape), "->", images[3, 14, 14].item())
print("first columns    images[..., :4]       ", tuple(images[..., :4].shape))
print("a new axis       images[:, None]       ", tuple(images[:, None].shape))
print("all sevens       images[labels == 7]   ", tuple(images[labels == 7].shape))
plot_images(images[labels == 7][:12].numpy(), ["7"] * 12)

# %% [markdown]
# ## Squeeze an axis: `dim`
#
# `sum`, `mean`, `max` and `argmax` squeeze a whole tensor to one number, or one axis of it. `dim` names the axis that
# **disappears**. `dim=0` adds down the columns, `dim=1` adds along the rows, `dim=-1` squeezes the last axis.
# `keepdim=True` leaves an axis of length 1 in its place.

# %%
table = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (2, 3)
print("sum()                    ", table.sum().item())
print("sum(dim=0)               ", table.sum(dim=0).tolist(), "  three columns are left")
print("sum(dim=1)               ", table.sum(dim=1).tolist(), "    two rows are left")
print("sum(dim=1, keepdim=True) ", table.sum(dim=1, keepdim=True).tolist())
assert table.sum(dim=0).tolist() == [5, 7, 9]
assert table.sum(dim=1).tolist() == [6, 15]

means = [images[labels == digit].float().mean(dim=0) for digit in range(10)]  # ten tensors (28, 28)
plot_images(torch.stack(means).byte().numpy(), [f"mean {digit}" for digit in range(10)], columns=10)

# %% [markdown]
# A wrong `dim` raises no error, it gives numbers of another meaning ([lesson 6](06_softmax.ipynb) has a bad case).
# Write the shape behind every line that changes it.
#
# ## Two ways to multiply
#
# **Element-wise**, `*`: each number with the one in the same place. **Matrix product**, `@`: row $i$ of the first with
# column $j$ of the second, number by number, and the products added up:
#
# $$(AB)_{ij} = \sum_k A_{ik} B_{kj}$$
#
# By hand: a row of ones with a column of twos is $1 \cdot 2 + 1 \cdot 2 + 1 \cdot 2 = 6$, in all nine places:
#
# $$\begin{bmatrix} 1 & 1 & 1 \\ 1 & 1 & 1 \\ 1 & 1 & 1 \end{bmatrix}
# \begin{bmatrix} 2 & 2 & 2 \\ 2 & 2 & 2 \\ 2 & 2 & 2 \end{bmatrix} =
# \begin{bmatrix} 6 & 6 & 6 \\ 6 & 6 & 6 \\ 6 & 6 & 6 \end{bmatrix}$$

# %%
ones, twos, identity = torch.ones(3, 3), torch.full((3, 3), 2.0), torch.eye(3)
print("ones * twos\n", ones * twos)
print("ones @ twos\n", ones @ twos)
assert (ones * twos == 2).all()
assert (ones @ twos == 6).all()
assert torch.equal(ones @ identity, ones)

# %% [markdown]
# The **identity** has ones on its diagonal and zeros elsewhere; it is to `@` what 1 is to ordinary multiplication.
# Ones and twos are a poor test, because every row equals every column. With four different numbers the order matters:
# the same matrix swaps columns on the right and rows on the left.

# %%
numbers, swap = torch.tensor([[1, 2], [3, 4]]), torch.tensor([[0, 1], [1, 0]])
print("numbers @ swap", (numbers @ swap).tolist())
print("swap @ numbers", (swap @ numbers).tolist())
assert not torch.equal(numbers @ swap, swap @ numbers)

# %% [markdown]
# The shapes need not be square. $(N, K)$ times $(K, M)$ is $(N, M)$: the inner lengths must agree, and vanish. That is
# one layer of a network: 784 pixels of each image, times a matrix of weights, make ten numbers an image.

# %%
rows = images[:5].view(5, 784).float() / 255  # (5, 784), 0 = paper, 1 = ink
weights = torch.randn(784, 10, generator=torch.Generator().manual_seed(0))
outputs = rows @ weights  # (5, 10)
first = sum(rows[0, k] * weights[k, 0] for k in range(784))  # one of the fifty, by hand
print(tuple(outputs.shape), outputs[0, 0].item(), first.item())
assert torch.allclose(outputs[0, 0], first, atol=1e-4)

# %% [markdown]
# ## Broadcasting: shapes that are stretched to fit
#
# Element-wise arithmetic needs two tensors of one shape, or shapes that can be stretched to one. Write the shapes under
# each other, **aligned at the right**. Two lengths fit if they are equal or one of them is 1; that axis is repeated. An
# axis that is missing on the left counts as 1. Nothing is copied.

# %%
bias = torch.arange(10.0)
print("(5, 10) + (10)                 ", tuple((outputs + bias).shape), "the same bias for every image")
ink = images.float().sum(dim=(1, 2), keepdim=True)
print("(1000, 28, 28) / (1000, 1, 1)  ", tuple((images / ink).shape), "every image by its own ink")
assert torch.allclose((images / ink).sum(dim=(1, 2)), torch.ones(1000))

# %% [markdown]
# ## Trap: stretched without being asked
#
# A network answers with a column, $(N, 1)$; the truth is often a plain row, $(N)$. Take answers that are all right:
# the mean of their squared errors must be 0. Break it:

# %%
truth = torch.tensor([1.0, 2.0, 3.0, 4.0])  # (4,)
answers = truth.clone()[:, None]  # (4, 1), every answer right
errors = answers - truth  # (4, 1) - (4,): both are stretched, to (4, 4)
print(errors)
print("all right:           ", (errors**2).mean().item())
print("always the mean, 2.5:", ((truth.mean() - truth) ** 2).mean().item())
assert errors.shape == (4, 4)
assert (errors**2).mean() == 2 * ((truth.mean() - truth) ** 2).mean() == 2.5

# %% [markdown]
# Every answer was compared with every truth, and nothing was said. By this number it is better to answer 2.5 to
# everything than to be right, and a network would learn to. The mend is one shape for both, and a line that insists:

# %%
answers = answers.squeeze(1)  # (4,)
assert answers.shape == truth.shape
print("all right:", ((answers - truth) ** 2).mean().item())
assert ((answers - truth) ** 2).mean() == 0

# %% [markdown]
# ## Views: two names, one memory
#
# The numbers of a tensor lie in one long row in memory. The shape and the **strides** (how far to jump to the next
# number along each axis) say how to read them. So a slice, a transpose or another shape needs no copy: it is a
# **view**, a second way to read the same memory. Write through one, and the other changes. `clone` copies, and so does
# indexing with a tensor. `torch.from_numpy` and `.numpy()` share memory even with numpy; `torch.tensor` copies.

# %%
table = torch.arange(6)  # 0 1 2 3 4 5
turned = table.view(2, 3).T  # (3, 2), a view of a view
turned[0, 1] = 99
turned.clone()[0, 0] = -1  # into memory of its own
print(table.tolist(), "strides of the view:", turned.stride())
assert table.tolist() == [0, 1, 2, 99, 4, 5]

array = np.zeros(3)
shared, copied = torch.from_numpy(array), torch.tensor(array)
array[0] = 7
print("from_numpy:", shared.tolist(), "tensor:", copied.tolist())
assert (shared[0], copied[0]) == (7, 0)

# %% [markdown]
# `view` refuses where the memory has the wrong order. `reshape` then copies without a word: its result may be a view or
# a copy, so never write into it. The little function shows the error of a line that must fail; there are more to come.


# %%
def refusal(action, *arguments):
    """Return the error that an action ends with."""
    try:
        action(*arguments)
    except (RuntimeError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("there was no error")


print(refusal(turned.view, 6))
assert turned.reshape(6).data_ptr() != table.data_ptr()  # a copy
assert table.reshape(2, 3).data_ptr() == table.data_ptr()  # a view

# %% [markdown]
# ## Types: how many bytes a number has
#
# All numbers of a tensor have one type, its **dtype**. It decides what fits in and how much memory it takes.

# %%
for dtype in (torch.uint8, torch.int64, torch.float16, torch.float32, torch.float64):
    facts = torch.finfo(dtype) if dtype.is_floating_point else torch.iinfo(dtype)
    megabytes = digits.images.size * dtype.itemsize / 1e6
    precision = f"steps of {facts.eps:.0e} at 1" if dtype.is_floating_point else "whole numbers"
    print(f"{dtype!s:14} {dtype.itemsize} bytes, up to {facts.max:<9.4g} {precision:20} MNIST: {megabytes:4.0f} MB")
print("from Python, 1 is", torch.tensor(1).dtype, "and 1.0 is", torch.tensor(1.0).dtype)
print("2^24 + 1 in float32:", (torch.tensor(2.0**24) + 1).item(), " 2^24 =", 2**24)
assert torch.tensor(2.0**24) + 1 == 2.0**24

# %% [markdown]
# Images are stored as **uint8**, labels as **int64**; weights and all that is computed with them are **float32**. It
# has about seven digits: above $2^{24}$ it cannot even count. float64 has sixteen, for twice the memory. Training does
# not need them; checking a formula does, as in [lesson 2](02_autograd.ipynb).
#
# ## Trap: pixels that overflow
#
# Make an image darker by adding 100 to each pixel. uint8 ends at 255, and $200 + 100 = 300$ comes round again as
# $300 - 256 = 44$, without an error. Break it, and mend it: floats first, then the arithmetic, then back.

# %%
print("200 + 100 =", (torch.tensor([200], dtype=torch.uint8) + 100).item())
wrong = image + 100
right = (image.float() + 100).clamp(0, 255).byte()
print("darkest pixel:", image.max().item(), "-> wrong", wrong[image == 255].max().item(), "right", right.max().item())
assert torch.tensor([200], dtype=torch.uint8) + 100 == 44
assert (wrong < image).any()
assert (right >= image).all()
plot_images(torch.stack([image, wrong, right]).numpy(), ["image", "uint8", "float"])

# %% [markdown]
# ## Trap: `dtype=float`
#
# A widely read tutorial wrote `tensor(..., dtype=float)`. Python's `float` has 64 bits, so that is float64, and so is
# what numpy makes of Python's numbers. The layers of torch hold float32, and a matrix product does not mix the two.
# `nn.Linear(3, 2)` is such a layer: a matrix of weights and a bias. Break it, and see the bytes of a pixel:

# %%
layer = nn.Linear(3, 2)
pixels = torch.tensor([[0.0, 0.5, 1.0]], dtype=float)
print(pixels.dtype, "of", pixels.itemsize, "bytes meets", layer.weight.dtype, "of", layer.weight.itemsize)
print(refusal(layer, pixels))

# %% [markdown]
# The tutorial made its layer float64 too, at twice the memory. The mend: leave `dtype` out or say `torch.float32`, and
# give what comes from numpy a `.float()`. `dtype=int` is int64 in the same way, and whole numbers have no gradient.

# %%
print(layer(pixels.float()).dtype, "   dtype=int:", torch.tensor([1], dtype=int).dtype)
assert layer(pixels.float()).dtype == torch.float32
assert torch.tensor([1], dtype=int).dtype == torch.int64

# %% [markdown]
# ## Devices
#
# A tensor lives on a **device**: `cpu`, or a graphics card, `cuda` (NVIDIA, AMD) or `mps` (Apple). Ask what there is.
# Tensors that meet must live on the same one. You can see that on any computer, because one more device exists
# everywhere: tensors on `meta` have a shape and a dtype, and no numbers.


# %%
def best_device():
    """Return the fastest device that this computer has."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


print("this computer:", best_device())
print(refusal(torch.add, outputs, torch.ones(10, device="meta")))

# %% [markdown]
# ## Trap: `.cuda()` in the middle of a function
#
# A widely read tutorial has `device="cpu"` as the default of its training, and writes `.cuda()` where it measures. That
# fails on **every** computer: without such a card there is no such device, and with one the images move there while the
# network stays behind.

# %%
network = nn.Linear(784, 10)


def answer(network, rows):
    """Return ten numbers an image, (N, 10), for images (N, 784)."""
    return network(rows.cuda())


print(refusal(answer, network, rows))

# %% [markdown]
# The mend: data follow the network. Ask it where its weights are. The same lines then work for every device, also for
# `meta`, which tests them on a computer without a card:


# %%
def answer(network, rows):
    """Return ten numbers an image, (N, 10), for images (N, 784), wherever the network lives."""
    return network(rows.to(next(network.parameters()).device))


for device in ("cpu", best_device(), "meta"):
    outputs = answer(network.to(device), rows)
    print(f"network on {device!s:5} answer {tuple(outputs.shape)} on {outputs.device}")
    assert outputs.device.type == torch.device(device).type

# %% [markdown]
# ## To remember
#
# - `dim` is the axis that disappears; `*` is element-wise, `@` is rows with columns.
# - Broadcasting aligns shapes at the right and stretches every 1. Before you subtract, make both shapes equal.
# - A view and `from_numpy` share memory; `clone` and `torch.tensor` copy.
# - Images uint8, labels int64, arithmetic float32. Pixels become floats before you compute with them.
# - Data go where the network is.
#
# **Exercise.** Write the matrix product from sums and products, without `@`, and make one layer of it:
# `inkdigits learn open tensors` puts the start beside this notebook, and
# `inkdigits learn check tensors tensors_exercise.py` marks it.
#
# Next: [gradients, by hand and by autograd](02_autograd.ipynb).
