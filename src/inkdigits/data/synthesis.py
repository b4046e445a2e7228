"""Training images that MNIST lacks, drawn by our own code: other pens, habits and scripts, and no digits at all.

A network that has seen nothing but digits takes every mark for one. So half of the images drawn here are digits by
other hands, and half are letters, scribbles, pairs, pieces and shapes, labelled "none".
"""

import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice

import numpy as np

from inkdigits.data.artist import Artist, Drawn
from inkdigits.data.dataset import PAIRS, Dataset
from inkdigits.data.fonts import Fonts, debian_fonts
from inkdigits.errors import ConfigError, TrainingError
from inkdigits.parallel import in_order

NONE = "none"
BLOCK = 250  # images drawn from one seed, in whatever process
MANY = 4_000  # images: fewer are drawn before the first process is ready
PAIR_SHARE = 0.6  # of what pairs are learnt from
NO_FONTS = Fonts((), ())

Way = Callable[[Artist, np.random.Generator], Iterator[Drawn]]
"""How an artist draws on and on."""


def synthesize(
    train_set: Dataset, count: int, *, seed: int, fonts: Fonts | None = None, processes: int | None = 1
) -> Dataset:
    """Return the training set with `count` drawn images after it, about half of them digits and half none.

    Args:
        train_set: images of the ten digits; drawn digits are rewritten from these alone.
        count: how many images to draw.
        seed: of everything drawn.
        fonts: None = those of Debian.
        processes: that draw, the same images in any number; None = one a core.

    Returns:
        A data set with one class more, "none", whose label is the number of digit classes.

    Raises:
        ConfigError: the set lacks a digit, or a font is missing; the text has the Debian packages that hold them.
        TrainingError: a process that draws died.
    """
    fonts = fonts or debian_fonts()
    drawn = _drawn(Artist.everything, _with_every_digit(train_set), fonts, count, seed=seed, processes=processes)
    return _dataset(train_set, [*train_set, *drawn], (*train_set.class_names, NONE))


def synthesize_pairs(
    digits: Dataset, count: int, *, seed: int, fonts: Fonts | None = None, processes: int | None = 1
) -> Dataset:
    """Return images to learn pairs of touching digits from, two in five of them of no pair.

    Args:
        digits: images of the ten digits, each used in many pairs.
        count: how many images to draw.
        seed: of everything drawn.
        fonts: None = those of Debian.
        processes: that draw, the same images in any number; None = one a core.

    Returns:
        A data set of the classes "00" to "99", and after them "none": single digits, three together, pieces, letters.

    Raises:
        ConfigError: the set lacks a digit, or a font is missing; the text has the Debian packages that hold them.
        TrainingError: a process that draws died.
    """
    fonts = fonts or debian_fonts()
    drawn = _drawn(_pairs_and_others, _with_every_digit(digits), fonts, count, seed=seed, processes=processes)
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
    drawn = _drawn(_nothings, _with_every_digit(digits), NO_FONTS, count, seed=seed)
    return _dataset(digits, drawn, (*digits.class_names, NONE))


def touching_pairs(digits: Dataset, count: int, *, seed: int) -> Dataset:
    """Return images of touching pairs to measure on: two digits of the data set each, pushed together.

    Args:
        digits: images of the ten digits.
        count: how many images to draw.
        seed: of which digits, how they meet, and their pens.
    """
    return _dataset(digits, _drawn(_pairs, digits, NO_FONTS, count, seed=seed), PAIRS)


def _pairs(artist: Artist, rng: np.random.Generator) -> Iterator[Drawn]:
    while True:
        yield artist.pair(rng, own=0)


def _pairs_and_others(artist: Artist, rng: np.random.Generator) -> Iterator[Drawn]:
    while True:
        yield artist.pair(rng) if rng.random() < PAIR_SHARE else artist.no_pair(rng)


def _nothings(artist: Artist, rng: np.random.Generator) -> Iterator[Drawn]:
    while True:
        yield artist.none(rng)


def _drawn(way: Way, digits: Dataset, fonts: Fonts, count: int, *, seed: int, processes: int | None = 1) -> list[Drawn]:
    """Draw so many images, block by block: each has a seed of its own, so that any process may draw it."""
    prepare = partial(_prepared, way, digits, fonts, seed)
    blocks = enumerate(min(BLOCK, count - start) for start in range(0, count, BLOCK))
    if processes == 1 or count < MANY or multiprocessing.current_process().daemon:  # which may have no children
        return list(chain.from_iterable(map(prepare(), blocks)))
    return list(chain.from_iterable(in_order(prepare, blocks, processes=processes, chunk=1, failure=TrainingError)))


def _prepared(way: Way, digits: Dataset, fonts: Fonts, seed: int) -> Callable[[tuple[int, int]], list[Drawn]]:
    """Return what draws a block, given its number and how many images it has."""
    artist = Artist(digits, fonts)

    def draw(block: tuple[int, int]) -> list[Drawn]:
        number, count = block
        return list(islice(way(artist, np.random.default_rng([seed, number])), count))

    return draw


def _dataset(source: Dataset, drawn: list[Drawn], names: tuple[str, ...]) -> Dataset:
    images, labels = zip(*drawn, strict=True)
    return Dataset(source.name, source.split, np.stack(images), np.array(labels), names)


def _with_every_digit(digits: Dataset) -> Dataset:
    if not set(range(len(digits.class_names))) <= set(digits.labels.tolist()):
        raise ConfigError("drawn images are made of a training set with images of every digit; this one lacks some")
    return digits
