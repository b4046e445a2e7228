# %% [markdown]
# # 14 · From a quarter of an hour to a second
#
# Here you take the training loop of the tutorials, find out where its time goes, mend one thing after the other, and
# measure what each mend is worth. You also learn to measure time so that the result means something. You need lessons
# 5 and 9; it takes half an hour. Every time on this page is one of the machine that ran it. Yours will differ; the
# ratios will differ less.

# %%
import math
import os
import statistics
import subprocess
import sys
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from inkdigits import create_model, fit, load_dataset, split_dataset

train_set, valid_set = split_dataset(load_dataset("mnist"), 5_000, seed=0)
part = train_set.subset(slice(0, 1_024))  # enough to time a loop
print(train_set, "of which we time", len(part))

# %% [markdown]
# ## Two numbers
#
# $$\text{seconds} = \frac{\text{images shown}}{\text{images a second}}$$
#
# The number below the line, the **throughput**, is a matter of code. The number above it is a matter of learning: how
# many images must the network see until it is good enough? Most advice about speed is about the first. Keep both in
# mind.
#
# ## Where the tutorials begin
#
# The widely read tutorials all make their batches in the same way. A `Dataset` keeps the pictures and makes a tensor
# of **one** of them when it is asked: a PIL picture, then an array, then a tensor, divided by 255, sometimes
# normalised. A `DataLoader` asks for ten of them one by one, and stacks the ten tensors to a batch.


# %%
class Pictures(torch.utils.data.Dataset):
    """One tensor at a time, from one PIL picture at a time."""

    def __init__(self, dataset):
        self.images, self.labels = torch.tensor(dataset.images), torch.tensor(dataset.labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        picture = Image.fromarray(self.images[index].numpy())  # 28x28, mode L
        pixels = torch.from_numpy(np.array(picture)).view(28, 28, 1)  # uint8, 0 = paper, 255 = ink
        pixels = pixels.permute(2, 0, 1).contiguous().float().div(255)  # (1, 28, 28), 0 to 1
        return (pixels - 0.1307) / 0.3081, int(self.labels[index])


def loader(batch_size, *, shuffle=True):
    return torch.utils.data.DataLoader(Pictures(part), batch_size=batch_size, shuffle=shuffle)


x, y = next(iter(loader(10)))
print(x.shape, x.dtype, y.shape)

# %% [markdown]
# The other way has no `Dataset` and no `DataLoader`. MNIST is small, so the whole set may lie in memory as one tensor:
# it is **resident**. A batch is some rows of it, and the arithmetic is done for all rows in one call. An order by
# chance is one call too: `torch.randperm`.


# %%
def scaled(images):
    """Turn raw pixels (B, 28, 28), 0 to 255, into what the network takes: float32 (B, 1, 28, 28)."""
    return (images.unsqueeze(1).float().div(255) - 0.1307) / 0.3081


images, labels = torch.tensor(part.images), torch.tensor(part.labels)  # uint8 (1024, 28, 28), int64 (1024,)
chance = torch.Generator().manual_seed(0)


def resident(batch_size):
    order = torch.randperm(len(labels), generator=chance)
    return ((scaled(images[places]), labels[places]) for places in order.split(batch_size))


print(f"all training images: {train_set.images.nbytes / 2**20:.0f} MiB")
for (x, y), places in zip(loader(10, shuffle=False), torch.arange(len(labels)).split(10), strict=True):
    assert torch.allclose(x, scaled(images[places]))
    assert torch.equal(y, labels[places])

# %% [markdown]
# The assertions say that both give the same tensors. Before you time two ways, prove that they do the same: the fastest
# way to do something else is of no use. The network is the small CNN of the tutorials, and the step is the usual one:


# %%
def small_cnn():
    torch.manual_seed(0)
    convolutions = [nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 3), nn.ReLU(), nn.MaxPool2d(2)]
    linear = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*convolutions, nn.Flatten(), *linear)


def train_on(model, optimizer, batches, after_step=None):
    """Take one step on every batch; return how many images there were."""
    count = 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        count += len(y)
        if after_step is not None:
            after_step(model, loss)
    return count


model = small_cnn()
optimizer = torch.optim.Adam(model.parameters(), 1e-3)
print(train_on(model, optimizer, loader(10)), "images from the loader")
print(train_on(model, optimizer, resident(10)), "images from memory")

# %% [markdown]
# ## How to measure
#
# Four rules, and all of them are in the next function:
#
# - **Warm up.** The first call pays for what happens only once. It is not counted.
# - **Repeat, and take the median**, the value in the middle. A run that was disturbed moves the mean, not the median.
# - **Take turns**: first way, second way, first way, second way. What disturbs one then disturbs the other.
# - **Compare by the ratio, in the same run.** "1.4 times as fast as" travels to another machine, "5,000 images a
#   second" does not.


# %%
def measure(ways, repeats=5):
    """Time functions that return how many images they did; return images a second, a column for each."""
    for way in ways.values():
        way()  # warm-up
    rows = []
    for _ in range(repeats):
        row = {}
        for name, way in ways.items():
            began = time.perf_counter()
            count = way()
            row[name] = count / (time.perf_counter() - began)
        rows.append(row)
    return pd.DataFrame(rows)


def table(speeds):
    """Show medians with the lowest and the highest value, and the ratio to the first way."""
    middle = speeds.median()
    shown = pd.DataFrame({"images/s": middle, "lowest": speeds.min(), "highest": speeds.max()}).astype(int)
    return shown.assign(ratio=(middle / middle.iloc[0]).round(2))


ways = {
    "loader": lambda: train_on(model, optimizer, loader(10)),
    "resident": lambda: train_on(model, optimizer, resident(10)),
}
speeds = measure(ways, repeats=3)
table(speeds)

# %% [markdown]
# One tutorial trains for 40 epochs, two others take batches of 10. Both together, at the pace of the loader here; and
# at that of the whole loop of a tutorial, which took 42.8 s for two epochs on two cores, test images included
# ([on file](../docs/benchmarks.md)):

# %%
pace, shown = speeds["loader"].median(), 40 * 60_000
print(f"{shown:,} images at {pace:,.0f} a second: {shown / pace / 60:.0f} minutes")
print(f"40 epochs at 42.8 s for two: {40 / 2 * 42.8 / 60:.0f} minutes")

# %% [markdown]
# ## Trap: measured once, and beside other work
#
# Break it: compare a loop **with itself**. First a single step, the first one of a fresh network. Then the loop alone,
# and later the same loop while other processes keep the processors busy, as a browser or a second training does.


# %%
def beside_other_work(function):
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        return function()
    finally:
        for other in others:
            other.kill()
            other.wait()


fresh, steps = small_cnn(), []
fresh_optimizer = torch.optim.Adam(fresh.parameters(), 1e-3)
for batch in list(resident(75))[:13]:
    began = time.perf_counter()
    train_on(fresh, fresh_optimizer, [batch])
    steps.append(time.perf_counter() - began)
print(f"the first step takes {steps[0] / statistics.median(steps[1:]):.1f} times as long as the median step")

some = list(resident(10))[:30]
same = {"once": lambda: train_on(model, optimizer, some), "again": lambda: train_on(model, optimizer, some)}
before, after = measure(same, 3).median(), beside_other_work(lambda: measure(same, 3).median())
print(f"the loop alone is {before['once'] / after['once']:.2f} times as fast as itself beside other work")

# %% [markdown]
# Both numbers are wrong as a comparison: nothing was changed, so the ratio should be 1. The mend is in `measure`. It
# also ran the loop beside the other work twice, in turns:

# %%
print(f"in turns, beside other work: {after['once'] / after['again']:.2f} times as fast as itself")

# %% [markdown]
# ## Where the time of a step goes
#
# A stopwatch between the parts of a step: get the batch, forward (the loss), backward (the gradient), and the
# optimiser's update. In microseconds an image:


# %%
def parts_of_a_step(batches):
    spent, batches = np.zeros(4), iter(batches)
    while True:
        times = [time.perf_counter()]
        if (batch := next(batches, None)) is None:
            return spent / len(labels) * 1e6
        times.append(time.perf_counter())
        loss = F.cross_entropy(model(batch[0]), batch[1])
        times.append(time.perf_counter())
        loss.backward()
        times.append(time.perf_counter())
        optimizer.step()
        optimizer.zero_grad()
        spent += np.diff([*times, time.perf_counter()])


cases = {"loader, 10": lambda: loader(10), "resident, 10": lambda: resident(10), "resident, 128": lambda: resident(128)}
rows = {name: np.median([parts_of_a_step(batches()) for _ in range(3)], axis=0) for name, batches in cases.items()}
parts = pd.DataFrame(rows, index=["batch", "forward", "backward", "update"]).T
parts.assign(sum=parts.sum(axis=1)).round(1)

# %% [markdown]
# The first column is what keeping the data resident saves. Had you expected it to be nearly everything, as one often
# reads? On a CPU the network is not free either, and no way to load data makes the other three parts shorter. This is
# **Amdahl's law**: a mend can save no more than the share of what it mends.
#
# And in the last row an image costs far less than above it, though its arithmetic is the same. Why?
#
# ## Trap: batches of ten
#
# A step also costs what does not depend on the number of images: some dozens of calls, and an update of all
# parameters. A batch of 10 pays this **overhead** for 10 images. Time steps of several sizes, and lay a straight line
# through the points:

# %%
sizes, milliseconds = [1, 10, 32, 64, 128], []
for size in sizes:
    steps = [(scaled(images[:size]), labels[:size])] * 4
    speed = measure({"step": lambda steps=steps: train_on(model, optimizer, steps)})["step"].median()
    milliseconds.append(1_000 * size / speed)
each, once = np.polyfit(sizes, milliseconds, 1, w=1 / np.array(milliseconds))  # small steps count as much as large
print(f"a step of n images takes {once:.2f} ms + n times {each:.3f} ms")
print("share of the overhead:", {size: f"{once / (once + each * size):.0%}" for size in sizes})

# %% [markdown]
# So take batches of 128? Here is the other half of the trap. The same 5,120 images make 512 steps of 10, but only 40 of
# 128, and a network moves by steps. With the learning rate left as it was, the fast loop learns less from the same
# images. A larger batch gives a surer gradient, so it can bear a larger step: raise the learning rate with it.


# %%
def accuracy(network, prepare, count=5_000):
    """Return the accuracy on the first `count` validation images."""
    x, y = torch.tensor(valid_set.images[:count]), torch.tensor(valid_set.labels[:count])
    network.eval()
    with torch.inference_mode():
        guesses = torch.cat([network(prepare(batch)).argmax(dim=1) for batch in x.split(500)])
    network.train()
    return (guesses == y).float().mean().item()


x, y = scaled(torch.tensor(train_set.images[:5_120])), torch.tensor(train_set.labels[:5_120])
results = {}
for size, rate in ((10, 0.001), (128, 0.001), (128, 0.01)):
    network, began = small_cnn(), time.perf_counter()
    train_on(network, torch.optim.Adam(network.parameters(), rate), zip(x.split(size), y.split(size), strict=True))
    seconds = time.perf_counter() - began
    results[size, rate] = accuracy(network, scaled)
    print(f"batches of {size:3}, learning rate {rate}: {seconds:.2f} s, validation accuracy {results[size, rate]:.1%}")
assert results[128, 0.001] < min(results[10, 0.001], results[128, 0.01])

# %% [markdown]
# ## Mend by mend
#
# Two small mends are left. **channels_last** is another order of the same numbers in memory: usually all pixels of a
# channel lie together, with channels_last all channels of a pixel. Convolutions on a CPU often prefer that. A **fused**
# optimiser updates all parameters in one call.


# %%
def way(make, size, *, channels_last=False, fused=False):
    network = small_cnn().to(memory_format=torch.channels_last if channels_last else torch.contiguous_format)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3, fused=fused)
    return lambda: train_on(network, optimizer, make(size))


stages = {
    "loader, batches of 10": way(loader, 10),
    "resident": way(resident, 10),
    "batches of 128": way(resident, 128),
    "channels_last": way(resident, 128, channels_last=True),
    "fused Adam": way(resident, 128, channels_last=True, fused=True),
}
x, y = scaled(images[:128]), labels[:128]
assert torch.allclose(small_cnn()(x), small_cnn().to(memory_format=torch.channels_last)(x), atol=1e-5)
speeds = measure(stages, repeats=4)
table(speeds)

# %%
middle = speeds.median()
figure, axis = plt.subplots(figsize=(8, 2.4))
axis.barh(speeds.columns, middle, color="#4477aa", xerr=[middle - speeds.min(), speeds.max() - middle], ecolor="0.4")
axis.invert_yaxis()
axis.set(xlabel="images a second: median, lowest to highest", title="Each stage keeps the mends of those above it")
plt.show()

# %% [markdown]
# Where the ranges of two stages overlap, this run does not tell which is faster. Measure longer, or claim nothing.
#
# **Threads.** torch divides the work of one operation among the processors. With operations as small as these, dividing
# and waiting for each other costs something as well, and beside other work all threads wait for the slowest. So it is
# measured, not assumed:

# %%
usual, logits = torch.get_num_threads(), []
for threads in sorted({1, os.cpu_count() or 1}):
    torch.set_num_threads(threads)
    speed = measure({"step": lambda: train_on(model, optimizer, [(x, y)])}, repeats=3)["step"].median()
    print(f"{threads} thread{'s' * (threads > 1)}: {speed:,.0f} images a second")
    logits.append(small_cnn()(x))
torch.set_num_threads(usual)
assert torch.allclose(logits[0], logits[-1], atol=1e-4)

# %% [markdown]
# ## Trap: a number read in every step
#
# "Never call `.item()` in the loop, and do not print." Is that so? These loops differ only in what they do after each
# step of 10 images. The last one measures the accuracy on 200 validation images, to draw a fine curve.

# %%
with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - the lines would fill this page
    extras = {
        "nothing": None,
        "loss.item()": lambda network, loss: loss.item(),
        "print": lambda network, loss: print(f"loss {loss.item():.4f}", file=nowhere),
        "200 validation images": lambda network, loss: accuracy(network, scaled, 200),
    }
    ways = {
        name: lambda extra=extra: train_on(model, optimizer, some, after_step=extra) for name, extra in extras.items()
    }
    speeds = measure(ways, repeats=3)
table(speeds)

# %% [markdown]
# Look whether the ranges of the first three overlap. On a CPU the loss is there already when `.item()` asks for it. The
# advice comes from GPUs: there the calls only put work into a queue, and `.item()` waits until the queue is empty. (A
# terminal takes longer over a line than this `print` into nowhere. Print every 100 steps, for the reader's sake.) What
# costs is what computes, the last row.
#
# One such habit is wrong for another reason, and one tutorial has it: to keep `loss` in a list instead of
# `loss.item()`. Such a tensor hangs on autograd's graph (lesson 2). Keep numbers.
#
# ## Fewer images
#
# Everything so far was the number below the line. Now the one above it: how good is a network after 12,800 images, less
# than a quarter of an epoch? That depends on the **schedule**: the learning rate of every step. The tutorials keep it
# constant. A large constant rate comes near the goal soon and then jumps about it; a small one settles, but gets there
# late. **One-cycle** has both: up to a large rate, then down to 0.


# %%
def one_cycle(step, steps, peak, warm_up=0.15):
    """Return the learning rate of a step, from 1 to `steps`: up along a line, down along a cosine."""
    done = step / steps
    if done < warm_up:
        return peak * done / warm_up
    return peak * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up))) / 2


schedules = {
    "constant, 0.001": [0.001] * 100,
    "constant, 0.02": [0.02] * 100,
    "one-cycle to 0.02": [one_cycle(step, 100, 0.02) for step in range(1, 101)],
}


def run(rates):
    """Train the network of the recipe `quick`, 128 images a step; return the accuracy after every 20 steps."""
    network = create_model("quicknet", seed=0).to(memory_format=torch.channels_last)  # takes raw pixels (B, 28, 28)
    optimizer = torch.optim.Adam(network.parameters(), betas=(0.7, 0.9), fused=True)
    order, along = np.random.default_rng(0).permutation(len(train_set)), []
    for step, rate in enumerate(rates, start=1):
        places = order[128 * step - 128 : 128 * step]
        optimizer.param_groups[0]["lr"] = rate
        batch = torch.tensor(train_set.images[places]), torch.tensor(train_set.labels[places])
        train_on(network, optimizer, [batch])
        if step % 20 == 0:
            along.append(accuracy(network, lambda images: images, 500 if step < 100 else 5_000))
    return along


courses = {name: run(rates) for name, rates in schedules.items()}
for name, course in courses.items():
    print(f"{name:17}  {course[-1]:.2%} of the validation images right")
assert courses["one-cycle to 0.02"][-1] == max(course[-1] for course in courses.values())

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 2.6), layout="constrained")
for (name, rates), colour in zip(schedules.items(), ("#4477aa", "#ee6677", "#228833"), strict=True):
    axes[0].plot(range(1, 101), rates, color=colour)
    percent = [100 * value for value in courses[name]]
    axes[1].plot(range(20, 101, 20), percent, "-o", markersize=4, color=colour, label=name)
axes[0].set(xlabel="step", ylabel="learning rate", title="schedule")
axes[1].set(xlabel="step", ylabel="accuracy (%)", title="validation accuracy")
axes[1].legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# The large rate alone stops getting better; under one-cycle the network settles while the rate falls. The price: the
# number of steps must be known at the start, and a run that is stopped early has not settled. (The points on the way
# are measured on 500 validation images, the last ones on 5,000, with one seed: lesson 11 tells what such differences
# are worth.)
#
# ## All of it together
#
# The recipe `quick` shows 26,500 images once, in batches of 128, channels_last, with a fused optimiser and one-cycle.
# Its network sets each digit upright, in the middle and at one size before it looks: what a network need not learn, it
# need not be shown, and half of the images would do; the recipe spends that on accuracy. It pads nothing and pools its
# first two convolutions at once, so that 24x24 pixels soon become 10x10, 4x4 and 2x2, and it multiplies in half the
# bits where the processor can. The filters of the first layer are cosine patterns that stay as they are: what is not
# trained needs no gradients, and those of the largest picture are the dearest. Two more choices came out of a search on
# validation images: Adam with a shorter memory, and labels smoothed by 0.1.

# %%
checkpoint = fit("quick")
config, record = checkpoint.config, checkpoint.history.epochs[-1]
print(f"{config.images_per_epoch:,} images in {record.seconds:.1f} s: {record.images_per_second:,.0f} a second")
print(f"validation accuracy {record.valid_accuracy:.2%}")
assert record.valid_accuracy > 0.98

# %% [markdown]
# On two cores that took 0.9 seconds ([median of ten runs](../docs/benchmarks.md)). Compare it with 40 epochs at
# the pace of the loader, and take the gain apart into the two numbers of the beginning:

# %%
fewer, faster = shown / config.images_per_epoch, record.images_per_second / pace
print(f"fewer images: {fewer:.0f} times    more images a second: {faster:.1f} times")
print(f"{shown / pace / 60:.0f} minutes became {record.seconds:.1f} s: {fewer * faster:.0f} times less")

# %% [markdown]
# Nearly all of it is fewer images. That is not quite fair to the tutorials: 40 epochs are more than their networks
# need, and this network is another one. But it is how a quarter of an hour becomes seconds: ask first what must be
# computed at all, then compute that fast.
#
# ## To remember
#
# - Time is images shown divided by images a second. Look at both.
# - A small data set belongs into memory as one tensor; a batch is some rows of it.
# - Measure where the time goes before you mend: no mend saves more than its own share.
# - Warm up, repeat, take turns, take medians, tell the range, compare by ratios of one run.
# - A larger batch wants a larger learning rate; a rate that falls to 0 at the end needs fewer images.
#
# **Exercise.** Write a generator of shuffled batches, without a data loader, that shows every image once:
# `inkdigits learn open speed` puts the start beside this notebook, and
# `inkdigits learn check speed speed_exercise.py` marks it.
#
# Next: [save, load, export, serve](15_export.ipynb).
