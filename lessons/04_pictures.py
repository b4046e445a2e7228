# %% [markdown]
# # 4 · Pictures are tensors
#
# A network takes numbers in a fixed order, of a fixed size, in a fixed range. A photo comes in another order, another
# size and another range. Here you take a real photo all the way, and back again so that you can look at it, and you
# meet three mistakes that raise no error. You need lessons 1 and 3; it takes half an hour.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from inkdigits import load_dataset

picture = Image.open("pictures/grace_hopper.jpg")  # Grace Hopper, who wrote the first compiler; US Navy, 1984
photo = torch.tensor(np.asarray(picture))  # uint8 (600, 512, 3), 0 = dark, 255 = bright
print("PIL:   ", picture.size, picture.mode)
print("tensor:", tuple(photo.shape), photo.dtype, "from", photo.min().item(), "to", photo.max().item())
print("row 40, column 500:", photo[40, 500].tolist())

# %% [markdown]
# ## Height, width, channels
#
# A picture is a table of **pixels**, 600 rows of 512 here. PIL says the width first, as photographers do; a tensor
# has the rows first, so the **height**, and row 0 is at the top. Each pixel of a colour picture holds three bytes:
# how much red, green and blue light it sends. All the red ones together are a picture of their own, a **channel**. A
# gray picture has one channel, and MNIST is gray.
#
# The wall behind her is blue: dark in the red channel, bright in the blue one. Her white collar is bright in all
# three.

# %%
figure, axes = plt.subplots(1, 5, figsize=(9, 2.4), layout="constrained")
axes[0].imshow(photo)
axes[0].set_title("photo")
for channel, name in enumerate(("red", "green", "blue")):
    axes[channel + 1].imshow(photo[:, :, channel], cmap="gray", vmin=0, vmax=255)
    axes[channel + 1].set_title(f"{name}, [:, :, {channel}]", fontsize=10)
axes[4].imshow(photo[170:210, 175:215])  # rows, then columns
axes[4].set_title("40 x 40 pixels of it", fontsize=10)
plt.setp(axes, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## Which axis is which
#
# A tensor does not know what its axes mean. There are two habits, and you need both:
#
# | order | read as | who wants it |
# |---|---|---|
# | H, W, C | height, width, channels | PIL, numpy, matplotlib: the three bytes of a pixel lie side by side |
# | C, H, W | channels, height, width | torch, for one picture |
# | N, C, H, W | a batch of N such pictures | the layers of torch, always |
#
# `permute` lists the old axes in their new order. A batch of one gets its first axis from `[None]`. What happens to a
# picture in the wrong order? `F.interpolate` changes the size of pictures; it takes the last two axes for height and
# width, whatever they are. Here it makes 64 channels of three, and says nothing.

# %%
right = F.interpolate(photo.permute(2, 0, 1)[None].float(), size=(75, 64))
wrong = F.interpolate(photo[None].float(), size=(75, 64))
print("N, C, H, W:", tuple(right.shape))
print("N, H, W, C:", tuple(wrong.shape))
assert right.shape == (1, 3, 75, 64)
assert wrong.shape == (1, 600, 75, 64)

# %% [markdown]
# ## Trap: a reshape where a permute is meant
#
# The comment in a widely read tutorial says that its tensors are (images, height, width, channels). They are (images,
# channels, height, width). Believe it, and you will sooner or later have a shape that does not fit, and `reshape`
# will give you any shape that you ask for. Break it: the shape is now right.

# %%
permuted, reshaped = photo.permute(2, 0, 1), photo.reshape(3, 600, 512)
print(tuple(permuted.shape), tuple(reshaped.shape))
print("row 40, column 500:", permuted[:, 40, 500].tolist(), "and", reshaped[:, 40, 500].tolist())
same = (permuted == reshaped).all(dim=0).float().mean().item()
print(f"pixels that keep their colour: {same:.1%}")
assert permuted.shape == reshaped.shape
assert same < 0.05

# %% [markdown]
# See it. `reshape` leaves all numbers in their row and only counts them off anew: the first 307,200 become "red".
# They are the top third of the photo, with red, green and blue bytes in turn. The network gets a picture, the loss
# may even fall, and no error comes.

# %%
figure, axes = plt.subplots(1, 2, figsize=(5, 2.9), layout="constrained")
for axis, tensor, name in zip(axes, (permuted, reshaped), ("permute(2, 0, 1)", "reshape(3, 600, 512)"), strict=True):
    axis.imshow(tensor.permute(1, 2, 0))  # back to H, W, C for matplotlib
    axis.set_title(name, fontsize=10)
    axis.axis("off")
plt.show()

# %% [markdown]
# The mend is `permute`, and a look at one pixel or one picture afterwards. With one channel both do the same. That is
# why the wrong comment does no harm on MNIST, and waits for the first colour picture.

# %%
assert torch.equal(permuted[:, 40, 500], photo[40, 500])
gray_batch = photo[None, :, :, :1]  # (1, 600, 512, 1), one channel
assert torch.equal(gray_batch.permute(0, 3, 1, 2), gray_batch.reshape(1, 1, 600, 512))
print("one channel: no difference")

# %% [markdown]
# ## From bytes to numbers
#
# Bytes are for storing. [Lesson 1](01_tensors.ipynb) showed how they overflow; a network computes with float32.
# Divide by 255, not by 256: then black is 0 and white is exactly 1. matplotlib looks at the type: it takes floats for
# 0 to 1 and bytes for 0 to 255.

# %%
image = permuted.float() / 255  # float32 (3, 600, 512), 0 = dark, 1 = bright
print(tuple(image.shape), image.dtype, "from", image.min().item(), "to", image.max().item())
assert image.min() == 0
assert image.max() == 1
assert torch.equal((image * 255).round().byte(), permuted)  # and back

# %% [markdown]
# ## Gray from colour
#
# One channel from three: add them up with weights. The eye finds green light much brighter than blue light of the
# same strength. The weights of old colour television, 0.299 for red, 0.587 for green and 0.114 for blue, are PIL's
# too. They add up to 1, so white stays 1. With the plain mean, pure red, green and blue would all be the same gray.

# %%
weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]  # (3, 1, 1), to fit (3, 600, 512)
gray = (image * weights).sum(dim=0, keepdim=True)  # (1, 600, 512), still 0 to 1
by_pil = torch.tensor(np.asarray(picture.convert("L"))) / 255
print(tuple(gray.shape), f"differs from PIL's by {(gray[0] - by_pil).abs().max() * 255:.2f} of 255 levels at most")
assert (gray[0] - by_pil).abs().max() < 1.01 / 255

colours = torch.eye(3).repeat_interleave(40, dim=1)[:, None].expand(3, 40, 120)  # a red, a green, a blue square
figure, axes = plt.subplots(1, 3, figsize=(8, 1.2))
panels = {"colours": colours.permute(1, 2, 0), "mean": colours.mean(dim=0), "weighted": (colours * weights).sum(dim=0)}
for axis, (name, panel) in zip(axes, panels.items(), strict=True):
    axis.imshow(panel, cmap="gray", vmin=0, vmax=1)
    axis.set_title(name, fontsize=10)
    axis.axis("off")
plt.show()

# %% [markdown]
# ## Another size
#
# Eight times smaller, each new pixel covers 64 old ones and should be their mean. `F.interpolate` does not do that by
# itself: it looks at one place in the old picture, at one pixel there ("nearest") or between four ("bilinear"), and
# passes over the others. Fine patterns then break up or turn into patterns that are not there. That is **aliasing**;
# `antialias=True` takes all pixels that are covered. A test picture with one white column in eight is an eighth
# white:

# %%
lines = torch.zeros(1, 1, 600, 512)
lines[..., ::8] = 1
ways = {"nearest": {}, "bilinear": {"mode": "bilinear"}, "antialias": {"mode": "bilinear", "antialias": True}}
for name, way in ways.items():
    print(f"{name:9} white: {F.interpolate(lines, size=(75, 64), **way).mean():.3f}")
assert F.interpolate(lines, size=(75, 64), mode="bilinear").mean() == 0
assert abs(F.interpolate(lines, size=(75, 64), mode="bilinear", antialias=True).mean() - 1 / 8) < 1e-3

# %% [markdown]
# The lines are gone, or everything is a line, depending on where the look falls. Pen strokes in a large photo vanish
# in the same way. On the portrait the edges of stars and glasses become stairs:

# %%
figure, axes = plt.subplots(1, 3, figsize=(8, 3.1), layout="constrained")
for axis, (name, way) in zip(axes, ways.items(), strict=True):
    axis.imshow(F.interpolate(image[None], size=(75, 64), **way)[0].permute(1, 2, 0).clamp(0, 1))
    axis.set_title(name)
    axis.axis("off")
plt.show()

# %% [markdown]
# ## Trap: every picture into a square
#
# A batch needs one size for all, mostly a square. A widely read tutorial wrote `Resize((50, 50))`. That is a square
# for every picture, and no error: each side is shrunk by itself. Break it, with the photo and with a ring:


# %%
def resize(image, height, width):
    """Return an image (C, height, width), every old pixel taken into account."""
    return F.interpolate(image[None], size=(height, width), mode="bilinear", antialias=True)[0]


def proportions(image):
    """Return the width of what is bright in an image (1, H, W), divided by its height."""
    bright = image[0] > 0.5
    return (bright.any(dim=0).sum() / bright.any(dim=1).sum()).item()


row, column = torch.meshgrid(torch.arange(600.0), torch.arange(512.0), indexing="ij")
distance = torch.hypot(row - 299.5, column - 255.5)  # from the centre of the picture
ring = ((distance > 160) & (distance < 220)).float()[None]  # (1, 600, 512)
print(f"ring: {proportions(ring):.2f}, squashed: {proportions(resize(ring, 50, 50)):.2f}")
assert proportions(ring) == 1
assert proportions(resize(ring, 50, 50)) > 1.1

# %% [markdown]
# The ring is an egg now. A tall photo makes everybody broader, a wide one thinner, so the same face has another shape
# in every photo. Digits suffer most: a 1 that fills its picture is pressed into a bar
# ([lesson 12](12_own_picture.ipynb) measures it). The mend is a square **before** the resize, in one of two ways:


# %%
def crop_square(image):
    """Return the square in the middle of an image (C, H, W); what lies outside is lost."""
    height, width = image.shape[1:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[:, top : top + side, left : left + side]


def pad_square(image, fill=0.0):
    """Return an image (C, H, W) in the middle of a square; the new pixels are `fill`."""
    height, width = image.shape[1:]
    top, left = max(width - height, 0) // 2, max(height - width, 0) // 2
    bottom, right = max(width - height, 0) - top, max(height - width, 0) - left
    return F.pad(image, (left, right, top, bottom), value=fill)


for square in (crop_square, pad_square):
    print(f"{square.__name__:11} {tuple(square(image).shape)}, ring: {proportions(resize(square(ring), 50, 50)):.2f}")
    assert abs(proportions(resize(square(ring), 50, 50)) - 1) < 0.03

# %%
figure, axes = plt.subplots(1, 6, figsize=(9, 1.9), layout="constrained")
for number, (name, square) in enumerate((("squashed", lambda x: x), ("cropped", crop_square), ("padded", pad_square))):
    for axis, tensor in ((axes[number], image), (axes[number + 3], ring)):
        axis.imshow(resize(square(tensor), 50, 50).permute(1, 2, 0).clamp(0, 1), cmap="gray")
        axis.set_title(name)
        axis.axis("off")
plt.show()

# %% [markdown]
# Cropping is right where the subject fills the middle. Padding loses nothing, so it is right for numbers and forms;
# its fill should be what the background is: 1 for white paper, 0 for MNIST's black.
#
# ## Normalising
#
# To **normalise** is to subtract a mean and to divide by a **standard deviation** (the root of the mean squared
# distance from the mean), channel by channel:
#
# $$x' = \frac{x - \mu}{\sigma}$$
#
# Two choices are common. With $\mu = \sigma = 0.5$, whatever the picture, 0 becomes -1 and 1 becomes 1. With the mean
# and the standard deviation of the pixels themselves, the result has mean 0 and standard deviation 1, and its ends
# lie where they may.


# %%
def normalise(image, mean, std):
    """Subtract a mean and divide by a standard deviation, one of each a channel, in an image (..., C, H, W)."""
    mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]  # (C, 1, 1)
    return (image - mean) / std


small = resize(crop_square(image), 50, 50)  # (3, 50, 50), 0 to 1
own_mean, own_std = small.mean(dim=(1, 2)).tolist(), small.std(dim=(1, 2)).tolist()
halves = [0.5, 0.5, 0.5]
versions = {"0 to 1": small, "by 0.5": normalise(small, halves, halves), "own": normalise(small, own_mean, own_std)}
columns = {"shape": lambda x: tuple(x.shape), "max": torch.max, "min": torch.min, "mean": torch.mean, "std": torch.std}
rows = {
    name: [f"{f(x[0]):.3f}" if key != "shape" else f(x) for key, f in columns.items()] for name, x in versions.items()
}
print("channel 0, red")
pd.DataFrame.from_dict(rows, orient="index", columns=list(columns))

# %%
assert versions["by 0.5"].min() >= -1
assert versions["by 0.5"].max() <= 1
assert abs(versions["by 0.5"][0].std() - 1) > 0.3  # between -1 and 1, and yet not of standard deviation 1
assert torch.allclose(versions["own"].mean(dim=(1, 2)), torch.zeros(3), atol=1e-5)
assert torch.allclose(versions["own"].std(dim=(1, 2)), torch.ones(3), atol=1e-5)

# %% [markdown]
# A whole data set is normalised with **one** mean and one standard deviation a channel, those of its training images;
# for MNIST they are 0.1307 and 0.3081 ([lesson 5](05_mnist.ipynb) computes them). The same two numbers belong to
# every picture that the network is ever shown.
#
# ## Trap: looking at a normalised picture
#
# The same tutorial drew the picture before and after, as below. Drawn like that, normalising seems to make a picture
# dark and harsh. It does not. Break it, with a histogram beside it:

# %%
shown = versions["by 0.5"].permute(1, 2, 0)
figure, axes = plt.subplots(1, 3, figsize=(9, 2.4), layout="constrained")
for axis, tensor, name in zip(
    axes, (small.permute(1, 2, 0), shown), ("before", "after, as imshow has it"), strict=False
):
    axis.imshow(tensor)
    axis.set_title(name)
    axis.axis("off")
axes[2].hist(shown.flatten(), bins=40)
axes[2].axvspan(-1, 0, alpha=0.2, color="red")
axes[2].set(xlabel="value after normalising", ylabel="values", title="red: clipped to 0 by imshow")
plt.show()
print(f"clipped: {(shown < 0).float().mean():.0%} of all values")
assert (shown < 0).float().mean() > 0.5

# %% [markdown]
# `imshow` draws colours from 0 to 1. What is below 0 it draws as 0, with one line of warning. All that was darker
# than middle gray is black. With one channel it does the opposite: it stretches whatever there is from black to
# white, so that you see no difference between any two normalisations. Give `vmin` and `vmax` there.
#
# The mend: undo it before you look, $x = x' \sigma + \mu$. If you need bytes, round. `byte()` alone cuts off, and
# after a division and a multiplication the nearest float may lie just below the number that was meant:


# %%
def unnormalise(image, mean, std):
    """Undo `normalise`."""
    return image * torch.tensor(std)[:, None, None] + torch.tensor(mean)[:, None, None]


back = unnormalise(normalise(image, halves, halves), halves, halves)
cut, rounded = (back * 255).byte(), (back * 255).round().byte()
print(f"values that changed: cut off {(cut != permuted).float().mean():.0%}", end=", ")
print(f"rounded {(rounded != permuted).float().mean():.0%}")
assert torch.allclose(back, image, atol=1e-6)
assert torch.equal(rounded, permuted)
assert not torch.equal(cut, permuted)

# %% [markdown]
# ## Why normalise at all
#
# "It learns faster" is what one reads. Measure it. A small network (its parts are the subject of lessons 6 and 7)
# takes 50 steps on 1000 digits of MNIST. Only its input differs: bytes, 0 to 1, normalised by 0.5, normalised by the
# digits' own statistics. One learning rate for all would be unfair, since larger inputs need smaller steps: each way
# may choose the best of nine.


# %%
def loss_after(steps, inputs, labels, learning_rate):
    """Return the loss of a small network after so many steps; it always begins with the same weights."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for _ in range(steps):
        loss = F.cross_entropy(model(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return F.cross_entropy(model(inputs), labels).item()


digits = load_dataset("mnist").subset(slice(1000))
x, labels = torch.tensor(digits.images).float().flatten(1) / 255, torch.tensor(digits.labels)  # (1000, 784), 0 to 1
inputs = {"bytes": x * 255, "0 to 1": x, "by 0.5": (x - 0.5) / 0.5, "own": (x - x.mean()) / x.std()}
rates = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
losses = {name: [loss_after(50, each, labels, rate) for rate in rates] for name, each in inputs.items()}
for name, each in inputs.items():
    best = min(losses[name])
    rate = rates[losses[name].index(best)]
    print(f"{name:7} mean {each.mean():6.2f}, std {each.std():6.2f}: loss {best:.2f} with its best rate, {rate}")
assert min(losses["own"]) < min(losses["0 to 1"]) < min(losses["by 0.5"]) < min(losses["bytes"])

# %%
figure, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
for name, values in losses.items():
    axis.plot(rates, values, "-o", markersize=4, label=name)
axis.set(xscale="log", xlabel="learning rate", ylabel="loss after 50 steps", title="Same network, same digits")
axis.legend(title="input", loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Remember the valley of [lesson 3](03_descent.ipynb). How steep the loss is along a weight depends on the size of the
# input that the weight is multiplied by. Inputs around 0 of size 1 give walls of like steepness on all sides, and one
# learning rate suits all of them. With bytes a step that is small enough for the steepest wall is nearly nothing
# along the floor. And mark the third line: **0.5 is no magic number.** MNIST is mostly black, so normalising by 0.5
# moves its mean from 0.13 to -0.74, further away from 0, and learns more slowly than doing nothing. Use the data's
# own numbers.
#
# ## A chain of plain functions
#
# Preparing a picture is a chain of such functions, each from a tensor to a tensor. Nothing else is needed to compose
# them than a loop:


# %%
def compose(*functions):
    """Return one function that applies all of these, the first one first."""

    def prepare(image):
        for function in functions:
            image = function(image)
        return image

    return prepare


def to_50(image):
    return resize(image, 50, 50)


def by_halves(image):
    return normalise(image, [0.5] * len(image), [0.5] * len(image))


prepare = compose(pad_square, to_50, by_halves)
for name, tensor in {"photo": image, "gray": gray, "a wide strip": image[:, :80]}.items():
    print(f"{name:13} {tuple(tensor.shape)} -> {tuple(prepare(tensor).shape)}")
assert prepare(gray).shape == (1, 50, 50)

# %% [markdown]
# The order counts. Padded first, the border is 0, black, and normalising makes -1 of it, black still. Padded last,
# the border is 0 among normalised numbers, and there 0 is middle gray:

# %%
border_first = compose(pad_square, by_halves)(image)[0, 0, 0].item()
border_last = compose(by_halves, pad_square)(image)[0, 0, 0].item()
print("border, padded before normalising:", border_first, " after:", border_last)
assert (border_first, border_last) == (-1, 0)

# %% [markdown]
# A network is married to its chain: the pictures that it reads must be prepared by the very functions that prepared
# those it learnt from. Keep them in one place.
#
# ## To remember
#
# - Files and matplotlib: H, W, C, bytes. torch: N, C, H, W, float32. `permute` moves axes, `reshape` scrambles them.
# - Shrink with `antialias=True`, and make a square by cropping or padding, never by squashing.
# - Normalise by the mean and standard deviation of the training images; the loss falls faster, and 0.5 is no magic.
# - Undo the normalisation before you look, and round before `byte()`.
#
# **Exercise.** Fit any picture into a square without distortion, and normalise it channel by channel:
# `inkdigits learn open pictures` puts the start beside this notebook, and
# `inkdigits learn check pictures pictures_exercise.py` marks it.
#
# Next: [MNIST: look, split, batch, shuffle](05_mnist.ipynb).
