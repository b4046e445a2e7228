# %% [markdown]
# # 10 · Curves, over-fitting, dropout, augmentation
#
# A network can learn its training images by heart and still not read. Here you make that happen, learn to see it in two
# curves, and measure five remedies against it. Then you meet two mistakes that turn remedies into damage. You need
# lesson 9; it takes half an hour.

# %%
import copy

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

import inkdigits
from inkdigits import AugmentConfig, TrainConfig, augment, load_dataset, plot_images, split_dataset

train_set, valid_set = split_dataset(load_dataset("mnist"), 2_500, seed=0)
small_set, _ = split_dataset(train_set, len(train_set) - 500, seed=0)  # 500 images, the same share of every digit


def tensors(dataset):
    """Return images uint8 (N, 28, 28), 0 = paper, 255 = ink, and labels int64 (N,)."""
    return torch.tensor(dataset.images), torch.tensor(dataset.labels)


small, valid = tensors(small_set), tensors(valid_set)
small_set, valid_set

# %% [markdown]
# ## Too few images, too many weights
#
# Five hundred images, and a network with more than three hundred parameters for each of them.


# %%
def create_network(dropout=0.0):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 200),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(200, 100),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(100, 10),
    )


print(sum(parameter.numel() for parameter in create_network().parameters()) / 500, "parameters an image")

# %% [markdown]
# The loop is that of lesson 9, shorter, with three things to turn: dropout, weight decay, and a change that is made to
# the training images. First the ruler:


# %%
def measure(model, images, labels):
    """Return the mean loss and the accuracy over all images, in eval mode."""
    model.eval()
    with torch.no_grad():
        logits = model(images / 255)
    model.train()
    return F.cross_entropy(logits, labels).item(), (logits.argmax(dim=1) == labels).float().mean().item()


print("untrained:", measure(create_network(), *valid))


# %%
def run(images, labels, epochs=30, dropout=0.0, weight_decay=0.0, change=None):
    """Train a fresh network; return it and its history, a dict an epoch."""
    torch.manual_seed(0)  # of the weights and of dropout
    model, chance, history = create_network(dropout), torch.Generator().manual_seed(0), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=weight_decay)
    for epoch in range(epochs + 1):
        batches = torch.randperm(len(labels), generator=chance).split(50) if epoch > 0 else []
        for batch in batches:
            x = change(images[batch], chance) if change else images[batch]  # (B, 28, 28), 0 to 255
            loss = F.cross_entropy(model(x / 255), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        record = {"epoch": epoch}
        record["train_loss"], record["train_accuracy"] = measure(model, images[:2_500], labels[:2_500])
        record["valid_loss"], record["valid_accuracy"] = measure(model, *valid)
        history.append(record)
    return model, history


plain_model, plain = run(*small)
pd.DataFrame(plain)[::6].round(4)

# %% [markdown]
# The training images are learnt without a single mistake. Of the validation images more than one in ten is misread. The
# difference is the **generalization gap**, and a network whose gap grows while it trains **over-fits**: it learns what
# is true of these 500 images and of no others.

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
    axis.plot([record[f"train_{name}"] for record in plain], label="training")
    axis.plot([record[f"valid_{name}"] for record in plain], label="validation")
    axis.set(xlabel="epoch", ylabel=name)
turn = min(plain, key=lambda record: record["valid_loss"])
axes[0].axvline(turn["epoch"], color="0.6", linestyle=":", label=f"lowest: epoch {turn['epoch']}")
axes[0].legend()
plt.show()
assert plain[-1]["train_accuracy"] == 1
assert plain[-1]["valid_accuracy"] < 0.9
assert plain[-1]["valid_loss"] > turn["valid_loss"] + 0.05

# %% [markdown]
# Read the two loss curves together. Both fall: it learns. Training falls and validation rises: it over-fits. Both stay
# high: it cannot learn this, or not yet, which is called **under-fitting**. Note that the validation loss rises while
# the validation accuracy stays: the network makes as many mistakes as before and becomes more certain of them. Accuracy
# alone would have hidden it.
#
# ## It could learn anything by heart
#
# How far does it go? Deal the 500 labels out anew, at random. Nothing is left to understand, and the network still
# learns nearly all of it. So training accuracy by itself proves nothing at all:

# %%
random_labels = small[1][torch.randperm(500, generator=torch.Generator().manual_seed(0))]
_, by_heart = run(small[0], random_labels)
last = by_heart[-1]
print(f"random labels: training accuracy {last['train_accuracy']:.1%}, validation {last['valid_accuracy']:.1%}")
assert last["train_accuracy"] > 0.97
assert last["valid_accuracy"] < 0.2

# %% [markdown]
# ## Remedy 1: stop early
#
# Keep the weights of the epoch with the lowest validation loss, as in lesson 9. In practice one stops when it has not
# fallen for some epochs; how many is called **patience**. It costs nothing and takes back the worst of the certainty.
# Every remedy goes into one table of results, with its last epoch; this one with its best.

# %%
results = {"nothing": plain[-1], "early stopping": turn}
print(f"loss {turn['valid_loss']:.3f} at epoch {turn['epoch']}, {plain[-1]['valid_loss']:.3f} at epoch 30")

# %% [markdown]
# ## Remedy 2: weight decay
#
# **Weight decay** pulls every weight a little towards 0 in every step: with AdamW, by learning rate times decay, here a
# thousandth. Weights that no gradient defends fade away. Small weights make a function that bends less.

# %%
faded, history = run(*small, weight_decay=1.0)
results["weight decay"] = history[-1]
norms = [sum(parameter.norm() ** 2 for parameter in net.parameters()).sqrt().item() for net in (plain_model, faded)]
print(f"length of all weights: {norms[0]:.1f} without decay, {norms[1]:.1f} with it")
assert norms[1] < norms[0]
assert history[-1]["valid_loss"] < plain[-1]["valid_loss"] - 0.05

# %% [markdown]
# ## Remedy 3: dropout
#
# **Dropout** sets each value in a layer to 0 with probability $p$, anew in every step. No unit can rely on another one
# being there, so what is learnt is spread. What is left is multiplied by $1 / (1 - p)$, so that the mean stays what it
# was. In eval mode it does nothing at all:

# %%
torch.manual_seed(0)
dropout = nn.Dropout(0.5)
print("training:", dropout(torch.ones(12)).tolist())
print("mean of 100,000:", dropout(torch.ones(100_000)).mean().item())
print("eval:    ", dropout.eval()(torch.ones(12)).tolist())

_, history = run(*small, dropout=0.5)
results["dropout"] = history[-1]
assert history[-1]["valid_loss"] < plain[-1]["valid_loss"] - 0.03

# %% [markdown]
# ## Remedy 4: augmentation
#
# A 7 that is turned by five degrees is another image and still a 7. **Augmentation** makes such images from those that
# are there, new ones in every epoch: rotated, scaled, sheared, shifted. Nothing is ever seen twice, so nothing can be
# learnt by heart. `augment` does it for a whole batch; an `AugmentConfig` says how far each movement may go.

# %%
chance = torch.Generator().manual_seed(0)
print(AugmentConfig())
digits = small[0][:4]
copies = [augment(digits, AugmentConfig(), chance).round().byte() for _ in range(11)]  # of float32, 0 to 255
sheet = torch.stack([digits, *copies], dim=1)  # (4, 12, 28, 28)
plot_images(sheet.flatten(0, 1).numpy(), (["as it is"] + [""] * 11) * 4, columns=12)

# %% [markdown]
# It makes the task harder, so it wants more epochs: twice as many here.


# %%
def moved_by(config):
    return lambda images, chance: augment(images, config, chance)


_, moving = run(*small, epochs=60, change=moved_by(AugmentConfig()))
results["augmentation, 60 epochs"] = moving[-1]
print(f"after 30 epochs {moving[30]['valid_accuracy']:.1%}, after 60 {moving[60]['valid_accuracy']:.1%}")
assert moving[-1]["valid_accuracy"] > plain[-1]["valid_accuracy"] + 0.03

# %% [markdown]
# ## Remedy 5: more images
#
# Where they can be had, nothing is simpler. Ten times as many images, for a third of the epochs.

# %%
more_set, _ = split_dataset(train_set, len(train_set) - 5_000, seed=0)
_, more = run(*tensors(more_set), epochs=10)
results["5,000 images, 10 epochs"] = more[-1]
assert more[-1]["valid_accuracy"] > plain[-1]["valid_accuracy"] + 0.03

table = pd.DataFrame(results).T.drop(columns=["epoch", "train_loss"]).round(3)
counts = [round(record["valid_accuracy"] * 2_500) for record in results.values()]
for name in ("early stopping", "weight decay", "dropout"):
    assert abs(results[name]["valid_accuracy"] - plain[-1]["valid_accuracy"]) < 0.025
table["95 % interval"] = ["{:.3f} to {:.3f}".format(*inkdigits.wilson_interval(count, 2_500)) for count in counts]
table

# %% [markdown]
# Read the table with its intervals. With augmentation or more images the network reads about five images more in every
# hundred, far beyond chance. Early stopping, weight decay and dropout leave the accuracy where it was, within the
# interval, and lower the loss: they make the network less certain of its mistakes. Another network or another data set
# may answer otherwise; so measure. And since all of it was done on validation images, the test set is still unseen.
#
# Two more words that you will meet. **Label smoothing** asks for a little less than 100 % for the right digit, so that
# the network has no reason to become ever more certain. **Averaging of weights** answers with the mean of the weights
# of the last many steps, which is steadier than any one of them. In inkdigits all of these are fields of a
# `TrainConfig`, and the best epoch is kept anyway:

# %%
config = TrainConfig(
    model="cnn-dropout", weight_decay=0.02, label_smoothing=0.05, average=0.99, augment=AugmentConfig()
)
print(config)

# %% [markdown]
# ## Trap: `eval()` forgotten
#
# Four widely read tutorials measure in their loops without `model.eval()`. Their networks had no layer that minds. This
# one has two kinds. Dropout draws chance. **Batch norm** subtracts from each channel its mean and divides by its
# standard deviation: in training those of the batch, in eval mode those that it has collected. It makes deep networks
# train faster.

# %%
torch.manual_seed(0)
network = nn.Sequential(
    nn.Conv2d(1, 8, 3, stride=2, padding=1),  # (N, 8, 14, 14)
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.Conv2d(8, 16, 3, stride=2, padding=1),  # (N, 16, 7, 7)
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.Flatten(),  # (N, 784)
    nn.Dropout(0.5),
    nn.Linear(784, 10),
)
print(network[1], network[7])

# %%
optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
images, labels = tensors(more_set)
for _ in range(3):
    for batch in torch.randperm(5_000).split(50):
        loss = F.cross_entropy(network(images[batch, None] / 255), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print("the last batch in training mode:", loss.item())

# %% [markdown]
# Break it: leave the network in training mode, and ask ten times for the same image.

# %%
x, y = valid[0][:, None] / 255, valid[1]  # (2500, 1, 28, 28) and (2500,)
network.eval()
with torch.no_grad():
    least_sure = network(x).softmax(dim=1).max(dim=1).values.argmin()
forgotten = copy.deepcopy(network).train()
answers = [forgotten(x[least_sure][None]).argmax().item() for _ in range(10)]
print("training mode:", answers, " eval mode:", [network(x[least_sure][None]).argmax().item() for _ in range(10)])
assert len(set(answers)) > 1

# %% [markdown]
# See the wrong numbers. In training mode an answer also depends on the images in the same batch. So does the accuracy:
# the same 2,500 images together, in batches that are nearly of one digit each, and one by one.


# %%
@torch.no_grad()
def accuracy(model, x, y, batch_size):
    guesses = torch.cat([model(batch).argmax(dim=1) for batch in x.split(batch_size)])
    return (guesses == y).float().mean().item()


by_digit, rows = y.argsort(), []
for mode, asked in (("training", forgotten), ("eval", network)):
    orders = accuracy(asked, x, y, 2_500), accuracy(asked, x[by_digit], y[by_digit], 250), accuracy(asked, x, y, 1)
    rows.append({"mode": mode} | dict(zip(("together", "by digit", "one by one"), orders, strict=True)))
assert rows[1]["together"] > rows[0]["together"] + 0.01
assert rows[1]["one by one"] > rows[0]["one by one"] + 0.02
assert abs(rows[1]["by digit"] - rows[1]["one by one"]) < 0.001
pd.DataFrame(rows).round(3)

# %% [markdown]
# A lone image has only itself to be compared with. Batch norm after a linear layer even refuses it, which is the kinder
# way. And measuring in training mode has changed the network: the means that batch norm collects have moved towards the
# validation images, which should teach it nothing.

# %%
try:
    nn.BatchNorm1d(10)(torch.zeros(1, 10))
except ValueError as error:
    print(error)
print("before:", network[1].running_mean[:4].tolist())
print("after: ", forgotten[1].running_mean[:4].tolist())
assert not torch.equal(network[1].running_mean, forgotten[1].running_mean)

# %% [markdown]
# The mend is `model.eval()` before every measuring and every answer, and `model.train()` after it if training goes on.
# `torch.no_grad()` is no substitute: it saves memory and changes no layer.
#
# ## Trap: a change that changes the label
#
# Augmentation says to the network: this is still the same digit. It had better be true. A 6 that is turned by 180
# degrees is a 9. Ask the network that ships with inkdigits, which reads upright digits almost without mistakes:

# %%
reader = inkdigits.shipped_classifier()
for digit, other, name, change in [
    (6, 9, "turned by 180 degrees", lambda images: images[:, ::-1, ::-1]),
    (5, 2, "mirrored", lambda images: images[:, :, ::-1]),
]:
    images = valid_set.images[valid_set.labels == digit]
    answers = reader.logits(np.ascontiguousarray(change(images))).argmax(axis=1)
    print(f"{digit}, {name}: {np.mean(answers == other):.0%} are read as {other}")
    assert np.mean(answers == other) > 0.7
turned = valid_set.images[valid_set.labels == 6][:12, ::-1, ::-1]
plot_images(turned, ["label 6"] * 12)

# %% [markdown]
# Break it: train on the 500 images, turned by any angle up to 180 degrees, or mirrored every other time. See the wrong
# numbers: validation accuracy, and how many digits are taken for the one that they turn into.


# %%
def mirrored(images, chance):
    return torch.where(torch.rand(len(images), 1, 1, generator=chance) < 0.5, images.flip(2), images)


models = {"as they are": plain_model}
models["turned"], _ = run(*small, change=moved_by(AugmentConfig(rotation_degrees=180.0)))
models["mirrored"], _ = run(*small, change=mirrored)
rows = {}
for name, model in models.items():
    guesses = model.eval()(valid[0] / 255).argmax(dim=1)
    rows[name] = {"accuracy": (guesses == valid[1]).float().mean().item()}
    for a, b in ((6, 9), (2, 5)):
        taken = ((valid[1] == a) & (guesses == b)) | ((valid[1] == b) & (guesses == a))
        rows[name][f"{a} and {b} confused"] = int(taken.sum())
pd.DataFrame(rows).T.round(3)

# %%
assert rows["turned"]["6 and 9 confused"] > 5 * rows["as they are"]["6 and 9 confused"] + 20
assert rows["turned"]["accuracy"] < rows["as they are"]["accuracy"] - 0.1
assert rows["mirrored"]["accuracy"] < rows["as they are"]["accuracy"] - 0.01

# %% [markdown]
# Both are worse than no augmentation. Images that are turned by any angle are also harder to learn in 30 epochs; but
# that a 6 is a 9 no training will mend. The mend is the sheet of remedy 4: look at the augmented images before you
# train, and use a movement only if you would still write the same label under each of them.
#
# ## To remember
#
# - Training loss falls and validation loss rises: over-fitting. Training accuracy alone proves nothing.
# - First more images, or augmentation, which makes them; weight decay, dropout and early stopping temper the certainty.
# - `model.eval()` before every measuring and every answer; without it dropout and batch norm falsify both.
# - Look at augmented images with your own eyes: the label has to be true.
#
# **Exercise.** Write dropout yourself, with its own generator, and with nothing to do in eval mode:
# `inkdigits learn open overfitting` puts the start beside this notebook, and
# `inkdigits learn check overfitting overfitting_exercise.py` marks it.
#
# Next: [honest evaluation](11_evaluation.ipynb).
