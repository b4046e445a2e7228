# %% [markdown]
# # 9 · LeNet-5 and the training loop in plain sight
#
# Two small convolutional networks read MNIST better than any linear layer: LeNet-5 and its simpler sister. Here you
# write both down, count them, and write the loop that trains them: once, whole, with nothing hidden. Then you see four
# ways in which such a loop reports numbers that are not true. You need lessons 6 and 8; it takes half an hour.

# %%
import copy
import math

import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

from inkdigits import (
    RECIPES,
    EpochRecord,
    TrainConfig,
    create_checkpoint,
    fit,
    load_dataset,
    plot_curves,
    split_dataset,
    train,
)

train_set, valid_set = split_dataset(load_dataset("mnist"), 5_000, seed=0)
train_set = train_set.subset(slice(5_000))  # a part, so that an epoch takes seconds


def tensors(dataset):
    """Return images float32 (N, 1, 28, 28), 0 = paper, 1 = ink, and labels int64 (N,)."""
    return torch.tensor(dataset.images)[:, None].float() / 255, torch.tensor(dataset.labels)


(train_images, train_labels), (valid_images, valid_labels) = tensors(train_set), tensors(valid_set)
train_set, valid_set

# %% [markdown]
# ## LeNet-5
#
# Published in 1998, and still the first convolutional network that most people build. Two convolutions find features,
# each followed by a pooling; three linear layers decide. As it is built today, with ReLU, plain average pooling and a
# plain linear output, it can be written as a list of layers:


# %%
def create_lenet5():
    return nn.Sequential(  # (N, 1, 28, 28)
        nn.Conv2d(1, 6, kernel_size=5, padding=2),  # (N, 6, 28, 28)
        nn.ReLU(),
        nn.AvgPool2d(2),  # (N, 6, 14, 14)
        nn.Conv2d(6, 16, kernel_size=5),  # (N, 16, 10, 10)
        nn.ReLU(),
        nn.AvgPool2d(2),  # (N, 16, 5, 5)
        nn.Flatten(),  # (N, 400)
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),  # (N, 10): logits
    )


def count(model):
    return [sum(p.numel() for p in layer.parameters()) for layer in model.children() if list(layer.parameters())]


print(count(create_lenet5()), "together", sum(count(create_lenet5())))
assert count(create_lenet5()) == [25 * 6 + 6, 25 * 6 * 16 + 16, 400 * 120 + 120, 120 * 84 + 84, 84 * 10 + 10]
assert sum(count(create_lenet5())) == 61_706

# %% [markdown]
# ## The small CNN
#
# The network of lesson 8: kernels of 3 instead of 5, no padding, max pooling. As a class, `__init__` makes the layers
# that have parameters and `forward` says what happens to the images. It ends in **logits**; two widely read tutorials
# end it in log-softmax and give that to a loss that takes log-softmax again, which changes nothing and confuses.


# %%
class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=3)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=3)
        self.linear1 = nn.Linear(16 * 5 * 5, 120)
        self.linear2 = nn.Linear(120, 84)
        self.linear3 = nn.Linear(84, 10)

    def forward(self, images):  # (N, 1, 28, 28)
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)  # (N, 6, 13, 13)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # (N, 16, 5, 5)
        x = F.relu(self.linear1(x.flatten(1)))  # (N, 120)
        x = F.relu(self.linear2(x))  # (N, 84)
        return self.linear3(x)  # (N, 10)


print(count(SmallCNN()), "together", sum(count(SmallCNN())))
assert sum(count(SmallCNN())) == 60_074

# %% [markdown]
# ## Measuring
#
# Before the loop, the ruler. Four things make it honest. **Eval mode**: some layers behave differently in training
# (lesson 10). **No gradients**: nothing is learnt here, so nothing need be kept for it. **Sums over images**, divided
# once at the end. And the model is **left as it was found**, so that measuring never disturbs training.


# %%
def measure(model, images, labels, batch_size=500):
    """Return the mean loss and the accuracy over all images."""
    was_training = model.training
    model.eval()
    loss, right = 0.0, 0
    with torch.no_grad():
        for x, y in zip(images.split(batch_size), labels.split(batch_size), strict=True):
            logits = model(x)
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            right += (logits.argmax(dim=1) == y).sum().item()
    model.train(was_training)
    return loss / len(labels), right / len(labels)


# %% [markdown]
# ## The loop
#
# All of it. The untrained network is measured first, as epoch 0. Each epoch goes through the training images once, in a
# new order; each step is the same five lines. After each epoch training and validation images are measured the same
# way, on equally many. The best epoch is kept: the one with the lowest validation loss so far.


# %%
def learn(model, optimizer, epochs, seed=0, batch_size=10, limit=5_000):
    """Train; return the history (a dict an epoch), the weights of the best epoch, and what each step saw."""
    order = torch.Generator().manual_seed(seed)
    history, steps, lowest, best = [], [], math.inf, copy.deepcopy(model.state_dict())
    for epoch in range(epochs + 1):
        batches = torch.randperm(limit, generator=order).split(batch_size) if epoch > 0 else []
        model.train()
        for batch in batches:
            logits = model(train_images[batch])  # (B, 10)
            loss = F.cross_entropy(logits, train_labels[batch])  # the mean over the batch
            optimizer.zero_grad()  # or the gradients of all steps add up
            loss.backward()
            optimizer.step()
            right = (logits.argmax(dim=1) == train_labels[batch]).sum().item()
            steps.append({"epoch": epoch, "images": len(batch), "loss": loss.item(), "right": right})
        record = {"epoch": epoch}
        record["train_loss"], record["train_accuracy"] = measure(model, train_images, train_labels)
        record["valid_loss"], record["valid_accuracy"] = measure(model, valid_images, valid_labels)
        history.append(record)
        if record["valid_loss"] < lowest:
            lowest, best = record["valid_loss"], copy.deepcopy(model.state_dict())
    return history, best, steps


torch.manual_seed(0)  # of the first weights
model = SmallCNN()
history, best, steps = learn(model, torch.optim.Adam(model.parameters(), lr=1e-3), epochs=3)
pd.DataFrame(history).round(4)

# %% [markdown]
# The first row is what lesson 6 promised: about 2.30 and 10 %. Loss and accuracy mostly improve together, and not
# always: the epoch of the lowest loss need not be that of the highest accuracy, and one has to choose by one of them.
# `loss.item()` keeps a number, not the tensor: the tensor holds on to the whole graph that made it, and matplotlib
# cannot draw it.

# %%
assert abs(history[0]["valid_loss"] - 2.30) < 0.05
assert history[-1]["valid_accuracy"] > 0.9
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
    for part, style in (("train", "-o"), ("valid", "-x")):
        axis.plot([record[f"{part}_{name}"] for record in history], style, label=part)
    axis.set(xlabel="epoch", ylabel=name, xticks=range(4))
axes[0].legend()
plt.show()

# %% [markdown]
# `best` is a dictionary of weights: put it back, and the model is what it was after its best epoch.
#
# ## Trap: a best model that is no copy
#
# A widely read tutorial keeps the best model with a deep copy, and is right. Break it: keep `model.state_dict()`
# itself. Its tensors **are** the model's own. Train on, with a learning rate that is absurd, and see the number:

# %%
model.load_state_dict(best)
not_a_copy, a_copy = model.state_dict(), copy.deepcopy(model.state_dict())
ruined, _, _ = learn(model, torch.optim.SGD(model.parameters(), lr=1e20), epochs=1, limit=500)
for name, kept in (("kept without a copy", not_a_copy), ("kept as a copy", a_copy)):
    model.load_state_dict(kept)
    loss, accuracy = measure(model, valid_images, valid_labels)
    print(f"{name}: validation loss {loss:.3f}, accuracy {accuracy:.2%}")
assert math.isclose(loss, min(record["valid_loss"] for record in history), rel_tol=1e-4)

# %% [markdown]
# The same tutorial sets its best model only when the accuracy rises above 0. With no epochs there is none, and its
# last line fails: the name was never defined. Here the first weights are there to fall back on, and a ruined
# network is never the best: its loss is `nan`, not a number, and no comparison with `nan` is true. Its accuracy
# looks harmless, because of ten `nan` the first counts as the largest, and a tenth of the digits are zeros.

# %%
print(f"after the ruin: loss {ruined[1]['valid_loss']}, accuracy {ruined[1]['valid_accuracy']:.2%}")
print(f"zeros among the validation images: {(valid_labels == 0).float().mean():.2%}")
assert math.isnan(ruined[1]["valid_loss"])

# %% [markdown]
# ## Trap: the loss of the last batch
#
# Two widely read tutorials keep the loss of the last batch of 10 images as the loss of the epoch, for training and for
# the test set. One prints 0.0067, then 0.0011, then 0.000026. Break it: compare with the mean over all images.

# %%
rows = []
for epoch in (1, 2, 3):
    seen = [step for step in steps if step["epoch"] == epoch]
    mean = sum(step["loss"] * step["images"] for step in seen) / sum(step["images"] for step in seen)
    rows.append({"epoch": epoch, "last batch": seen[-1]["loss"], "one before": seen[-2]["loss"], "mean": mean})
losses = [step["loss"] for step in steps if step["epoch"] == 3]
print(f"epoch 3: batches between {min(losses):.6f} and {max(losses):.3f}")
pd.DataFrame(rows).round(4)

# %%
figure, axis = plt.subplots(figsize=(8, 2.6), layout="constrained")
axis.semilogy([step["loss"] for step in steps], ".", markersize=1, color="0.6", label="a batch of 10")
axis.plot([500, 1000, 1500], [row["last batch"] for row in rows], "rx", label="last batch")
axis.step([0, 500, 1000, 1500], [row["mean"] for row in [rows[0], *rows]], color="C0", label="mean of the epoch")
axis.set(xlabel="step", ylabel="loss", ylim=(1e-4, 5))
axis.legend(loc="lower left")
plt.show()
assert max(losses) > 100 * min(losses)

# %% [markdown]
# Ten images are a lottery: within one epoch the batches differ by a factor of more than a hundred. The mend: add up
# loss times images, divide by the images, as `measure` does.
#
# ## Trap: the mean of the batches
#
# Nearly right is the mean of the batches' means. 5,000 images in batches of 128 make 39 full batches and one of 8. As
# one of 40 means, each of those 8 images counts 16 times as much as any other. Break it: the same network, the same
# images, and the accuracy depends on their order. Two widely read tutorials validate like this.


# %%
model.load_state_dict(best)
with torch.no_grad():
    right = (model(valid_images).argmax(dim=1) == valid_labels).float()  # (5000,): 1 = right, 0 = wrong


def mean_of_means(right):
    return torch.stack([batch.mean() for batch in right.split(128)]).mean().item()


chance = torch.Generator().manual_seed(0)
wrong = [mean_of_means(right[torch.randperm(5_000, generator=chance)]) for _ in range(200)]
misses_last = mean_of_means(right.sort(descending=True).values)
print(f"mean of means: {min(wrong):.2%} to {max(wrong):.2%} in 200 orders, {misses_last:.2%} with the misses last")
print(f"right answers / images: {right.mean():.2%}")
assert max(wrong) - min(wrong) > 0.002

# %% [markdown]
# A property of the network cannot depend on the order of the images. The mend is the same: sum over images, divide
# once.
#
# ## Trap: accuracy while the weights move
#
# One widely read tutorial counts right answers during the epoch and calls that the training accuracy. It is the mean of
# all the networks that the model was on its way, 500 of them here, and at the start of epoch 1 they knew nothing. Break
# it:

# %%
rows = []
for record in history[1:]:
    seen = [step for step in steps if step["epoch"] == record["epoch"]]
    moving = sum(step["right"] for step in seen) / sum(step["images"] for step in seen)
    rows.append({"epoch": record["epoch"], "while it moves": moving, "measured after": record["train_accuracy"]})
    rows[-1]["validation"] = record["valid_accuracy"]
assert rows[0]["while it moves"] < rows[0]["validation"] < rows[0]["measured after"]
pd.DataFrame(rows).round(4)

# %% [markdown]
# By the wrong number the network of epoch 1 reads unseen digits better than those it learnt from. Later the two columns
# come nearer, and either may be the larger. Measured afterwards, in the same way, the training images are ahead, as one
# expects. The mend is one more call of `measure`.
#
# ## Other optimizers, the other network
#
# The loop knows neither the network nor the optimizer: both are handed in. **SGD** steps by the gradient times the
# learning rate. **Adam** divides each parameter's step by the usual size of its gradient, so that 0.001 does for most
# networks, where SGD has to be given a rate that fits. One epoch each:

# %%
results = {"small CNN, Adam 0.001": history[1]}
for name, create, optimizer, rate in [
    ("small CNN, SGD 0.01", SmallCNN, torch.optim.SGD, 0.01),
    ("small CNN, SGD 0.1", SmallCNN, torch.optim.SGD, 0.1),
    ("LeNet-5, Adam 0.001", create_lenet5, torch.optim.Adam, 0.001),
]:
    torch.manual_seed(0)
    model = create()
    results[name] = learn(model, optimizer(model.parameters(), lr=rate), epochs=1)[0][1]
accuracies = {name: record["valid_accuracy"] for name, record in results.items()}
assert min(accuracies, key=accuracies.get) == "small CNN, SGD 0.01"
pd.DataFrame(results).T.drop(columns="epoch").round(4)

# %% [markdown]
# A learning rate of 0.01 is no mistake, only slow. Compare optimizers at their own best learning rates, or you compare
# learning rates.
#
# ## The same through inkdigits
#
# The library's loop is this loop, with a file to keep it in. A `TrainConfig` holds every choice; a **checkpoint** holds
# the whole state: weights, optimizer, history. `train` is a **generator**: it moves the checkpoint forward and hands
# out a record after every epoch, and some between. What you do with them is your own code; stop asking, and it stops.
# A star marks the best epoch so far, here by accuracy and only then by loss.

# %%
config = TrainConfig(model="cnn", optimizer="adam", learning_rate=1e-3, batch_size=10, epochs=3, seed=0)
checkpoint = create_checkpoint(config)
for record in train(checkpoint, train_set, valid_set, steps_per_record=250):
    if isinstance(record, EpochRecord):  # the end of an epoch; epoch 0 is the untrained network
        print(
            f"epoch {record.epoch}: validation {record.valid_loss:.4f}, {record.valid_accuracy:.2%}", "*" * record.best
        )
    else:
        print(f"    {record.images} of {record.images_per_epoch} images, running loss {record.running_loss:.4f}")

# %%
print(checkpoint)
theirs = checkpoint.history.epochs
assert abs(theirs[0].valid_loss - history[0]["valid_loss"]) < 1e-4
assert min(theirs[-1].valid_accuracy, history[-1]["valid_accuracy"]) > 0.9
plot_curves(checkpoint.history.to_dict()["epochs"], title="the same, by inkdigits")

# %% [markdown]
# The untrained networks are the same. After that the numbers agree in kind, not in every digit: the order of the images
# comes from other draws. The same seed gives the same run again, and another seed another one. How far these differ is
# the part of a result that is chance. `fit` does all of it in one call, from the data set to the best epoch:

# %%
short = config.replace({"epochs": 1, "images_per_epoch": 1_000, "validation_size": 1_000})
first, again, other = fit(short), fit(short), fit(short.replace({"seed": 1}))
for name, run in (("seed 0", first), ("seed 0 again", again), ("seed 1", other)):
    print(f"{name}: {run.history.best.valid_accuracy:.2%}, loss {run.history.best.valid_loss:.6f}")
assert again.history.best.valid_loss == first.history.best.valid_loss != other.history.best.valid_loss

# %% [markdown]
# `RECIPES` names the runs of the widely read tutorials, with what they published and what was measured here when the
# mistakes are mended: means of three seeds on all of the training set, so `fit("lenet5")` takes minutes, not seconds.

# %%
named = {name: recipe for name, recipe in RECIPES.items() if recipe.published}
assert named["cnn"].config.batch_size == 10
pd.DataFrame(
    [(name, r.config.epochs, r.config.batch_size, r.published, r.measured) for name, r in named.items()],
    columns=["recipe", "epochs", "batch", "published", "measured"],
)

# %% [markdown]
# ## To remember
#
# - A step: logits, loss, `zero_grad`, `backward`, `step`. An epoch: every training image once, in a new order.
# - Measure in eval mode, without gradients, summed over images; then put the model's mode back.
# - Measure the untrained network first, and training and validation images in the same way.
# - The best epoch is chosen on validation images and kept as a **copy**.
#
# **Exercise.** Write a training loop that measures honestly: the loss over all images, one epoch, and a run that ends
# with its best weights. `inkdigits learn open networks` puts the start beside this notebook, and
# `inkdigits learn check networks networks_exercise.py` marks it.
#
# Next: [curves, over-fitting, dropout, augmentation](10_overfitting.ipynb).
