"""Several classifiers on the same images, side by side."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError
from inkdigits.evaluation.evaluate import Evaluation
from inkdigits.evaluation.metrics import mcnemar_p


@dataclass(frozen=True)
class Contender:
    """One classifier to compare.

    Attributes:
        name: how the table calls it.
        evaluation: what it did on the data set.
        parameters: how many numbers training adjusted; None when unknown.
        train_seconds: how long the training loop took; None when unknown.
    """

    name: str
    evaluation: Evaluation
    parameters: int | None = None
    train_seconds: float | None = None


@dataclass(frozen=True)
class ComparisonRow:
    """A contender against the best one on the same images.

    Attributes:
        points_behind: percentage points of accuracy behind the best.
        p_value: the chance of so large a difference if both were equally good (exact McNemar test); None for the best.
    """

    name: str
    total: int
    correct: int
    accuracy: float
    interval_95: tuple[float, float]
    parameters: int | None
    train_seconds: float | None
    images_per_second: float
    points_behind: float
    p_value: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON accepts it."""
        return asdict(self)


def compare(contenders: Sequence[Contender], dataset: Dataset) -> list[ComparisonRow]:
    """Rank classifiers by accuracy on a data set, the best first.

    Raises:
        ConfigError: there is no contender, or one was evaluated on another data set.
    """
    if not contenders:
        raise ConfigError("there is nothing to compare: name one classifier at least")
    for contender in contenders:
        measured = contender.evaluation.dataset, contender.evaluation.total
        if measured != (f"{dataset.name}:{dataset.split}", len(dataset)):
            raise ConfigError(f"{contender.name} was evaluated on {contender.evaluation.dataset}, not on {dataset!r}")
    ranked = sorted(contenders, key=lambda contender: -contender.evaluation.correct)
    best = ranked[0].evaluation
    rows = []
    for contender in ranked:
        own = contender.evaluation
        p_value = mcnemar_p(best.guesses == dataset.labels, own.guesses == dataset.labels)
        rows.append(
            ComparisonRow(
                name=contender.name,
                total=own.total,
                correct=own.correct,
                accuracy=own.accuracy,
                interval_95=own.interval,
                parameters=contender.parameters,
                train_seconds=contender.train_seconds,
                images_per_second=own.total / own.seconds,
                points_behind=100 * (best.accuracy - own.accuracy),
                p_value=None if contender is ranked[0] else p_value,
            )
        )
    return rows
