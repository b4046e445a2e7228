"""What an answer to the exercise must do, and what the common wrong answers are told."""

import numpy as np

from inkdigits.course.exercise import expect


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    chance = np.random.default_rng(0)
    digits = chance.choice(10, size=3_000, p=np.array([15, 14, 13, 12, 11, 10, 9, 8, 5, 3]) / 100)
    check_parts(digits, 500, *parts(answer, digits, 500, 0))
    yield "two parts: no index twice, none lost"

    check_shares(digits, 500, parts(answer, digits, 500, 0)[1])
    yield "every digit has its share"

    check_others(answer, chance)
    yield "other numbers of classes and images, too"

    check_seed(answer, digits)
    yield "the seed decides, and chance inside each class"


def parts(answer, labels, validation_size, seed):
    """Return what the answer makes of labels, as two arrays of int64, and insist on their type."""
    given = labels.copy()
    found = answer.split(labels, validation_size, seed)
    expect(np.array_equal(labels, given), "split changes the labels that it is given: shuffle indices, not labels")
    expect(
        isinstance(found, tuple | list) and len(found) == 2,
        "split must return two things, (training indices, validation indices)",
    )
    training, validation = (np.asarray(part) for part in found)
    for part in (training, validation):
        expect(part.dtype != bool, "split must return indices, not a mask of True and False: np.flatnonzero makes them")
        expect(part.ndim == 1, f"each part must be one row of indices, got the shape {part.shape}: np.concatenate")
        expect(
            not part.size or np.issubdtype(part.dtype, np.integer), f"indices must be whole numbers, got {part.dtype}"
        )
    return training.astype(np.int64), validation.astype(np.int64)


def check_parts(labels, size, training, validation):
    total, classes = len(labels), len(np.unique(labels))
    both = np.concatenate([training, validation])
    expect(
        len(validation) > 0,
        "the validation set is empty. Begin with one class: np.flatnonzero(labels == 0) has its indices; shuffle them "
        "and take the class's share",
    )
    expect(
        (len(training), len(validation)) != (size, total - size) or 2 * size == total,
        "the two parts are exchanged: the training indices come first",
    )
    expect(both.min() >= 0, f"{both.min()} is no index: they run from 0 to {total - 1}")
    expect(both.max() < total, f"{both.max()} is no index: they run from 0 to {total - 1}")
    twice = len(validation) - len(np.unique(validation))
    expect(
        not twice or both.max() >= np.bincount(labels).max(),
        "your indices count within a class: the third 7 is not at place 3. np.flatnonzero(labels == 7) has the places",
    )
    expect(
        not twice,
        f"{twice} indices are in the validation set twice: you draw them with putting back. "
        "Shuffle and take the first, or choice(..., replace=False)",
    )
    shared = len(np.intersect1d(training, validation))
    expect(
        not shared,
        f"{shared} of {total} indices are in both parts: the network would be marked on what it has learnt. "
        "The training set is what the validation set leaves over",
    )
    expect(
        len(validation) == size or not 0 < size - len(validation) <= classes,
        f"the validation set has {len(validation)} indices where it should have {size}: the shares are no whole "
        "numbers, and rounding down loses the rest. Give one more to the classes whose fractions are largest",
    )
    expect(
        len(validation) == size or not 0 < len(validation) - size <= classes,
        f"the validation set has {len(validation)} indices where it should have {size}: the shares are no whole "
        "numbers, and rounded one by one they add up to more. Round down, then give what is left to the largest "
        "fractions",
    )
    expect(len(validation) == size, f"the validation set has {len(validation)} indices where it should have {size}")
    lost = total - len(np.unique(both))
    expect(not lost, f"{lost} of {total} indices are in neither part")
    expect(len(both) == total, "some indices are in the training set twice")


def check_shares(labels, size, validation):
    kinds = len(np.bincount(labels))
    exact = np.bincount(labels) * size / len(labels)
    counts = np.bincount(labels[validation], minlength=kinds)
    present = exact > 0
    expect(
        np.abs(exact - exact[present].mean())[present].max() < 2 or np.ptp(counts[present]) > 1,
        f"you take the same number of every class, {counts[present].max()}. It must be the same share: "
        "of a class with twice the images, twice as many",
    )
    off = np.abs(counts - exact)
    worst = int(off.argmax())
    expect(
        (off >= 1).sum() != 1 or off.sum() - off.max() > off.max() + 1,
        f"only class {worst} is wrong: {counts[worst]} where its share is {exact[worst]:.1f}. It got all that rounding "
        "left over; give one each to the classes whose fractions are largest",
    )
    expect(
        off.max() < 1,
        f"class {worst} has {counts[worst]} of {size} validation images where its share is {exact[worst]:.1f}: "
        "the classes come by chance. Take the share of each class by itself",
    )


def check_others(answer, chance):
    cases = [
        (np.arange(12) % 2, 6),
        (np.repeat([0, 1, 2], [600, 300, 100]), 99),  # sorted
        (np.array([0, 1, 2, 0, 1, 2, 0]), 1),
        (np.array([0, 1, 2, 0, 1, 2, 0]), 6),
        (chance.permutation(np.repeat([0, 2, 3, 11], [50, 70, 9, 41])), 37),  # classes that are missing
        (np.zeros(20, dtype=np.int64), 5),
    ]
    for labels, size in cases:
        training, validation = parts(answer, labels, size, 3)
        check_parts(labels, size, training, validation)
        check_shares(labels, size, validation)


def check_seed(answer, digits):
    first, again, other = (np.sort(parts(answer, digits, 500, seed)[1]) for seed in (0, 0, 1))
    expect(
        np.array_equal(first, again),
        "the same seed gives two different splits: draw everything from np.random.default_rng(seed)",
    )
    expect(
        not np.array_equal(first, other),
        "another seed gives the same validation set: chance decides which indices of a class go into it, and `seed` "
        "decides chance. Shuffle the indices of each class with np.random.default_rng(seed)",
    )
    labels = np.arange(40) % 4
    chosen = np.zeros(40, dtype=bool)
    for seed in range(80):
        chosen[parts(answer, labels, 12, seed)[1]] = True
    never = np.flatnonzero(~chosen)
    expect(
        not len(never),
        f"whatever the seed, {len(never)} of 40 indices never go into the validation set: chance must decide "
        "among all indices of a class",
    )
