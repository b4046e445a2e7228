"""Every choice of a training run, checked once, with its unit and its reason beside it."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from inkdigits.errors import ConfigError, unknown_name

OPTIMIZERS = ("sgd", "adam", "adamw", "adagrad")
SCHEDULES = ("constant", "one_cycle")
DEVICES = ("auto", "cpu", "cuda", "mps")
MOST_THREADS = 1_024  # some thousands are more than the system gives, and end the program
MOST = 2**63 - 1  # what torch takes as a number
PRECISIONS = ("float32", "bfloat16")
KEPT = ("best", "last")
VIEWS = (1, 4)
CHOICES = {  # setting: what it may be
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "device": DEVICES,
    "precision": PRECISIONS,
    "keep": KEPT,
    "views": VIEWS,
}


@dataclass(frozen=True)
class AugmentConfig:
    """How far each training image may be moved; every image draws its own values anew in every epoch."""

    rotation_degrees: float = 12.0  # MNIST writers slant within about this
    scale: float = 0.12  # fraction; 0.12 = between 0.88 and 1.12 times the size
    shear: float = 0.15  # horizontal shift per row: slanted handwriting
    shift_pixels: float = 2.4  # of 28; forgives a digit that is not quite centred
    stroke: float = 0.0  # probability that a stroke is made thicker or thinner: other pens

    def __post_init__(self) -> None:
        _check_types(self)
        _refuse(
            (0 <= self.rotation_degrees < math.inf, f"rotation_degrees must be 0 or more, got {self.rotation_degrees}"),
            (0 <= self.scale < 1, f"scale must be at least 0 and below 1, got {self.scale}"),
            (0 <= self.shear < math.inf, f"shear must be 0 or more, got {self.shear}"),
            (
                0 <= self.shift_pixels < 14,
                f"shift_pixels must be at least 0 and below 14, got {self.shift_pixels}",
            ),
            (0 <= self.stroke <= 1, f"stroke is a probability from 0 to 1, got {self.stroke}"),
        )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """One training run. The training set is always shuffled and the test set is never seen: neither is an option."""

    model: str  # a name from `list_models()`
    dataset: str = "mnist"
    optimizer: str = "adam"  # sgd, adam, adamw or adagrad
    learning_rate: float = 1e-3  # the peak, where there is a schedule
    momentum: float = 0.0  # for sgd
    beta1: float = 0.9  # of adam and adamw: how much of the mean gradient so far a step keeps
    beta2: float = 0.999  # and of the mean of its squares; shorter memories suit runs of few steps
    weight_decay: float = 0.0  # decoupled in adamw, L2 elsewhere
    schedule: str = "constant"  # constant, or one_cycle: up, then down to zero
    warm_up: float = 0.25  # share of the steps of one_cycle in which the learning rate rises
    label_smoothing: float = 0.0  # 0 keeps the probabilities honest
    teacher: str | None = None  # a trained run or ensemble, whose probabilities are learnt instead of the labels
    average: float = 0.0  # decay of a moving average of the weights, which is then measured and kept; 0 = none
    batch_size: int = 64  # images
    epochs: int = 5
    keep: str = "best"  # which epoch: the best by validation; or the last, where the rate has fallen to zero by then
    images_per_epoch: int | None = None  # drawn anew for every epoch; None = all of the training set
    hard_share: float = 0.0  # of those, the images of the greatest loss when last seen; the others are drawn by chance
    validation_size: int = 5_000  # images held out of the training set, the same share of every class
    synthetic: int = 0  # images drawn by our own code: added digits and nothings; for pairnet, all there is
    augment: AugmentConfig | None = None  # None = the images as they are
    views: int = 1  # of each image, for the trained network's answer: 4 = moved by half a pixel, and the mean
    seed: int = 0  # of the split, the initial weights, the shuffling, the augmentation and the dropout
    device: str = "auto"  # auto = cuda, then mps, then cpu
    threads: int | None = None  # CPU threads; None = as many as torch finds cores
    precision: str = "float32"  # or bfloat16: products of half the bits, where the processor has them; weights stay

    def __post_init__(self) -> None:
        _check_types(self)
        _refuse(
            *(
                (
                    getattr(self, name) in allowed,
                    f"{name} must be one of {_listed(allowed)}, got {getattr(self, name)!r}",
                )
                for name, allowed in CHOICES.items()
            ),
            (
                math.isfinite(self.learning_rate) and self.learning_rate > 0,
                f"learning_rate must be above 0 and finite, got {self.learning_rate}",
            ),
            (0 <= self.momentum < 1, f"momentum must be at least 0 and below 1, got {self.momentum}"),
            (
                self.momentum == 0 or self.optimizer == "sgd",
                f"momentum belongs to sgd, got {self.momentum} with {self.optimizer}",
            ),
            (
                0 <= self.beta1 < 1 and 0 <= self.beta2 < 1,
                f"beta1 and beta2 must be at least 0 and below 1, got {self.beta1} and {self.beta2}",
            ),
            (0 <= self.warm_up < 1, f"warm_up must be at least 0 and below 1, got {self.warm_up}"),
            (
                self.images_per_epoch is None or self.images_per_epoch >= 1,
                f"images_per_epoch must be at least 1, got {self.images_per_epoch}",
            ),
            (0 <= self.hard_share <= 1, f"hard_share must be from 0 to 1, got {self.hard_share}"),
            (
                self.hard_share == 0 or self.images_per_epoch is not None,
                "hard_share needs images_per_epoch, an epoch of all images leaves no choice: set both, or neither",
            ),
            (0 <= self.weight_decay < math.inf, f"weight_decay must be 0 or more, got {self.weight_decay}"),
            (
                0 <= self.label_smoothing < 1,
                f"label_smoothing must be at least 0 and below 1: {self.label_smoothing}",
            ),
            (0 <= self.average < 1, f"average must be at least 0 and below 1, got {self.average}"),
            (self.batch_size >= 1, f"batch_size must be at least 1 image, got {self.batch_size}"),
            (self.batch_size <= MOST, f"batch_size must be at most {MOST} images, got {self.batch_size}"),
            (self.epochs >= 1, f"epochs must be at least 1, got {self.epochs}"),
            (
                self.validation_size >= 10,
                f"validation_size must be at least 10 images, got {self.validation_size}",
            ),
            (self.synthetic >= 0, f"synthetic must be 0 images or more, got {self.synthetic}"),
            (self.teacher != "", "teacher must be the folder of a run, got ''"),
            (
                not self.teacher or not (self.synthetic or self.pairs),
                f"{self.model} learns from drawn images, for which no teacher answers: leave out {self.teacher!r}",
            ),
            (0 <= self.seed <= MOST, f"seed must be from 0 to {MOST}, got {self.seed}"),
            (
                self.threads is None or 1 <= self.threads <= MOST_THREADS,
                f"threads must be from 1 to {MOST_THREADS}, got {self.threads}",
            ),
        )

    @property
    def pairs(self) -> bool:
        """Whether pairs of touching digits are learnt, 100 classes: all images are then drawn from the data set's."""
        return self.model == "pairnet"

    def replace(self, changes: Mapping[str, Any]) -> "TrainConfig":  # Any: straight from flags or TOML, checked here
        """Return a copy with some fields changed; names and types are checked.

        Raises:
            ConfigError: a name is unknown, or a value is of the wrong type or out of range.
        """
        augment = changes.get("augment")
        if augment is False:  # TOML has no null
            changes = {**changes, "augment": None}
        elif isinstance(augment, Mapping):
            changes = {
                **changes,
                "augment": _changed(self.augment or AugmentConfig(), augment, "setting of [augment]"),
            }
        return _changed(self, changes, "setting")

    def to_dict(self) -> dict[str, Any]:
        """Return every field as JSON accepts it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainConfig":
        """Build a config from `to_dict()`'s output.

        Raises:
            ConfigError: a field is unknown, missing, of the wrong type or out of range.
        """
        if not isinstance(values.get("model"), str):
            raise ConfigError(f"a config needs 'model', a name from `inkdigits summary --list`: got {dict(values)}")
        return cls(model=values["model"]).replace(values)


Config = TypeVar("Config", AugmentConfig, TrainConfig)


def read_config_file(path: Path) -> dict[str, Any]:
    """Read the settings of a TOML file, as changes for `TrainConfig.replace`.

    Example:
        `epochs = 3` on a line of its own; augmentation under `[augment]`.

    Raises:
        ConfigError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot open the config file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a TOML file: {error}") from error


def _changed(config: Config, changes: Mapping[str, Any], kind: str) -> Config:
    for name in changes:
        if name not in get_type_hints(type(config)):
            raise unknown_name(kind, name, get_type_hints(type(config)))
    return replace(config, **changes)


def _listed(allowed: tuple[object, ...]) -> str:
    return ", ".join(map(str, allowed))


def _check_types(config: AugmentConfig | TrainConfig) -> None:
    """Refuse a field of another type than it is declared with; a whole number passes for a float."""
    for name, hint in get_type_hints(type(config)).items():
        value, expected = getattr(config, name), hint | int if hint is float else hint
        if isinstance(value, bool) or not isinstance(value, expected):
            wanted = str(getattr(hint, "__name__", hint)).removesuffix(" | None")
            raise ConfigError(f"{name} must be {wanted.rpartition('.')[2]}, got {value!r}")


def _refuse(*checks: tuple[bool, str]) -> None:
    """Raise one ConfigError that names every check that does not hold."""
    problems = [problem for holds, problem in checks if not holds]
    if problems:
        raise ConfigError("; ".join(problems))
