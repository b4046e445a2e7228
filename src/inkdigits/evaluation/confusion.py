"""Which class is taken for which."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import require
from inkdigits.types import Labels

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """Counts of every (label, guess).

    Attributes:
        counts: int64 (K, K); rows = label (the truth), columns = guess (the prediction).
        class_names: the K names.
    """

    counts: NDArray[np.int64]
    class_names: tuple[str, ...]

    def most_confused(self, limit: int = 10) -> list[tuple[str, str, int]]:
        """Return the pairs (label, guess, count) that are confused most often, the most frequent first."""
        wrong = self.counts.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
        pairs = [divmod(int(place), len(self.class_names)) for place in order]
        return [
            (self.class_names[label], self.class_names[guess], int(wrong[label, guess]))
            for label, guess in pairs
            if wrong[label, guess]
        ]

    def to_frame(self) -> "DataFrame":
        """Return a pandas table whose rows are named "label" and whose columns are named "guess"."""
        require("pandas", extra="train", purpose="a confusion matrix as a table")
        import pandas as pd

        return pd.DataFrame(
            self.counts,
            index=pd.Index(self.class_names, name="label"),
            columns=pd.Index(self.class_names, name="guess"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON accepts them, with the meaning of the axes."""
        return {
            "rows": "label",
            "columns": "guess",
            "classes": list(self.class_names),
            "counts": self.counts.tolist(),
        }

    def __str__(self) -> str:
        width = max(5, *(len(name) + 1 for name in self.class_names))
        header = "label \\ guess" + "".join(name.rjust(width) for name in self.class_names)
        rows = [
            name.rjust(13) + "".join(str(count).rjust(width) for count in row)
            for name, row in zip(self.class_names, self.counts.tolist(), strict=True)
        ]
        return "\n".join([header, *rows])


def confusion_matrix(labels: Labels, guesses: Labels, class_names: tuple[str, ...]) -> ConfusionMatrix:
    """Count every pair of label and guess.

    Args:
        labels: int64 (N,), the truth.
        guesses: int64 (N,), the predictions.
        class_names: the K names.
    """
    size = len(class_names)
    counts = np.bincount(labels * size + guesses, minlength=size * size).reshape(size, size)
    return ConfusionMatrix(counts.astype(np.int64), class_names)
