"""Draws single images of digits and of what is none, as a reader would have cut them out of a picture.

Real pens are unlike MNIST's: a one with a flag and a foot, a crossed seven, a ball pen's even line. Digits are
rewritten from those of a data set, drawn by strokes or taken from handwriting fonts.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.dataset import PAIRS, Dataset
from inkdigits.data.fonts import Fonts
from inkdigits.data.hands import draw_digit, invented
from inkdigits.data.marks import (
    beside,
    cropped,
    deformed,
    enlarged,
    glyph,
    habit,
    photographed,
    specks,
    touching,
    with_pen,
    worn,
)
from inkdigits.data.shapes import form, scribble, texture
from inkdigits.imaging.cut import cut
from inkdigits.imaging.normalize import normalize_digit, normalize_pair
from inkdigits.imaging.segment import Piece, join
from inkdigits.types import Ink

# Letters that somebody's digit looks like (O I l S Z B b g q h Y and their kin) are in neither class.
LETTERS = "acdefkmnprtuvwxACEFHKLMNPRUVWX"
OTHERS = (
    "αδεζηκλμνξπρςτφχψωΓΔΘΛΞΠΣΦΨΩвгджийклмнптуфхцшщыюяЖИЛФЦШЩЫЮЯ"
    "אבגדהחטכלמנעפצקשתაბგდეთლმნპჟრსტფქღყშცძწჭხԱԲԴԵԷԸԹԺԻԽԾԿՀՄՇՈՊՋՌՍՎՏՑՓՔ"
    "بتجحخدرسشصضطظعغفقكلمني+=?&%#@$*~<>§¥€£♀♂☆∞∑∏√∂∫≈≠±÷×{}[]^"
)
MISSING = "\uf8ff"  # a letter that no font has
MIRRORED, TURNED = (3, 4, 7, 9), (2, 3, 4, 5, 7)  # digits that are no digit in a mirror, or lying on their side

Drawn = tuple[NDArray[np.uint8], int]
"""An image uint8 (28, 28) and its label."""

Draw = Callable[[np.random.Generator], Ink]
Draws = tuple[tuple[float, Draw], ...]
"""Ways to draw, and how often each is taken."""


class Artist:
    """Draws marks: uint8 (28, 28) as the reader would have cut them out of a picture, and their labels.

    Args:
        digits: images of digits, which most marks are made of.
        fonts: for letters and some digits; without any, `none` draws no letters, and `digit` and `no_pair` cannot.
    """

    def __init__(self, digits: Dataset, fonts: Fonts) -> None:
        self.digits, self.fonts = digits, fonts
        self.classes = len(digits.class_names)
        nothings: Draws = (
            (0.30, self._letter),
            (0.22, self._other_script),
            (0.12, invented),
            (0.06, self._word),
            (0.10, self._two_digits),
            (0.07, self._turned),
            (0.06, scribble),
            (0.05, form),
            (0.04, texture),
        )
        of_fonts = (self._letter, self._other_script, self._word)
        self.nothings = tuple(way for way in nothings if fonts.handwriting or way[1] not in of_fonts)
        self.no_pairs: Draws = (
            (0.3, lambda rng: self._labelled_digit(rng, own=0.3)[1]),
            (0.2, lambda rng: self._row(rng, 3, own=0.15)[0]),
            (0.15, self._piece),
            (0.1, self._letter),
            (0.08, self._other_script),
            (0.07, invented),
            (0.1, self._word),
        )

    def everything(self, rng: np.random.Generator) -> Iterator[Drawn]:
        """Draw on and on: three digits, two marks that are none, and what cutting two digits apart gives."""
        while True:
            yield self.digit(rng)
            yield self.none(rng)
            yield self.digit(rng)
            yield self.none(rng)
            yield self.digit(rng)
            yield from self.cut_pair(rng)

    def cut_pair(self, rng: np.random.Generator) -> Iterator[Drawn]:
        """Draw two digits that touch, cut them as reading does, and label what comes out by what is left of each."""
        labels, marks = zip(*(self._labelled_digit(rng) for _ in "ab"), strict=True)
        whole, owners = touching(marks[0], marks[1], rng)
        piece = Piece((0, 0, whole.shape[1], whole.shape[0]), whole)
        parts = cut(piece, float(max(len(mark) for mark in marks)))
        right, wrong = [], []
        for first in range(len(parts)):
            for end in range(first + 1, len(parts) + 1):
                run = join(parts[first:end])
                x0, y0, x1, y1 = run.box
                ink = run.ink > 127
                held = [int((ink & owner[y0:y1, x0:x1]).sum()) for owner in owners]
                shares = [count / max(1, int(owner.sum())) for count, owner in zip(held, owners, strict=True)]
                main = int(shares[1] > shares[0])
                if shares[main] > 0.87 and held[1 - main] < 0.18 * ink.sum():
                    right.append((normalize_digit(run.ink), labels[main]))
                elif min(shares) > 0.35 or (max(shares) < 0.65 and run.height < 1.8 * run.width):
                    wrong.append((normalize_digit(run.ink), self.classes))  # an upright piece might be a one
        for found in (right, wrong):
            yield from (found[index] for index in rng.permutation(len(found))[:1])

    def digit(self, rng: np.random.Generator) -> Drawn:
        """Draw a digit: from a font, by strokes, or from the data set, rewritten or as it is."""
        kind = rng.random()
        label = int(rng.integers(self.classes))
        if kind < 0.1:
            ink = with_pen(deformed(glyph(_pick(rng, self.fonts.handwriting), str(label)), rng), rng)
        elif kind < 0.35:
            ink = deformed(draw_digit(label, rng), rng)
        else:
            index = int(rng.integers(len(self.digits)))
            label = int(self.digits.labels[index])
            if kind < 0.65:
                return normalize_digit(cropped(photographed(self.digits.images[index], rng))), label
            ink = with_pen(deformed(habit(enlarged(self.digits.images[index]), label, rng), rng), rng)
        return normalize_digit(cropped(specks(worn(ink, rng), rng))), label

    def none(self, rng: np.random.Generator) -> Drawn:
        """Draw a mark that is no digit."""
        ink = worn(deformed(_chosen(rng, self.nothings)(rng), rng), rng)
        return normalize_digit(cropped(ink)), self.classes

    def pair(self, rng: np.random.Generator, *, own: float = 0.15) -> Drawn:
        """Draw two digits that touch, a share `own` of them by strokes; the label is that of `PAIRS`."""
        ink, (first, second) = self._row(rng, 2, own=own)
        return normalize_pair(cropped(worn(ink, rng))), 10 * first + second

    def no_pair(self, rng: np.random.Generator) -> Drawn:
        """Draw what might be taken for two digits that touch."""
        ink = worn(deformed(_chosen(rng, self.no_pairs)(rng), rng), rng)
        return normalize_pair(cropped(ink)), len(PAIRS)

    def _row(self, rng: np.random.Generator, count: int, *, own: float) -> tuple[Ink, list[int]]:
        """Draw digits of one hand that touch, and return their labels."""
        label, ink = self._labelled_digit(rng, own=own)
        labels = [label]
        for _ in range(count - 1):
            label, following = self._labelled_digit(rng, own=own)
            scale = np.exp(rng.normal(scale=0.12)) * len(ink) / len(following)
            following = cv2.resize(following, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
            ink = touching(ink, following, rng, overlap=4 if rng.random() < 0.7 else 12)[0]
            labels.append(label)
        return ink, labels

    def _piece(self, rng: np.random.Generator) -> Ink:
        """Two digits that touch, one of them not whole."""
        whole = self._row(rng, 2, own=0.15)[0]
        width = max(2, int(whole.shape[1] * rng.uniform(0.6, 0.85)))
        return whole[:, :width] if rng.random() < 0.5 else whole[:, -width:]

    def _letter(self, rng: np.random.Generator) -> Ink:
        return with_pen(self._glyph(rng, self.fonts.handwriting, LETTERS), rng)

    def _other_script(self, rng: np.random.Generator) -> Ink:
        return with_pen(self._glyph(rng, self.fonts.many_scripts, OTHERS), rng)

    def _glyph(self, rng: np.random.Generator, fonts: Sequence[Path], texts: str) -> Ink:
        """Draw a letter in a font that has it: the box that stands for a missing one looks like a zero."""
        while True:
            font = _pick(rng, fonts)
            ink = glyph(font, _pick(rng, texts))
            if not np.array_equal(ink, glyph(font, MISSING)):
                return ink

    def _word(self, rng: np.random.Generator) -> Ink:
        word = "".join(_pick(rng, LETTERS) for _ in range(rng.integers(2, 5)))
        return glyph(_pick(rng, self.fonts.handwriting), word)

    def _two_digits(self, rng: np.random.Generator) -> Ink:
        """Two digits, or three, side by side: apart, touching or overlapping a little; often a slim one among them."""
        row = self._some_digit(rng)
        for _ in range(1 if rng.random() < 0.85 else 2):
            following = self._some_digit(rng, (1,) if rng.random() < 0.3 else None)
            both = (row, following) if rng.random() < 0.5 else (following, row)
            row = beside(*both, gap=int(rng.integers(-14, 20)))
        return row

    def _turned(self, rng: np.random.Generator) -> Ink:
        """A digit in a mirror, or lying on its side."""
        if rng.random() < 0.5:
            return np.ascontiguousarray(self._some_digit(rng, MIRRORED)[:, ::-1])
        return np.ascontiguousarray(np.rot90(self._some_digit(rng, TURNED), rng.choice((1, 3))))

    def _some_digit(self, rng: np.random.Generator, labels: Sequence[int] | None = None) -> Ink:
        while True:
            label, ink = self._labelled_digit(rng)
            if labels is None or label in labels:
                return ink

    def _labelled_digit(self, rng: np.random.Generator, *, own: float = 0.0) -> tuple[int, Ink]:
        """Take a digit of the data set and write it with some pen; a share `own` is drawn by strokes instead."""
        if rng.random() < own:
            label = int(rng.integers(self.classes))
            return label, draw_digit(label, rng)
        index = int(rng.integers(len(self.digits)))
        return int(self.digits.labels[index]), cropped(with_pen(enlarged(self.digits.images[index]), rng))


def _chosen(rng: np.random.Generator, draws: Draws) -> Draw:
    shares = [share for share, _ in draws]
    return draws[int(rng.choice(len(shares), p=np.divide(shares, sum(shares))))][1]


def _pick(rng: np.random.Generator, options: Sequence[str] | Sequence[Path]) -> str:
    return str(options[int(rng.integers(len(options)))])
