"""Labelled images as two arrays."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import DataError
from inkdigits.types import Images, Labels

DIGITS = tuple("0123456789")
PAIRS = tuple(f"{number:02}" for number in range(100))  # of two digits that touch


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images, held in memory.

    Attributes:
        name: the data set's name in the catalog, such as "mnist".
        split: "train", "validation" or "test". Selection refuses "test" by this word.
        images: uint8 (N, 28, 28), 0 = paper, 255 = ink.
        labels: int64 (N,), 0 to K - 1.
        class_names: the K names, in the order of the labels.
    """

    name: str
    split: str
    images: Images
    labels: Labels
    class_names: tuple[str, ...] = DIGITS

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 3 or self.images.shape[1:] != (28, 28):
            raise DataError(f"images must be uint8 (N, 28, 28), got {self.images.dtype} {self.images.shape}")
        if self.labels.dtype != np.int64 or self.labels.shape != (len(self.images),):
            raise DataError(
                f"labels must be int64 ({len(self.images)},), one an image, got {self.labels.dtype} {self.labels.shape}"
            )
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.class_names):
            raise DataError(
                f"labels must lie between 0 and {len(self.class_names) - 1}, "
                f"got {self.labels.min()} to {self.labels.max()}"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], int]:
        """Return one raw image uint8 (28, 28) and its label."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is outside {self.name}:{self.split}, which holds 0 to {len(self) - 1}")
        return self.images[index], int(self.labels[index])

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        return (self[index] for index in range(len(self)))

    def subset(self, indices: NDArray[np.int64] | slice, *, split: str | None = None) -> "Dataset":
        """Return the images at these places, as a data set of its own."""
        return replace(self, images=self.images[indices], labels=self.labels[indices], split=split or self.split)

    def counts(self) -> dict[str, int]:
        """Return how many images each class has."""
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, counts.tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return what the data set is, without its pixels, as JSON accepts it."""
        return {
            "name": self.name,
            "split": self.split,
            "images": len(self),
            "shape": list(self.images.shape),
            "dtype": str(self.images.dtype),
            "classes": list(self.class_names),
            "counts": self.counts(),
        }

    def __repr__(self) -> str:
        return f"Dataset({self.name}:{self.split}, {len(self):,} images {self.images.shape[1]}x{self.images.shape[2]})"
