"""What an answer to the exercise must do, and what the common wrong answers are told."""

import math

import numpy as np

from inkdigits.course.exercise import Hint, expect, returned
from inkdigits.course.exercise import close as roughly_close


def close(found, right):
    """Tell whether two numbers or arrays are equal, rounding apart."""
    return roughly_close(found, right, tolerance=1e-6)


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    yield from _check_counts(answer)
    yield from _check_interval(answer)


def _check_counts(answer):
    for seed in range(3):
        labels, guesses = np.random.default_rng(seed).integers(0, 4, (2, 50))
        guesses[:25] = labels[:25]
        labels[0], guesses[0] = 3, 3  # the last class does occur
        found = np.asarray(returned(answer.confusion_matrix(labels.copy(), guesses.copy(), 4), "confusion_matrix"))
        right = np.array([[((labels == row) & (guesses == column)).sum() for column in range(4)] for row in range(4)])
        expect(found.shape == (4, 4), f"confusion_matrix of 4 classes must be (4, 4), got {found.shape}")
        expect(bool(found.any()), "every count is 0: begin with confusion_matrix, and add 1 for every pair")
        expect(
            not np.array_equal(found, right.T),
            "your matrix is turned over: rows must be labels, and your rows are guesses",
        )
        expect(
            not np.array_equal(found, right > 0),
            "a pair counts once at most: `counts[labels, guesses] += 1` adds 1 once where a pair is named twice; "
            "use np.add.at, np.bincount or a loop",
        )
        expect(
            not close(found, right / right.sum(axis=1, keepdims=True)) and not close(found, right / 50),
            "these are shares: return counts, which have to be whole numbers",
        )
        expect(
            not np.array_equal(found, right - np.diag(right.diagonal())),
            "the diagonal is 0: right answers are counted too",
        )
        expect(np.array_equal(found, right), f"a matrix is\n{found}\nwhere it should be\n{right}")
    yield "every pair of label and guess is counted, rows = labels, columns = guesses"

    labels, guesses = np.array([0, 2, 2]), np.array([0, 2, 0])
    right = np.zeros((10, 10), int)
    right[0, 0] = right[2, 2] = right[2, 0] = 1
    found = np.asarray(_attempt(answer.confusion_matrix, labels, guesses, 10))
    expect(
        found.shape == (10, 10),
        f"with 10 classes, of which 0 and 2 occur, your matrix is {found.shape}: its size is `classes`, not the number "
        "of classes that occur",
    )
    expect(np.array_equal(found, right), "with 10 classes, of which only 0 and 2 occur, the counts are wrong")
    yield "classes that never occur have a row and a column"

    nothing = np.zeros(0, np.int64)
    found = np.asarray(_attempt(answer.confusion_matrix, nothing, nothing, 3))
    expect(found.shape == (3, 3) and not found.any(), "without any images, all counts must be 0")
    yield "no images give a matrix of zeros"


def _check_interval(answer):
    for correct, total in ((91, 100), (29, 30), (3, 8), (1, 2)):
        low, high = _ends(returned(answer.wilson_interval(correct, total), "wilson_interval"))
        right, z = _wilson(correct, total), 1.96
        of = f"wilson_interval({correct}, {total})"
        expect(low != 0 or high != 0, f"{of} is (0, 0): begin with share = correct / total")
        expect(
            not (close(low, 100 * right[0]) and close(high, 100 * right[1])),
            f"{of} must be fractions from 0 to 1, not percentages",
        )
        expect(not (close(low, right[1]) and close(high, right[0])), f"{of}: the low end comes first")
        share = correct / total
        textbook = z * math.sqrt(share * (1 - share) / total)
        expect(
            not (close(low, max(0, share - textbook)) and close(high, min(1, share + textbook)))
            and not close(high, share + textbook),
            f"{of} is the textbook's interval, share ± z * sqrt(share * (1 - share) / total): Wilson's has another "
            "middle and another width",
        )
        for name, wrong in _slips(correct, total).items():
            expect(not (close(low, wrong[0]) and close(high, wrong[1])), f"{of} is ({low:.4f}, {high:.4f}): {name}")
        expect(
            close(low, right[0]) and close(high, right[1]),
            f"{of} is ({low:.4f}, {high:.4f}) where it should be ({right[0]:.4f}, {right[1]:.4f})",
        )
    yield "the interval is Wilson's"

    low, high = _ends(answer.wilson_interval(91, 100, 2.576))
    expect(not close(low, _wilson(91, 100)[0]), "z is not used: with z = 2.576, for 99 %, the interval is wider")
    expect(close((low, high), _wilson(91, 100, 2.576)), "with z = 2.576 the interval is wrong")
    yield "z is heeded"

    for correct in (0, 20):
        ends = _ends(answer.wilson_interval(correct, 20))
        expect(close(ends, _wilson(correct, 20)), f"{correct} of 20 give {ends}, and should {_wilson(correct, 20)}")
    yield "all wrong and all right have an interval that is no point"

    try:
        ends = _ends(answer.wilson_interval(0, 0))
    except ZeroDivisionError:
        ends = None
    expect(ends is not None, "0 of 0 divides by zero: after no images nothing is known, return (0.0, 1.0)")
    expect(close(ends, (0.0, 1.0)), f"0 of 0 gives {ends}: after no images nothing is known, return (0.0, 1.0)")
    yield "after no images the interval is everything"


def _attempt(function, labels, guesses, classes):
    try:
        return function(labels.copy(), guesses.copy(), classes)
    except (IndexError, ValueError) as error:
        raise Hint(
            f"{len(labels)} images and {classes} classes raise {str(error)!r}: the size of the matrix is `classes`, "
            "whatever occurs"
        ) from error


def _ends(found):
    try:
        low, high = (float(end) for end in found)
    except (TypeError, ValueError) as error:
        raise Hint(f"wilson_interval must return two numbers, (low, high), got {found!r}") from error
    return low, high


def _wilson(correct, total, z=1.96):
    """Solve (share - p)^2 = z^2 p (1 - p) / n for p, another way than by the formula."""
    share, spread = correct / total, z**2 / total
    low, high = sorted(np.roots([1 + spread, -(2 * share + spread), share**2]).real.tolist())
    return low, high


def _slips(correct, total, z=1.96):
    share, spread = correct / total, z**2 / total
    centre, half = share + spread / 2, z * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    loose = z * math.sqrt(share * (1 - share) / total + spread / 4)
    return {
        "divide both the middle and the width by 1 + z**2 / total": (centre - half, centre + half),
        "the width is divided by 1 + z**2 / total, the middle is not": (
            centre - half / (1 + spread),
            centre + half / (1 + spread),
        ),
        "the middle is divided by 1 + z**2 / total, the width is not": (
            centre / (1 + spread) - half,
            centre / (1 + spread) + half,
        ),
        "under the root stands z**2 / (4 * total**2), your total is not squared": (
            (centre - loose) / (1 + spread),
            (centre + loose) / (1 + spread),
        ),
    }
