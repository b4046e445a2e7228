# %% [markdown]
# # 11 · Honest evaluation
#
# A network comes with one number: how many images of a hundred it reads rightly. Here you measure that number once, say
# how far it can be trusted, look at the mistakes behind it, and compare two networks so that the answer means
# something. You need lessons 6, 9 and 10; it takes forty minutes.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from inkdigits import (
    RECIPES,
    TrainConfig,
    create_checkpoint,
    evaluate,
    fit,
    load_dataset,
    plot_confusion,
    plot_images,
    split_dataset,
    train,
    wilson_interval,
)

# One thread is enough for networks as small as these.
checkpoint = fit(RECIPES["softmax"].config.replace({"epochs": 2, "threads": 1}))
for epoch in checkpoint.history.epochs:
    print(f"epoch {epoch.epoch}: validation accuracy {epoch.valid_accuracy:.2%}")

# %% [markdown]
# `fit` trained softmax regression on 50,000 images and kept the epoch that was best on 10,000 others. Each of the three
# sets has one task. The **training set** moves the weights. The **validation set** chooses: the epoch, the learning
# rate, the architecture. The **test set** is looked at when nothing is left to choose.
#
# ## Once, on all test images

# %%
test_set = load_dataset("mnist", "test")
evaluation = evaluate(checkpoint.classifier, test_set)
guesses, labels = evaluation.guesses, test_set.labels  # int64 (10000,) each, in the order of the data set
print(f"{evaluation.correct} of {evaluation.total} = {evaluation.accuracy:.2%}")
print("guesses:", guesses[:12])
print("labels: ", labels[:12])
assert evaluation.correct == (guesses == labels).sum()
assert 0.88 < evaluation.accuracy < 0.93

# %% [markdown]
# Write the count beside the percentage. 90 % of 10 images and 90 % of 10,000 are the same number and not the same
# knowledge.
#
# ## How far can the number be trusted?
#
# The test images are a sample of all the digits that people write. If the network reads a share $p$ of all digits, it
# reads a **binomial** number of $n$ test images, and the share $\hat p$ that we see scatters around $p$ with standard
# deviation $\sqrt{p(1-p)/n}$. Eight other test sets of 10,000 images might have given:

# %%
chance = np.random.default_rng(0)
print(chance.binomial(10_000, evaluation.accuracy, 8) / 10_000)

# %% [markdown]
# The first decimal of the percentage is chance already. A **95 % interval** is a rule that makes two ends of what
# was seen, so that in 95 of 100 test sets the true $p$ lies between them. The textbook's interval is $\hat p \pm
# 1.96\sqrt{\hat p(1-\hat p)/n}$. It puts the $\hat p$ that we saw where the unknown $p$ belongs. Near 100 % this
# fails: after 100 right answers of 100 its width is 0, as if the network could never err.
#
# E. B. Wilson asked the other way round, in 1927: for which $p$ would $\hat p$ be nothing unusual? For those with
# $|\hat p - p| \le z\sqrt{p(1-p)/n}$, $z = 1.96$. Square both sides and solve for $p$; the ends of the **Wilson
# interval** are
#
# $$\frac{\hat p + \frac{z^2}{2n} \pm z\sqrt{\frac{\hat p(1-\hat p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}$$


# %%
def textbook_interval(correct, total, z=1.96):
    """Return the two ends of the textbook's interval."""
    share = correct / total
    half = z * math.sqrt(share * (1 - share) / total)
    return share - half, share + half


for correct, total in ((100, 100), (99, 100), (evaluation.correct, 10_000)):
    textbook, wilson = textbook_interval(correct, total), wilson_interval(correct, total)
    print(f"{correct} of {total}: textbook {textbook[0]:.2%} to {textbook[1]:.2%},", end=" ")
    print(f"Wilson {wilson[0]:.2%} to {wilson[1]:.2%}")
assert max(abs(np.subtract(textbook, wilson))) < 0.0003
for p in wilson:  # the ends are just where the share seen begins to be unusual
    assert math.isclose(abs(evaluation.accuracy - p), 1.96 * math.sqrt(p * (1 - p) / 10_000), rel_tol=1e-3)

# %% [markdown]
# For 10,000 images at 90 % the two agree to a few hundredths of a point. For 99 of 100 the textbook's upper end lies
# above 100 %. Which rule keeps its promise can be tried: invent a network whose $p$ we know, give it 20,000 test sets
# of 200 images, and count how often the interval holds $p$. That share is its **coverage**.


# %%
def coverage(interval, p, total, tests=20_000):
    """Return how often an interval holds the true share p."""
    ends = np.array([interval(correct, total) for correct in range(total + 1)])  # (total + 1, 2)
    seen = np.random.default_rng(0).binomial(total, p, tests)  # right answers in each test set
    return np.mean((ends[seen, 0] <= p) & (p <= ends[seen, 1]))


shares = np.linspace(0.80, 0.998, 100)
figure, axis = plt.subplots(figsize=(7, 2.6))
for interval, name in ((textbook_interval, "textbook"), (wilson_interval, "Wilson")):
    axis.plot(shares, [coverage(interval, p, 200) for p in shares], label=name)
axis.axhline(0.95, color="0.6", linestyle=":")
axis.set(xlabel="true accuracy p", ylabel="coverage", title="95 % promised, 200 test images", ylim=(0.3, 1.02))
axis.legend(frameon=False, loc="lower left")
plt.show()

# %%
print(f"p = 99 %, 200 images: textbook {coverage(textbook_interval, 0.99, 200):.1%},", end=" ")
print(f"Wilson {coverage(wilson_interval, 0.99, 200):.1%}")
assert coverage(textbook_interval, 0.99, 200) < 0.90
assert coverage(wilson_interval, 0.99, 200) > 0.94

# %% [markdown]
# ## One number for each class
#
# Two questions can be asked about every class. Of the images that *are* a 5, how many were called so? That is the
# **recall** of the class. Of the images that were *called* 5, how many are? That is its **precision**. **F1** is the
# harmonic mean of the two, low when either is low. `support` counts the images of the class.

# %%
table = pd.DataFrame([vars(row) for row in evaluation.classes]).set_index("name")
hits = ((labels == 5) & (guesses == 5)).sum()
assert math.isclose(table.loc["5", "recall"], hits / (labels == 5).sum())
assert math.isclose(table.loc["5", "precision"], hits / (guesses == 5).sum())
table.round(3)

# %% [markdown]
# ## Which digit is taken for which
#
# The **confusion matrix** counts every pair of label and guess. Rows are the truth, columns are what was said. The
# diagonal holds the right answers, and a row sums to the number of test images of its digit.

# %%
table = evaluation.confusion.to_frame()
assert (table.to_numpy().sum(axis=1) == np.bincount(labels)).all()
assert table.to_numpy().trace() == evaluation.correct
table

# %%
plot_confusion(evaluation.confusion)

# %%
for label, guess, count in evaluation.confusion.most_confused(5):
    print(f"{count} times a {label} was called {guess}")

# %% [markdown]
# ## Look at the misses
#
# A table says how often; only the pictures say why. Each miss keeps its index in the test set, its label and the guess.

# %%
print(len(evaluation.misses), "misses, the first ten at", [miss.index for miss in evaluation.misses[:10]])
assert len(evaluation.misses) == evaluation.total - evaluation.correct


def show_misses(row, width=12):
    """Draw one row of misses; rows count from 0."""
    shown = evaluation.misses[row * width : (row + 1) * width]
    titles = [f"#{miss.index}\n{miss.label}, read {miss.guess}" for miss in shown]
    return plot_images(test_set.images[[miss.index for miss in shown]], titles, columns=width)


show_misses(0)

# %% [markdown]
# Change the 0 and look at more; after the last row there is an empty one, not an error. Most of these a person reads at
# once: here the network is to blame. Where a person hesitates, more training will not help.
#
# ## Another seed, another network
#
# The interval covers the chance of the test images. It does not cover the chance inside the training: the first
# weights, the order of the images. Train the same recipe with five seeds, here a small network with a hidden layer:

# %%
config = TrainConfig(model="mlp", batch_size=128, learning_rate=2e-3, epochs=1, threads=1)
runs = [evaluate(fit(config.replace({"seed": seed})).classifier, test_set) for seed in range(5)]
for seed, run in enumerate(runs):
    print(f"seed {seed}: {run.correct} of {run.total}, {run.interval[0]:.2%} to {run.interval[1]:.2%}")
accuracies = np.array([run.accuracy for run in runs])
deviation = accuracies.std(ddof=1)
half = 2.776 * deviation / math.sqrt(5)  # 2.776: Student's t for 95 % and five values, four of them free
print(f"the recipe: {accuracies.mean():.2%} ± {half:.2%}, standard deviation of a run {deviation:.2%}")
assert 0.92 < accuracies.mean() < 0.97

# %% [markdown]
# One run says what one network does. The mean over seeds says what the recipe does; give it with its interval and the
# number of runs. All five are reported and none is chosen, so this is still a fair use of the test set. Whoever reports
# the best of five reports luck.
#
# ## Two networks on the same images
#
# The intervals of two networks often overlap. That does not mean that the two are equally good, because both read the
# same images: what is hard for one is mostly hard for the other, and this common part tells nothing about the
# difference. Look only at the images that **one reads and the other does not**. If both were equally good, each of
# these would be a coin toss. **McNemar's test** asks how often coins fall as unevenly as that, or more so. The
# answer is called $p$; below 0.05 the difference is usually believed.


# %%
def mcnemar(right_a, right_b):
    """Return how many images only A reads, how many only B reads, and p of the exact two-sided test."""
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    tosses = only_a + only_b
    tail = sum(math.comb(tosses, heads) for heads in range(min(only_a, only_b) + 1))
    return only_a, only_b, min(1.0, 2 * tail / 2**tosses)


right = [run.guesses == labels for run in runs]
overlapping_and_different = 0
for a in range(5):
    for b in range(a):
        only_a, only_b, p = mcnemar(right[a], right[b])
        overlap = runs[a].interval[0] < runs[b].interval[1] and runs[b].interval[0] < runs[a].interval[1]
        overlapping_and_different += overlap and p < 0.05
        print(f"seeds {b} and {a}: {only_b:3} and {only_a:3} alone, p-value {p:.2g}{', intervals overlap' * overlap}")
assert overlapping_and_different >= 1

# %% [markdown]
# In at least one row the intervals overlap and $p$ is small: the same images, compared one by one, show a difference
# that two separate intervals hide. Read such rows with care. They compare two *networks*; that two runs of one recipe
# differ says nothing about recipes. And among ten comparisons one may have a small $p$ by luck.
#
# Two recipes, then, with what they cost:

# %%
rows = [("softmax", evaluation, checkpoint.model), ("mlp", runs[0], create_checkpoint(config).model)]
only_softmax, only_mlp, p = mcnemar(guesses == labels, right[0])
print(f"only softmax reads {only_softmax} images, only mlp {only_mlp}: p-value {p:.1g}")
assert p < 1e-6
pd.DataFrame(
    [
        (name, sum(parameter.numel() for parameter in model.parameters()), found.correct, found.accuracy)
        for name, found, model in rows
    ],
    columns=["model", "parameters", "correct", "accuracy"],
).set_index("model")

# %% [markdown]
# ## Trap: choosing on the test set
#
# A widely read tutorial measured the test set after each of 40 epochs, kept the best, and printed that best accuracy
# as its result. Choosing among noisy figures chooses lucky ones. First with noise alone: 40 networks that all read
# exactly 98.75 % of all digits, each with misses of its own, and one test set, 1,000 times over.

# %%
measured = np.random.default_rng(0).binomial(10_000, 0.9875, (1000, 40)) / 10_000
print(f"the best of 40 equal networks seems to read {measured.max(axis=1).mean():.2%}")
assert measured.max(axis=1).mean() > 0.9890

# %% [markdown]
# Nearly a fifth of the misses gone, and not one network is better than another. Now a real run: 40 short epochs of one
# network, each measured on the test set as the tutorial did. The learning rate is large and stays so; after a while the
# network no longer becomes better, it only goes on moving. (Here the rule is broken to show what that costs.)

# %%
config = TrainConfig(model="mlp", learning_rate=0.01, batch_size=128, epochs=40, images_per_epoch=6_000, threads=1)
checkpoint = create_checkpoint(config)
train_set, valid_set = split_dataset(load_dataset("mnist"), config.validation_size, seed=0)
right, records = [], []
for record in train(checkpoint, train_set, valid_set, steps_per_record=10_000):  # one record an epoch
    records.append(record)
    right.append(checkpoint.classifier.logits(test_set.images).argmax(axis=1) == labels)
right = np.array(right[1:])  # bool (40, 10000): without epoch 0, the untrained network
by_test = right.mean(axis=1)
print(f"best of 40 on the test set: epoch {1 + by_test.argmax()}, {by_test.max():.2%}")

# %% [markdown]
# How much of that is luck? Cut the test images in two by chance. Choose the best epoch on one half, as the tutorial
# did, and measure the same epoch on the other half, which took no part in choosing. Repeat it 1,000 times. The smaller
# the set that chooses, the more luck is in its figure:


# %%
def choose_and_check(size):
    """Return what the best epoch scores on the images that chose it, and on as many others; means of 1,000 cuts."""
    chance, scores = np.random.default_rng(0), []
    for _ in range(1000):
        order = chance.permutation(10_000)
        chosen_on, fresh = order[:size], order[size : 2 * size]
        best = right[:, chosen_on].mean(axis=1).argmax()
        scores.append((right[best, chosen_on].mean(), right[best, fresh].mean()))
    return np.mean(scores, axis=0)


for size in (500, 2_000, 5_000):
    chosen_on, fresh = choose_and_check(size)
    print(f"{size} images: {chosen_on:.2%} where it was chosen, {fresh:.2%} on others: {chosen_on - fresh:+.2%} luck")
    assert chosen_on > fresh

# %% [markdown]
# Choosing is not the mistake: the chosen epoch is a good one on the other images too. The mistake is to report the
# figure that did the choosing. The mend: the validation set chooses, the test set measures the one that was chosen.

# %%
chosen = max(records[1:], key=lambda record: record.valid_accuracy)
correct = int(right[chosen.epoch - 1].sum())
low, high = wilson_interval(correct, 10_000)
print(f"validation chooses epoch {chosen.epoch}, which reads {correct} of 10,000, {low:.2%} to {high:.2%}")
assert correct / 10_000 <= by_test.max()

# %% [markdown]
# `inkdigits` refuses to choose on the test set, so that it does not happen by accident:

# %%
for attempt in (lambda: split_dataset(test_set, 1000, seed=0), lambda: next(train(checkpoint, train_set, test_set))):
    try:
        attempt()
        raise AssertionError("the test set was accepted")
    except ValueError as error:
        print(error)

# %% [markdown]
# ## Trap: a number under the wrong name
#
# A widely read tutorial counted right answers on the test set and printed them under the heading "training accuracy".
# The two are not the same number. Break it: learn 1,000 images by heart and measure both.

# %%
config = TrainConfig(model="mlp", batch_size=50, learning_rate=1e-3, epochs=30, threads=1)
checkpoint, few = create_checkpoint(config), train_set.subset(slice(1000))
list(train(checkpoint, few, valid_set))
measured = [evaluate(checkpoint.classifier, images) for images in (few, valid_set, test_set)]
print("accuracy:", [f"{run.accuracy:.1%}" for run in measured])
assert measured[0].accuracy > 0.99
assert measured[2].accuracy < 0.91

# %% [markdown]
# Under the wrong heading, the first number sells a network that has learnt its lesson by heart. The last, under the
# heading of the first, makes the reader look for a fault in training that is not there. The mend is a name that travels
# with the number, and here it does:

# %%
for run in measured:
    print(run)

# %% [markdown]
# ## Trap: the confusion matrix turned over
#
# A widely read tutorial called its library with the guesses first and the labels second, and printed the counts
# without names on the axes. Break it: the matrix turned over looks as good as the right one.

# %%
counts = evaluation.confusion.counts
turned = counts.T  # what comes out when labels and guesses change places
print(turned[:3])
print("it seems that a 2 is called 8", turned[2, 8], "times; in truth", counts[2, 8], "times")
for name, each in (("turned over", turned), ("right", counts)):
    print(f"{name}: recall of 5 is {each[5, 5] / each[5].sum():.1%}")
assert turned[2, 8] != counts[2, 8]

# %% [markdown]
# See it: however good a network is, it cannot change how many of each digit there are. MNIST's test set holds 980
# zeros, 1,135 ones, 1,032 twos. The sums that give these numbers run along the axis of the truth.

# %%
print("images of each digit:", list(test_set.counts().values()))
print("sums of the columns: ", turned.sum(axis=0).tolist())
print("sums of the rows:    ", turned.sum(axis=1).tolist())
assert turned.sum(axis=0).tolist() == list(test_set.counts().values())
assert turned.sum(axis=1).tolist() != list(test_set.counts().values())

# %% [markdown]
# The columns betray it: here the truth runs along the columns. The mend is two words on the axes, as `to_frame()`,
# `plot_confusion` and `print(evaluation.confusion)` write them, and one line of code that checks the sums.

# %%
assert (evaluation.confusion.counts.sum(axis=1) == np.bincount(labels)).all()
print(evaluation.confusion)

# %% [markdown]
# ## Trap: accuracy where one class is rare
#
# Build an alarm that rings for fives. Fewer than one image of ten is a 5, so an alarm that never rings is right nine
# times of ten:

# %%
is_five, rings = labels == 5, np.zeros(10_000, bool)
print(f"the dead alarm: accuracy {(rings == is_five).mean():.2%}, recall {rings[is_five].mean():.0%}")
print(f"the network:    accuracy {((guesses == 5) == is_five).mean():.2%}, recall {(guesses == 5)[is_five].mean():.0%}")
assert (rings == is_five).mean() > 0.91

# %% [markdown]
# Accuracy tells the two apart by a few points, recall by almost everything. For rare classes give recall and
# precision of each class, or the mean of all recalls, which is 50 % for every alarm that does not look:

# %%
for name, alarm in (("dead alarm", rings), ("network", guesses == 5)):
    recalls = [(alarm == is_five)[is_five == truth].mean() for truth in (False, True)]
    print(f"{name}: mean recall {np.mean(recalls):.1%}")

# %% [markdown]
# ## To remember
#
# - The validation set chooses, the test set measures once; the figure that did the choosing is never the result.
# - Give the count, the percentage and the Wilson interval, and say on which images; for a recipe, several seeds.
# - Compare two networks on the same images by those that only one of them reads.
# - Rows are the truth, columns the guess, and the axes say so; the sums of the rows prove it.
# - Look at the misses: a percentage never says why.
#
# **Exercise.** Write the confusion matrix and the Wilson interval yourself:
# `inkdigits learn open evaluation` puts the start beside this notebook, and
# `inkdigits learn check evaluation evaluation_exercise.py` marks it.
#
# Next: [your own picture](12_own_picture.ipynb).
