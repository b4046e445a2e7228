"""What reading finds on a line: marks, pairs of digits that touch, and the rows that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inkdigits.imaging.segment import Piece


@dataclass(frozen=True, eq=False)
class Mark:
    """A digit found on a line, or a mark that is none.

    Attributes:
        piece: its ink and where it is.
        image: uint8 (28, 28), what the network saw.
        probabilities: float64 (K + 1,), of every class and, last, of no digit.
        two_digits: the probability of being two digits that touch, where somebody looked.
    """

    piece: Piece
    image: NDArray[np.uint8]
    probabilities: NDArray[np.float64]
    two_digits: float = 0.0


@dataclass(frozen=True, eq=False)
class Pair:
    """Two digits that touch.

    Attributes:
        image: uint8 (28, 28), what the network saw.
        together: float64 (K, K), the probability of every first and second digit; what is missing to 1 is that of no
            pair.
    """

    image: NDArray[np.uint8]
    together: NDArray[np.float64]


class Recognizer(Protocol):
    """What looks at pieces."""

    def marks(self, pieces: Sequence[Piece]) -> list[Mark]:
        """Take each piece for one digit."""
        ...

    def pairs(self, pieces: Sequence[Piece]) -> list[Pair]:
        """Take each piece for two digits; nothing where no network can."""
        ...


@dataclass(frozen=True)
class Row:
    """One way to read a line, or a part of it: its marks and the class of each, K for none.

    Attributes:
        score: the higher the likelier, in nats.
    """

    score: float = 0.0
    marks: tuple[Mark, ...] = ()
    classes: tuple[int, ...] = ()
