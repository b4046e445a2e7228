"""What an answer to the exercise must do, and what the common wrong answers are told."""

import warnings

import numpy as np

from inkdigits.course.exercise import close, expect, returned


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an overflow is told as a hint
        yield from _check_probabilities(answer)
        yield from _check_cross_entropy(answer)
        yield from _check_temperature(answer)


def _check_probabilities(answer):
    logits = _logits(5, seed=0)
    for temperature in (1.0, 2.0, 0.5):
        found = np.asarray(returned(answer.probabilities(logits.copy(), temperature), "probabilities"))
        right = np.exp(_logs(logits / temperature))
        at = f"at temperature {temperature:g}"
        expect(found.shape == (5, 10), f"probabilities of logits (5, 10) must be (5, 10), got {found.shape}")
        expect(bool(found.any()), "the probabilities are all 0: begin with softmax of logits / temperature")
        expect(not close(found, _logs(logits / temperature)), f"{at} you return log-softmax: take exp of it")
        expect(
            not close(found.sum(axis=0), np.ones(10)),
            "your columns sum to 1, not your rows: sum over axis=1, the classes of one image",
        )
        plain = np.exp(_logs(logits))
        if temperature != 1:
            expect(
                not close(found, np.exp(_logs(logits * temperature))),
                f"{at} you multiply by the temperature: divide, so that a high one makes the network less sure",
            )
            expect(not close(found, plain), f"{at} nothing changes: divide the logits before softmax")
            expect(
                not close(found, plain / temperature),
                f"{at} the rows sum to {1 / temperature:g}: divide the logits, not the probabilities",
            )
        expect(
            not close(found, np.exp(_logs(plain / temperature))),
            f"{at} you take softmax twice: divide the logits, then take softmax once",
        )
        expect(close(found.sum(axis=1), np.ones(5)), f"{at} the first row sums to {found[0].sum():.3f}, not to 1")
        expect(close(found, right), f"{at} the rows sum to 1, but are not softmax of logits / temperature")
    yield "the probabilities are softmax of logits / temperature"

    large = np.asarray(answer.probabilities(np.array([[1000.0, 999.9]], np.float32), 0.1))
    expect(
        close(large.sum(), 1),
        f"logits 1000 and 999.9 give {large.tolist()} at temperature 0.1: exp(10000) overflows. Subtract the row's "
        "largest logit first; nothing else changes",
    )
    expect(close(large, np.array([[0.7311, 0.2689]]), tolerance=2e-3), f"logits 1000 and 999.9 give {large.tolist()}")
    yield "large logits do not overflow"


def _check_cross_entropy(answer):
    logits, labels = _logits(6, seed=1), np.array([3, 1, 4, 1, 5, 9])
    for temperature in (1.0, 3.0):
        found, right = (
            np.asarray(returned(answer.cross_entropy(logits.copy(), labels, temperature), "cross_entropy")),
            _loss(logits, labels, temperature),
        )
        expect(found.ndim == 0, f"cross_entropy must be one number, got shape {found.shape}: take the mean")
        expect(not close(found, -right), "cross_entropy has the wrong sign: a logarithm of a probability is negative")
        expect(not close(found, 6 * right), "cross_entropy is the sum over the images: it must be the mean")
        expect(
            temperature == 1 or not close(found, _loss(logits, labels, 1)),
            "cross_entropy does not heed the temperature",
        )
        expect(
            close(found, right), f"cross_entropy is {found:.4f} at temperature {temperature:g}, should be {right:.4f}"
        )
    yield "cross-entropy is the mean of -log(probability of the right class)"

    found = float(answer.cross_entropy(np.array([[1000.0, 0.0]], np.float32), np.array([1]), 1.0))
    expect(
        close(found, 1000.0),
        f"a certain and wrong answer costs {found:g} where it should cost 1000: the logarithm of a probability of 0 is "
        "infinite. Write it out: logit - max - log(sum(exp(logit - max)))",
    )
    yield "a certain and wrong answer costs what it should"


def _check_temperature(answer):
    made = [_calibrated(scale, seed) for seed, scale in enumerate((3.0, 1.6, 1.0, 0.25, 0.7))]
    results = [
        returned(answer.find_temperature(logits.copy(), labels.copy()), "find_temperature") for logits, labels in made
    ]
    for result in results:
        expect(np.asarray(result).ndim == 0, f"find_temperature must return one number, got {result!r}")
    found, right = [float(result) for result in results], [_best(logits, labels) for logits, labels in made]
    expect(
        found != [1.0] * 5,
        "find_temperature is always 1: ask cross_entropy for many temperatures, and return the one with the least",
    )
    expect(
        max(found) - min(found) > 0.01,
        f"find_temperature is {found[0]:g} for very different logits. Accuracy is the same at every temperature, and "
        "the probabilities can always be larger: look for the least cross-entropy",
    )
    for result, best, (logits, labels) in zip(found, right, made, strict=True):
        told = f"find_temperature is {result:.4g} where {best:.4g} is best"
        near = abs(np.log(max(result, 1e-9) / best)) < np.log(1.03)
        expect(
            near or not close(result, 1 / best, tolerance=0.03),
            f"{told}: that is one divided by the temperature. Logits are divided by it, not multiplied",
        )
        expect(
            near or not close(result, _loss(logits, labels, best), tolerance=0.01),
            f"{told}: that is the least cross-entropy. Return the temperature that gives it",
        )
        expect(
            near or not (result == int(result) and (result > 10 or result == 0)),
            f"{told}: is it a place in your list? argmin tells where; take the temperature that stands there",
        )
        expect(
            near or best > 0.95 or result < 0.95,
            f"{told}: a network can also be too modest, its best temperature lies below 1. Search from 0.1 to 10",
        )
        expect(near, f"{told}: it may be 3 % away. Try more temperatures, in equal ratios (np.geomspace), or refine")
    yield "the temperature has the least cross-entropy, for networks too sure, honest and too modest"

    logits, labels = _calibrated(2.0, 7, classes=3)
    result, best = float(answer.find_temperature(logits, labels)), _best(logits, labels)
    expect(abs(np.log(result / best)) < np.log(1.03), f"with 3 classes it is {result:.4g} where {best:.4g} is best")
    yield "any number of classes will do"


def _logits(count, *, seed):
    return (3 * np.random.default_rng(seed).standard_normal((count, 10))).astype(np.float32)


def _calibrated(scale, seed, classes=10):
    """Return logits whose best temperature is near `scale`, and labels drawn from the honest probabilities."""
    chance = np.random.default_rng(seed)
    honest = 2.5 * chance.standard_normal((2000, classes))
    labels = (honest + chance.gumbel(size=honest.shape)).argmax(axis=1)  # a draw from softmax
    return (scale * honest).astype(np.float32), labels


def _logs(logits):
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _loss(logits, labels, temperature):
    return float(-_logs(logits / temperature)[np.arange(len(labels)), labels].mean())


def _best(logits, labels):
    """Find the least cross-entropy by thirds: on the logarithm of the temperature it has one valley."""
    low, high = np.log(0.1), np.log(10)
    for _ in range(40):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if _loss(logits, labels, np.exp(left)) < _loss(logits, labels, np.exp(right)):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))
