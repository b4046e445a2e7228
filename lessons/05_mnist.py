# %% [markdown]
# # 5 · MNIST: look, split, batch, shuffle
#
# Before a network sees the digits, you should. Here you look at MNIST and count what is in it, split off the images
# that will judge your network, and cut the rest into shuffled batches. Three mistakes in this trade raise no error
# and change the result; each is broken, measured and mended. You need lessons 3 and 4; it takes half an hour.

# %%
import gzip
import itertools
import shutil
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset, random_split

import inkdigits
from inkdigits import load_dataset, plot_images, split_dataset

digits = load_dataset("mnist")
test_set = load_dataset("mnist", "test")
print(digits)
print(test_set)
print("images:", digits.images.shape, digits.images.dtype, "labels:", digits.labels.shape, digits.labels.dtype)
assert (len(digits), len(test_set)) == (60_000, 10_000)

# %% [markdown]
# **MNIST** is 70,000 digits, written by employees of the US Census Bureau and by pupils, scanned, scaled, and
# published in 1998 in two parts: 60,000 to learn from and 10,000 for the examination. Each is an **image**, 28 by 28
# bytes of gray, 0 for paper and 255 for ink, and a **label**, the digit that its writer meant. (The scans were turned
# to white on black: ink is the large number.)
#
# The files came with the package, so nothing is downloaded. Each is verified byte for byte as it is loaded, because a
# damaged file does not look damaged: the network just learns worse. Change one label of 60,000:

# %%
shipped = Path(inkdigits.__file__).parent / "data" / "mnist"
with tempfile.TemporaryDirectory() as folder:
    shutil.copy(shipped / "train-images-idx3-ubyte.gz", folder)
    content = bytearray(gzip.decompress((shipped / "train-labels-idx1-ubyte.gz").read_bytes()))
    content[-1] = (content[-1] + 1) % 10  # the last label
    Path(folder, "train-labels-idx1-ubyte").write_bytes(content)
    try:
        load_dataset("mnist", root=Path(folder))
        raise AssertionError("the damage went unnoticed")
    except ValueError as error:
        print(f"{type(error).__name__}:", str(error).split(": ", maxsplit=1)[1])  # less the path

# %% [markdown]
# ## Look
#
# One sample is one index away. Here is number 10, and a part of it as the network gets it: numbers.

# %%
image, label = digits[10]
print("label:", label, " image:", image.shape, image.dtype, "from", image.min(), "to", image.max())
figure, axes = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained", width_ratios=(1, 1.6))
axes[0].imshow(image, cmap="gray_r")
axes[0].add_patch(plt.Rectangle((7.5, 9.5), 12, 6, fill=False, color="red"))
axes[1].imshow(image[10:16, 8:20], cmap="gray_r", vmin=0, vmax=255)
for (row, column), value in np.ndenumerate(image[10:16, 8:20]):
    axes[1].text(column, row, value, ha="center", va="center", fontsize=7, color="white" if value > 120 else "black")
axes[0].set_title(f"sample 10, label {label}")
axes[1].set_title("the red part: rows 10 to 15, columns 8 to 19", fontsize=10)
plt.setp(axes, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# The first twelve, each under its label. Are the labels right? Is anything on its side, mirrored, inverted? This is
# the cheapest test there is, and it catches what no loss curve tells you.

# %%
plot_images(digits.images[:12], [f"label {label}" for label in digits.labels[:12]], columns=4)

# %% [markdown]
# How many there are of each digit:

# %%
counts = digits.counts()
print(counts)
figure, axis = plt.subplots(figsize=(6, 2.2), layout="constrained")
axis.bar(list(counts), list(counts.values()))
axis.axhline(len(digits) / 10, color="0.4", linestyle=":", label="a tenth each")
axis.set(xlabel="digit", ylabel="images", ylim=(0, 8000))
axis.legend(loc="upper right")
plt.show()
print(f"ones for each five: {counts['1'] / counts['5']:.2f}; always answering 1: {counts['1'] / len(digits):.1%} right")
assert counts["1"] > 1.2 * counts["5"]

# %% [markdown]
# Nearly a tenth each, but not quite: there are a quarter more ones than fives. Whoever always answers "1" is right in
# 11 % of cases, and a network's accuracy has to be compared with that.
#
# ## Two numbers for all pixels
#
# To normalise is to subtract a mean and divide by a standard deviation ([lesson 4](04_pictures.ipynb)). For MNIST you
# will meet **0.1307** and **0.3081** everywhere, mostly without a word on where they come from. They are the mean and
# the standard deviation of all 47 million training pixels, divided by 255:

# %%
pixels = digits.images  # uint8 (60000, 28, 28)
mean, std = pixels.mean() / 255, pixels.std() / 255
print(f"{pixels.size:,} pixels, mean {mean:.4f}, standard deviation {std:.4f}, {(pixels == 0).mean():.0%} are 0")
assert (round(mean, 4), round(std, 4)) == (0.1307, 0.3081)
normalised = (pixels[:1000] / 255 - mean) / std
print(f"normalised: paper {normalised.min():.2f}, ink {normalised.max():.2f}")

# %% [markdown]
# Only the training images may be asked. The numbers are a part of what the network learns, and nothing is learnt from
# the test set, not even a mean.
#
# The mean image of each digit shows how much its writers agree. Where it is sharp, they do; where it is fog, they
# differ. The 1 leans, the 4 and the 9 are nearly the same: expect them to be confused.

# %%
means = np.stack([pixels[digits.labels == digit].mean(axis=0) for digit in range(10)])  # (10, 28, 28), 0 to 255
plot_images(means.astype(np.uint8), [str(digit) for digit in range(10)], columns=10)

# %% [markdown]
# ## Three sets, three roles
#
# - The **training set** is the book that the network learns from. It may learn it by heart, so how well it knows the
#   book says nothing of what it has understood.
# - The **validation set** is the exercises that you mark on the way. By them you choose: the network, the learning
#   rate, the epoch to stop at. Choose often enough, and you choose what happens to suit those exercises.
# - The **test set** is the examination: opened once, at the end, when nothing is left to choose. Its only use is a
#   number that you can believe.
#
# MNIST has no validation set. Hold one out of the training images. The same share of every digit goes into it
# (**stratified**), the **seed** makes it the same on every computer, and the test set is refused.

# %%
train_set, valid_set = split_dataset(digits, 10_000, seed=0)
print(train_set, valid_set, sep="\n")
by_chance = torch.randperm(60_000, generator=torch.Generator().manual_seed(0))[:10_000].numpy()
table = {
    "all, a sixth": np.bincount(digits.labels) / 6,
    "stratified": np.bincount(valid_set.labels),
    "by chance": np.bincount(digits.labels[by_chance]),
}  # images of each digit
assert np.abs(table["stratified"] - table["all, a sixth"]).max() < 1
assert np.abs(table["by chance"] - table["all, a sixth"]).max() > 5
pd.DataFrame(table).round(1).rename_axis("digit")

# %%
try:
    split_dataset(test_set, 5_000, seed=0)
except ValueError as error:
    print(f"{type(error).__name__}: {error}")

# %% [markdown]
# ## Trap: a split without a seed
#
# A widely read tutorial calls `random_split(mnist, [50000, 10000])` and gives it no seed. A new process then begins
# with a seed that nobody knows. Break it: start the program today and tomorrow. (Two seeds stand for the unknown
# ones, so that this page prints the same every time.)

# %%
splits = []
for unknown in (1, 2):
    torch.manual_seed(unknown)
    splits.append([np.array(part.indices) for part in random_split(range(60_000), [50_000, 10_000])])
(train_today, valid_today), (train_tomorrow, valid_tomorrow) = splits
seen = np.isin(valid_tomorrow, train_today)
print(f"of tomorrow's 10,000 validation images, {seen.sum():,} were training images today")
assert 0.8 < seen.mean() < 0.87

# %% [markdown]
# So save a network today, go on with it tomorrow, and it is marked on what it learnt by heart. See the wrong number
# with a learner that does nothing but learn by heart: it keeps the training images and answers with the label of the
# nearest one. We ask it 500 images of each validation set.


# %%
def nearest_label(images, known, labels):
    """Return the label of the nearest known image, (N,), for images (N, 784)."""
    distances = known.square().sum(dim=1) - 2 * images @ known.T  # (N, 50000), less what is the same in a row
    return labels[distances.argmin(dim=1)]


x = torch.tensor(digits.images).float().flatten(1) / 255  # (60000, 784), 0 to 1
y = torch.tensor(digits.labels)
shares = []
for name, valid in (("today's, never seen", valid_today[:500]), ("tomorrow's, mostly seen", valid_tomorrow[:500])):
    found = nearest_label(x[valid], x[train_today], y[train_today])
    shares.append((found == y[valid]).float().mean().item())
    print(f"{name}: {shares[-1]:.1%} of the validation images right")
assert shares[0] < shares[1]

# %% [markdown]
# Five of six images were seen before, so about five of six errors disappear, and the network has not become better.
# The mend is a seed: the same call gives the same images, every day and on every computer.

# %%
again = split_dataset(digits, 10_000, seed=0)
assert np.array_equal(again[1].images, valid_set.images)
assert np.array_equal(again[1].labels, valid_set.labels)
print("with a seed:", again[1], "is the same")

# %% [markdown]
# ## Batches
#
# A network learns from a few dozen or hundred images at a time, a **batch**, for two reasons. One multiplication of a
# large matrix takes less time than a hundred of small ones. And the gradient of 128 images points roughly the way
# that the gradient of all 50,000 points, for a four-hundredth of the work (measured below): four hundred rough steps
# for the price of one exact step. One pass over all batches is an **epoch**.
#
# Two ways to make them. By hand: lay the images out as one tensor, shuffle the numbers 0 to 49,999, and cut that row
# into pieces of 128. Or with torch's **DataLoader**, which does the same and can also read files and use several
# processes.


# %%
def as_tensors(dataset):
    """Return images float (N, 1, 28, 28), 0 to 1, and labels int64 (N,)."""
    return torch.tensor(dataset.images)[:, None].float() / 255, torch.tensor(dataset.labels)


images, labels = as_tensors(train_set)  # one channel: gray
chance = torch.Generator().manual_seed(0)
by_hand = [(images[batch], labels[batch]) for batch in torch.randperm(len(images), generator=chance).split(128)]
loader = DataLoader(TensorDataset(images, labels), batch_size=128, shuffle=True, generator=chance)

for number, (ours, theirs) in enumerate(itertools.islice(zip(by_hand, loader, strict=True), 5)):
    print(f"batch {number}: by hand {tuple(ours[0].shape)} {tuple(ours[1].shape)}", end="   ")
    print(f"DataLoader {tuple(theirs[0].shape)} {tuple(theirs[1].shape)}")
    assert ours[0].shape == theirs[0].shape == (128, 1, 28, 28)
print(f"{len(by_hand)} and {len(loader)} batches an epoch; the last has {len(by_hand[-1][1])} images")
assert len(by_hand) == len(loader) == 391


# %%
def gradient(batch):
    """Return the gradient of the loss of an untrained linear layer over a batch, (7840,)."""
    torch.manual_seed(0)
    layer = nn.Linear(784, 10)
    F.cross_entropy(layer(images[batch].flatten(1)), labels[batch]).backward()
    return layer.weight.grad.flatten()


whole, order = gradient(slice(None)), torch.randperm(len(images), generator=chance)
for size in (128, 512, 2048):
    cosine = F.cosine_similarity(whole, gradient(order[:size]), dim=0).item()
    print(f"gradient of {size:4} images and of all: cosine {cosine:.2f}; 1 = the same direction, 0 = unrelated")
    assert cosine > 0.6

# %% [markdown]
# The two ways shuffle differently; what matters is the same: in one epoch every image comes once. The speed differs
# too. The DataLoader fetches 128 single images and stacks them, the slice takes them all in one go. More on that in
# [lesson 14](14_speed.ipynb).

# %%
began = time.perf_counter()
seen_by_hand = []
for batch in torch.randperm(len(images), generator=chance).split(128):
    batch_images, batch_labels = images[batch], labels[batch]
    seen_by_hand.append(batch_labels)
middle = time.perf_counter()
seen_by_loader = []
for _, batch_labels in loader:
    seen_by_loader.append(batch_labels)
ended = time.perf_counter()
print(f"one epoch, nothing learnt: by hand {middle - began:.2f} s, DataLoader {ended - middle:.2f} s")
assert torch.equal(torch.cat(seen_by_hand).bincount(), labels.bincount())
assert torch.equal(torch.cat(seen_by_loader).bincount(), labels.bincount())

# %% [markdown]
# ## Trap: images in the order of the file
#
# Why shuffle? A widely read tutorial did not: `shuffle=False` for training, `True` for the test set. Break it. Two
# orders without shuffling: the order of MNIST's file, and the order in which the pictures of your own folders would
# come, all zeros first and all nines last. The network is one linear layer, as in [lesson 6](06_softmax.ipynb).


# %%
def train(order_of_epoch, epochs=5):
    """Train a linear layer on batches in an order; return it with its validation accuracy after each epoch."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = []
    for _ in range(epochs):
        for batch in order_of_epoch().split(128):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        history.append((guesses(model) == valid_labels).float().mean().item())
    return model, history


def guesses(model):
    """Return what a model calls each validation image, int64 (10000,)."""
    with torch.no_grad():
        return model(valid_images).argmax(dim=1)


# %%
valid_images, valid_labels = as_tensors(valid_set)
orders = {
    "sorted by label": lambda: labels.argsort(stable=True),
    "as in the file": lambda: torch.arange(len(labels)),
    "shuffled": lambda: torch.randperm(len(labels), generator=chance),
}
trained = {name: train(order) for name, order in orders.items()}
for name, (_, history) in trained.items():
    print(f"{name:16}", "  ".join(f"{accuracy:.1%}" for accuracy in history))
assert trained["sorted by label"][1][-1] < 0.6
assert trained["shuffled"][1][-1] > 0.9

# %%
figure, axis = plt.subplots(figsize=(6, 2.6), layout="constrained")
for (name, (_, history)), style in zip(trained.items(), ("-x", "-o", "--^"), strict=True):
    axis.plot(range(1, 6), history, style, label=name)
axis.set(xlabel="epoch", ylabel="validation accuracy", xticks=range(1, 6), ylim=(0, 1))
axis.legend()
plt.show()

# %% [markdown]
# Sorted, the network learns that everything is a zero, then that everything is a one, and so on: each batch pushes
# the same way, and undoes what came before. After one epoch its answer is the digit that came last:

# %%
model, history = train(orders["sorted by label"], epochs=1)
counts = torch.bincount(guesses(model), minlength=10)
print("answers to 10,000 validation images:", dict(enumerate(counts.tolist())))
assert counts[9] > 9_000

# %% [markdown]
# And the file's own order did no harm at all: MNIST's makers had mixed it. That is luck. The tutorial's code, used on
# pictures that were collected folder by folder, fails as above. The mend is to shuffle the **training** images, anew
# in every epoch, so that no two epochs have the same batches.
#
# Leave the validation and the test set as they are. Nothing is learnt from them, so their order cannot matter:

# %%
model = trained["shuffled"][0]
correct = guesses(model) == valid_labels  # bool (10000,)
mixed = torch.randperm(len(correct), generator=chance)
print("right:", correct.sum().item(), "in order,", correct[mixed].sum().item(), "in any other")
assert correct.sum() == correct[mixed].sum()

# %% [markdown]
# ## Trap: the mean of batch means
#
# It can matter if you divide wrongly. 10,000 is no multiple of 128: 78 batches are full, the last has 16. Two widely
# read tutorials take the accuracy or loss of each batch, and the mean of those. In that mean each of the last 16
# images weighs as much as eight others. Break it, in three orders, and with a batch that leaves one image over:


# %%
def mean_of_means(correct, size):
    """Return the mean over the batches of their accuracies: wrong."""
    return torch.stack([batch.float().mean() for batch in correct.split(size)]).mean().item()


true = correct.float().mean().item()
wrong = [mean_of_means(correct[torch.randperm(10_000, generator=chance)], 128) for _ in range(3)]
print(f"true: {true:.4%}   three orders, batches of 128:", "  ".join(f"{value:.4%}" for value in wrong))
one_left = correct[correct.int().argsort(descending=True)]  # a miss comes last
print(f"batches of 9,999, a miss left over: {mean_of_means(one_left, 9_999):.4%}")
assert max(abs(value - true) for value in wrong) > 1e-4
assert abs(mean_of_means(one_left, 9_999) - true / 2) < 0.001

# %% [markdown]
# The same network, the same images, and another number with the order. With batches of 128 it is off by as much as a
# tenth of a percentage point, which is ten images here; in the worst case one image decides half of the result. The
# mend: add up over images, and divide by the number of images.

# %%
for size in (128, 1_000, 9_999):
    total = sum(batch.sum().item() for batch in one_left.split(size))
    print(f"batches of {size:5}: {total / len(one_left):.4%}")
    assert total / len(one_left) == correct.sum().item() / 10_000

# %% [markdown]
# For a loss it is the same: multiply each batch's mean by its number of images, add up, divide by all.
#
# ## What is not there
#
# Browsing fails at the ends. A data set should say so, with its name and its size; and a loop over it should end. One
# widely read tutorial looked at the misses of its network with `next()` until the notebook stopped in the middle of a
# row: at the end `next` raises an error that says nothing at all.

# %%
try:
    digits[60_000]
except IndexError as error:
    print("IndexError:", error)
print("counted from the end, the last label is", digits[-1][1])

rows = iter(["first row of misses", "second row of misses"])
try:
    while True:
        print(next(rows))
except StopIteration as error:
    print("StopIteration:", repr(str(error)))

# %% [markdown]
# The mend is to let `for` do it, which stops by itself. `itertools.islice` takes a few. Rows of twelve are slices,
# and the last is as short as it has to be:

# %%
print("first labels:", [label for image, label in itertools.islice(digits, 12)])
misses = torch.nonzero(~correct).flatten().tolist()
rows = [misses[start : start + 12] for start in range(0, len(misses), 12)]
print(f"{len(misses)} misses in {len(rows)} rows, the last of {len(rows[-1])}")
assert sum(1 for _ in digits) == len(digits)
last = rows[-1]
plot_images(valid_set.images[last], [str(valid_set.labels[index]) for index in last])

# %% [markdown]
# ## To remember
#
# - Look at the images with their labels before you train. Count the classes.
# - Training set to learn, validation set to choose, test set once. Split with a seed, and the same share of every
#   class.
# - Shuffle the training images in every epoch, and only those.
# - Means over images, never means of batch means.
#
# **Exercise.** Write a seeded split that has the same share of every digit:
# `inkdigits learn open mnist` puts the start beside this notebook, and
# `inkdigits learn check mnist mnist_exercise.py` marks it.
#
# Next: [softmax regression](06_softmax.ipynb).
