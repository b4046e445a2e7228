"""Training images that MNIST lacks, drawn by our own code: other pens, habits and scripts, and no digits at all.

A network that has seen nothing but digits takes every mark for one. So half of the images drawn here are digits by
other hands, and half are letters, scribbles, pairs, pieces and shapes, labelled "none".
"""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.artist import Artist
from inkdigits.data.dataset import PAIRS, Dataset
from inkdigits.data.fonts import Fonts, debian_fonts
from inkdigits.errors import ConfigError

NONE = "none"


def synthesize(train_set: Dataset, count: int, *, seed: int, fonts: Fonts | None = None) -> Dataset:
    """Return the training set with `count` drawn images after it, about half of them digits and half none.

    Args:
        train_set: images of the ten digits; drawn digits are rewritten from these alone.
        count: how many images to draw.
        seed: of everything drawn.
        fonts: None = those of Debian.

    Returns:
        A data set with one class more, "none", whose label is the number of digit classes.

    Raises:
        ConfigError: the set lacks a digit, or a font is missing; the text has the Debian packages that hold them.
    """
    rng = np.random.default_rng([seed, count])
    artist = Artist(_with_every_digit(train_set), fonts or debian_fonts())
    drawn = islice(artist.everything(rng), count)
    return _dataset(train_set, [*train_set, *drawn], (*train_set.class_names, NONE))


def synthesize_pairs(digits: Dataset, count: int, *, seed: int, fonts: Fonts | None = None) -> Dataset:
    """Return images to learn pairs of touching digits from, two in five of them of no pair.

    Args:
        digits: images of the ten digits, each used in many pairs.
        count: how many images to draw.
        seed: of everything drawn.
        fonts: None = those of Debian.

    Returns:
        A data set of the classes "00" to "99", and after them "none": single digits, three together, pieces, letters.

    Raises:
        ConfigError: the set lacks a digit, or a font is missing; the text has the Debian packages that hold them.
    """
    rng = np.random.default_rng([seed, count])
    artist = Artist(_with_every_digit(digits), fonts or debian_fonts())
    pairs = round(0.6 * count)
    drawn = [artist.pair(rng) for _ in range(pairs)] + [artist.no_pair(rng) for _ in range(count - pairs)]
    return _dataset(digits, drawn, (*PAIRS, NONE))


def synthesize_nothings(digits: Dataset, count: int, *, seed: int) -> Dataset:
    """Return images that are no digits, drawn without fonts: scribbles, strokes, shapes, turned digits, pairs.

    Args:
        digits: images of the ten digits, which some of the marks are made of.
        count: how many images to draw.
        seed: of everything drawn.

    Raises:
        ConfigError: the set lacks a digit.
    """
    rng = np.random.default_rng([seed, count])
    artist = Artist(_with_every_digit(digits), Fonts((), ()))
    drawn = [artist.none(rng) for _ in range(count)]
    return _dataset(digits, drawn, (*digits.class_names, NONE))


def touching_pairs(digits: Dataset, count: int, *, seed: int) -> Dataset:
    """Return images of touching pairs to measure on: two digits of the data set each, pushed together.

    Args:
        digits: images of the ten digits.
        count: how many images to draw.
        seed: of which digits, how they meet, and their pens.
    """
    rng = np.random.default_rng([seed, count])
    artist = Artist(digits, Fonts((), ()))
    drawn = [artist.pair(rng, own=0) for _ in range(count)]
    return _dataset(digits, drawn, PAIRS)


def _dataset(source: Dataset, drawn: Sequence[tuple[NDArray[np.uint8], int]], names: tuple[str, ...]) -> Dataset:
    images, labels = zip(*drawn, strict=True)
    return Dataset(source.name, source.split, np.stack(images), np.array(labels), names)


def _with_every_digit(digits: Dataset) -> Dataset:
    if not set(range(len(digits.class_names))) <= set(digits.labels.tolist()):
        raise ConfigError("drawn images are made of a training set with images of every digit; this one lacks some")
    return digits
