"""Training images that MNIST lacks, drawn by our own code: other pens, habits and scripts, and no digits at all.

Real pens are unlike MNIST's: a one with a flag and a foot, a crossed seven, a ball pen's even line. And a network that
has seen nothing but digits takes every mark for one. So half of the images drawn here are digits, rewritten from
MNIST's own or taken from handwriting fonts, and half are letters, scribbles, pairs, pieces and shapes, labelled "none".
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.dataset import Dataset
from inkdigits.data.marks import (
    beside,
    cropped,
    deformed,
    enlarged,
    form,
    glyph,
    habit,
    scribble,
    specks,
    texture,
    touching,
    with_pen,
    worn,
)
from inkdigits.errors import ConfigError
from inkdigits.imaging.cut import cut
from inkdigits.imaging.normalize import normalize_digit
from inkdigits.imaging.segment import Piece, join
from inkdigits.types import Ink

NONE = "none"
FONT_FOLDER = Path("/usr/share/fonts")
FONT_PACKAGES = (
    "fonts-breip fonts-bwht fonts-comic-neue fonts-dancingscript fonts-dejavu fonts-dkg-handwriting fonts-havana "
    "fonts-humor-sans fonts-kaushanscript fonts-kiloji fonts-klee fonts-kristi fonts-rufscript fonts-seto"
)  # of Debian
HANDWRITING = (
    "breipfont.ttf", "BecauseWeBuild-Regular.otf", "BecauseWeConnect-Regular.otf", "BecauseWeCreate-Regular.otf",
    "BecauseWeLearn-Regular.otf", "BecauseWeMentor-Regular.otf", "BecauseWeOrganize-Regular.otf",
    "ComicNeue-Light.otf", "ComicNeue-Regular.otf", "ComicNeue-Italic.otf", "DancingScript-Regular.otf", "dkg.ttf",
    "dkgIt.ttf", "Havana-Regular.otf", "Humor-Sans.ttf", "KaushanScript-Regular.otf", "kiloji.ttf", "kiloji_d.ttf",
    "KleeOne-Regular.ttf", "Kristi.ttf", "Rufscript010.ttf", "setofont.ttf",
)  # fmt: skip
MANY_SCRIPTS = ("DejaVuSans.ttf",)
# Letters that somebody's digit looks like (O I l S Z B b g q h Y and their kin) are in neither class.
LETTERS = "acdefkmnprtuvwxACEFHKLMNPRUVWX"
OTHERS = (
    "αδεζηκλμνξπρςτφχψωΓΔΘΛΞΠΣΦΨΩвгджийклмнптуфхцшщыюяЖИЛФЦШЩЫЮЯ"
    "אבגדהחטכלמנעפצקשתაბგდეთლმნპჟრსტფქღყშცძწჭხԱԲԴԵԷԸԹԺԻԽԾԿՀՄՇՈՊՋՌՍՎՏՑՓՔ"
    "بتجحخدرسشصضطظعغفقكلمني+=?&%#@$*~<>§¥€£♀♂☆∞∑∏√∂∫≈≠±÷×{}[]^"
)
MISSING = "\uf8ff"  # a letter that no font has
MIRRORED, TURNED = (3, 4, 7, 9), (2, 3, 4, 5, 7)  # digits that are no digit in a mirror, or lying on their side

Draw = Callable[[np.random.Generator], Ink]


def synthesize(
    train_set: Dataset,
    count: int,
    *,
    seed: int,
    handwriting: Sequence[Path] | None = None,
    many_scripts: Sequence[Path] | None = None,
) -> Dataset:
    """Return the training set with `count` drawn images after it, about half of them digits and half none.

    Args:
        train_set: images of the ten digits; drawn digits are rewritten from these alone.
        count: how many images to draw.
        seed: of everything drawn.
        handwriting: fonts for digits and letters; None = those of Debian named above.
        many_scripts: fonts that hold other scripts; None = DejaVu.

    Returns:
        A data set with one class more, "none", whose label is the number of digit classes.

    Raises:
        ConfigError: the set lacks a digit, or a font is missing; the text has the Debian packages that hold them.
    """
    rng = np.random.default_rng([seed, count])
    if not set(range(len(train_set.class_names))) <= set(train_set.labels.tolist()):
        raise ConfigError("drawn images are made of a training set with images of every digit; this one lacks some")
    handwriting = handwriting or [_font(name) for name in HANDWRITING]
    artist = _Artist(train_set, handwriting, many_scripts or [_font(name) for name in MANY_SCRIPTS])
    drawn = list(islice(artist.everything(rng), count))
    return Dataset(
        train_set.name,
        train_set.split,
        np.concatenate([train_set.images, np.stack([image for image, _ in drawn])]),
        np.concatenate([train_set.labels, np.array([label for _, label in drawn])]),
        (*train_set.class_names, NONE),
    )


class _Artist:
    """Draws marks: uint8 (28, 28) as the reader would have cut them out of a picture, and their labels."""

    def __init__(self, digits: Dataset, handwriting: Sequence[Path], many_scripts: Sequence[Path]) -> None:
        self.digits, self.handwriting, self.many_scripts = digits, handwriting, many_scripts
        self.classes = len(digits.class_names)
        self.nothings: tuple[tuple[float, Draw], ...] = (
            (0.36, self._letter),
            (0.24, self._other_script),
            (0.07, self._word),
            (0.08, self._pair),
            (0.07, self._turned),
            (0.08, scribble),
            (0.05, form),
            (0.05, texture),
        )

    def everything(self, rng: np.random.Generator) -> Iterator[tuple[NDArray[np.uint8], int]]:
        """Draw on and on: two digits, two marks that are none, and what cutting two digits apart gives."""
        while True:
            yield self.digit(rng)
            yield self.none(rng)
            yield self.digit(rng)
            yield from self.cut_pair(rng)

    def cut_pair(self, rng: np.random.Generator) -> Iterator[tuple[NDArray[np.uint8], int]]:
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
            yield from (found[index] for index in rng.permutation(len(found))[:2])

    def digit(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], int]:
        """Draw a digit: one of ten from a handwriting font, the others rewritten from the training set."""
        if rng.random() < 0.1:
            label = int(rng.integers(self.classes))
            ink = glyph(_pick(rng, self.handwriting), str(label))
        else:
            index = int(rng.integers(len(self.digits)))
            label = int(self.digits.labels[index])
            ink = habit(enlarged(self.digits.images[index]), label, rng)
        ink = specks(worn(with_pen(deformed(ink, rng), rng), rng), rng)
        return normalize_digit(cropped(ink)), label

    def none(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], int]:
        """Draw a mark that is no digit."""
        shares = [share for share, _ in self.nothings]
        draw = self.nothings[int(rng.choice(len(shares), p=np.divide(shares, sum(shares))))][1]
        ink = worn(deformed(draw(rng), rng), rng)
        return normalize_digit(cropped(ink)), self.classes

    def _letter(self, rng: np.random.Generator) -> Ink:
        return with_pen(self._glyph(rng, self.handwriting, LETTERS), rng)

    def _other_script(self, rng: np.random.Generator) -> Ink:
        return with_pen(self._glyph(rng, self.many_scripts, OTHERS), rng)

    def _glyph(self, rng: np.random.Generator, fonts: Sequence[Path], texts: str) -> Ink:
        """Draw a letter in a font that has it: the box that stands for a missing one looks like a zero."""
        while True:
            font = _pick(rng, fonts)
            ink = glyph(font, _pick(rng, texts))
            if not np.array_equal(ink, glyph(font, MISSING)):
                return ink

    def _word(self, rng: np.random.Generator) -> Ink:
        word = "".join(_pick(rng, LETTERS) for _ in range(rng.integers(2, 5)))
        return glyph(_pick(rng, self.handwriting), word)

    def _pair(self, rng: np.random.Generator) -> Ink:
        """Two digits, or three, side by side: apart, touching or overlapping a little."""
        row = self._some_digit(rng)
        for _ in range(1 if rng.random() < 0.85 else 2):
            row = beside(row, self._some_digit(rng), gap=int(rng.integers(-14, 14)))
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

    def _labelled_digit(self, rng: np.random.Generator) -> tuple[int, Ink]:
        index = int(rng.integers(len(self.digits)))
        return int(self.digits.labels[index]), cropped(with_pen(enlarged(self.digits.images[index]), rng))


def _pick(rng: np.random.Generator, options: Sequence[str] | Sequence[Path]) -> str:
    return str(options[int(rng.integers(len(options)))])


def _font(name: str) -> Path:
    found = _installed_fonts().get(name)
    if found is None:
        raise ConfigError(f"the font {name} is missing: on Debian, apt-get install {FONT_PACKAGES}")
    return found


@cache
def _installed_fonts() -> dict[str, Path]:
    return {path.name: path for path in sorted(FONT_FOLDER.rglob("*.[ot]tf"))}
