"""What a recipe is: a name for a training run, with where it comes from, what it claims and what we measured."""

from dataclasses import dataclass

from inkdigits.config import TrainConfig


@dataclass(frozen=True)
class LineConfig:
    """Linear regression on made-up points around y = slope * x + intercept."""

    slope: float = 2.0
    intercept: float = 1.0
    noise: float = 0.1  # standard deviation of y
    points: int = 100
    steps: int = 500
    learning_rate: float = 1e-3  # on the SUM of squared errors
    seed: int = 123


@dataclass(frozen=True)
class EnsembleConfig:
    """Several networks of one recipe, each from a seed of its own, that answer with their mean probability."""

    recipe: str
    members: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A named training run.

    Attributes:
        title: one line.
        source: who published it.
        mended: what was wrong with the published procedure and is done right here; empty when nothing was.
        published: test accuracy that the source reports, as a fraction; None when it reports none.
        measured: our test accuracy, as a fraction; None when it is no classifier.
        config: the numbers.
    """

    title: str
    source: str
    mended: str = ""
    published: float | None = None
    measured: float | None = None
    config: TrainConfig | EnsembleConfig | LineConfig
