# %% [markdown]
# # 6 · Softmax regression
#
# The smallest network that reads digits is one linear layer: 784 pixels in, ten numbers out. Here you build it, turn
# its ten numbers into probabilities, measure how wrong they are with one loss, and train it until it gets nine digits
# of ten right. You need lessons 3 and 5; it takes twenty minutes.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from inkdigits import load_dataset, plot_images, split_dataset

train_set, valid_set = split_dataset(load_dataset("mnist"), 10_000, seed=0)
train_set, valid_set

# %% [markdown]
# ## One linear layer
#
# An image is 28 rows of 28 pixels. Laid out in one row they are 784 numbers. For each of the ten digits the layer has
# 784 weights and one bias; it multiplies, adds up, and gets one number a digit: its **logit**. A large logit says "this
# digit rather than the others". That is $784 \cdot 10 + 10 = 7850$ parameters.

# %%
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
print(sum(parameter.numel() for parameter in model.parameters()), "parameters")

images = torch.tensor(train_set.images).float() / 255  # (50000, 28, 28), 0 = paper, 1 = ink
labels = torch.tensor(train_set.labels)  # (50000,)
logits = model(images[:3])  # (3, 10)
print(logits.shape)
print(logits[0])

# %% [markdown]
# Logits are no probabilities: some are negative, and they add up to nothing in particular.
#
# ## Softmax
#
# Two steps make probabilities of them. The exponential makes every number positive and keeps their order. Dividing by
# the sum makes them add up to one:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$
#
# Large logits overflow: $e^{1000}$ is no number that a computer has. Subtracting the largest logit first changes no
# probability, because the factor $e^{-\max}$ stands above and below the line.


# %%
def softmax(logits):
    """Turn logits (N, 10) into probabilities (N, 10); each row sums to 1."""
    powers = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    return powers / powers.sum(dim=1, keepdim=True)


probabilities = softmax(logits)
print(probabilities.sum(dim=1))
assert torch.allclose(probabilities, F.softmax(logits, dim=1))
assert softmax(torch.tensor([[1000.0, 0.0]])).tolist() == [[1.0, 0.0]]

# %% [markdown]
# ## Cross-entropy: one number for how wrong
#
# We want the probability of the right digit to be large. Its negative logarithm is 0 when the network is certain and
# right, and grows without end as the probability of the right digit goes to 0. The mean over the images is the
# **cross-entropy**. torch has it in two parts or in one; they are the same:

# %%
by_hand = -torch.log(probabilities[range(3), labels[:3]]).mean()
in_two_parts = F.nll_loss(F.log_softmax(logits, dim=1), labels[:3])
in_one = F.cross_entropy(logits, labels[:3])
print(by_hand.item(), in_two_parts.item(), in_one.item())
assert torch.allclose(by_hand, in_one)
assert torch.allclose(in_two_parts, in_one)

# %% [markdown]
# `F.cross_entropy` takes **logits**. A network that ends in softmax or log-softmax should not be given to it. With
# log-softmax nothing happens, since log-softmax of log-softmax is log-softmax again; with softmax the loss is wrong and
# can never come near 0:

# %%
certain_and_right = torch.tensor([[100.0] + [0.0] * 9])
truth = torch.tensor([0])
print("logits:     ", F.cross_entropy(certain_and_right, truth).item())
print("log-softmax:", F.cross_entropy(F.log_softmax(certain_and_right, dim=1), truth).item())
print("softmax:    ", F.cross_entropy(F.softmax(certain_and_right, dim=1), truth).item())
assert F.cross_entropy(F.softmax(certain_and_right, dim=1), truth) > 1.4

# %% [markdown]
# Why not train on accuracy, which is what we care about? Accuracy counts right answers, and a tiny change of a weight
# changes no answer: its gradient is 0 nearly everywhere. The loss answers to every change.
#
# An untrained network spreads its belief over ten digits, so its loss should be near $-\log(1/10) = 2.30$ and its
# accuracy near 10 %. Look at that first: it costs nothing, and a surprise there is a mistake in the code.


# %%
def measure(model, dataset):
    """Return the mean loss and the accuracy over all images of a data set."""
    x, y = torch.tensor(dataset.images).float() / 255, torch.tensor(dataset.labels)
    with torch.no_grad():
        logits = model(x)
    return F.cross_entropy(logits, y).item(), (logits.argmax(dim=1) == y).float().mean().item()


loss, accuracy = measure(model, valid_set)
print(f"untrained: loss {loss:.2f}, accuracy {accuracy:.1%}")
assert abs(loss - 2.30) < 0.2

# %% [markdown]
# ## Training
#
# Take a batch of 128 images, ask for the loss, let autograd find the gradient, step against it. Shuffle the training
# images in every epoch, never the validation images: nothing is learnt from them, so their order is of no use.

# %%
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
chance = torch.Generator().manual_seed(0)
history = []
for epoch in range(8):
    for batch in torch.randperm(len(images), generator=chance).split(128):
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    history.append(measure(model, valid_set))
    print(f"epoch {epoch + 1}: validation loss {history[-1][0]:.3f}, accuracy {history[-1][1]:.2%}")
assert history[-1][1] > 0.91

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6))
for axis, values, name in zip(axes, zip(*history, strict=True), ("loss", "accuracy"), strict=True):
    axis.plot(range(1, 9), values, "-x")
    axis.set(xlabel="epoch", ylabel=name, title=f"validation {name}")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## What it has learnt
#
# The weights of one digit are 784 numbers: a picture. Blue pixels speak for the digit, red ones against it. The 0 has a
# red hole: ink in the middle is the best argument against it.

# %%
figure, axes = plt.subplots(1, 10, figsize=(10, 1.3))
for digit, axis in enumerate(axes):
    axis.imshow(model[1].weight[digit].detach().view(28, 28), cmap="RdBu", vmin=-0.6, vmax=0.6)
    axis.set_title(digit)
    axis.axis("off")
plt.show()

# %% [markdown]
# ## Trap: softmax over the batch
#
# `dim=1` is the row of one image. A widely read tutorial wrote `LogSoftmax(dim=0)`, down the column: over the images
# that happen to be in the same batch. What is wrong with it can be seen at once:

# %%
right = F.softmax(model(images[:32]), dim=1)
wrong = F.softmax(model(images[:32]), dim=0)
print("right: sum of each row between", right.sum(dim=1).min().item(), "and", right.sum(dim=1).max().item())
print("wrong: sum of each row between", wrong.sum(dim=1).min().item(), "and", wrong.sum(dim=1).max().item())

# %% [markdown]
# The answer to one image now depends on its neighbours. See the wrong number: alone in its batch, an image has only
# itself to be compared with. Every probability is 1, every logarithm 0, and the first of ten equal numbers wins. A lone
# picture is always a "0":

# %%
lone = [F.softmax(model(image[None]), dim=0).argmax(dim=1).item() for image in images[:200]]
print("answers to 200 images, one by one:", set(lone))
assert set(lone) == {0}

# %% [markdown]
# One would notice? Not in training. Break it from the start: the same network, taught for two epochs by softmax over
# the batch. Measured in large batches, its accuracy looks like that of a network that needs a little longer:

# %%
broken = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(broken.parameters(), lr=0.1)
for _ in range(2):
    for batch in torch.randperm(len(images), generator=chance).split(128):
        loss = F.nll_loss(F.log_softmax(broken(images[batch]), dim=0), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

valid_images, valid_labels = torch.tensor(valid_set.images).float() / 255, torch.tensor(valid_set.labels)
with torch.no_grad():
    for size in (1_000, 32, 1):
        guesses = torch.cat([F.softmax(broken(batch), dim=0).argmax(dim=1) for batch in valid_images.split(size)])
        print(f"batches of {size}: {(guesses == valid_labels).float().mean():.1%}")
assert (guesses == 0).all()

# %% [markdown]
# The mend is one character, `dim=1`. The test that catches it for every network is worth more: the answer for an image
# alone equals its answer in any batch.

# %%
alone = torch.cat([F.softmax(model(image[None]), dim=1) for image in images[:200]])
together = F.softmax(model(images[:200]), dim=1)
assert torch.allclose(alone, together, atol=1e-6)

# %% [markdown]
# ## Where it is wrong
#
# One template a digit cannot know that a 4 may be open or closed. The digits it is most certainly wrong about:

# %%
x, y = torch.tensor(valid_set.images).float() / 255, torch.tensor(valid_set.labels)
with torch.no_grad():
    probabilities = F.softmax(model(x), dim=1)
certainty, guesses = probabilities.max(dim=1)
misses = torch.nonzero(guesses != y).flatten()
worst = misses[certainty[misses].argsort(descending=True)][:12]
titles = [f"{y[i]}, read as {guesses[i]}\n{certainty[i]:.0%}" for i in worst]
plot_images(valid_set.images[worst.numpy()], titles, columns=6)

# %% [markdown]
# ## To remember
#
# - A network gives **logits**. Softmax over the classes of one image makes probabilities; cross-entropy takes logits.
# - Cross-entropy is the negative logarithm of the probability of the right answer, and NLL of log-softmax.
# - Measure before training: loss 2.30 and 10 % for ten classes.
# - An image's answer may not depend on its batch.
#
# **Exercise.** Write softmax and cross-entropy yourself, safe for large logits, without torch's own:
# `inkdigits learn open softmax` puts the start beside this notebook, and
# `inkdigits learn check softmax softmax_exercise.py` marks it.
#
# Next: [why non-linearity](07_nonlinearity.ipynb).
