"""Sweeps: many short runs with other settings, chosen by Optuna, measured on validation images alone."""

import json
import logging
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkdigits.config import OPTIMIZERS, TrainConfig
from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError, StorageError, TrainingError, require, unknown_name
from inkdigits.models.registry import list_models
from inkdigits.training.checkpoint import create_checkpoint
from inkdigits.training.history import EpochRecord
from inkdigits.training.loop import train
from inkdigits.training.run import JOURNAL, is_taken
from inkdigits.training.sets import training_sets

if TYPE_CHECKING:
    import optuna

STUDY = "inkdigits"  # its name in the journal
QUESTION, ENDED = "question", "ended"  # what the journal keeps of the study, and of each trial that has ended
RANDOM_TRIALS = 5  # before the sampler and the pruner have anything to go by
FINISHED, PRUNED, DIVERGED = "finished", "pruned", "diverged"


@dataclass(frozen=True)
class Space:
    """What a sweep may choose from.

    Attributes:
        models: names from `list_models()`.
        batch_sizes: images.
        optimizers: from sgd, adam, adamw, adagrad.
        learning_rates: lowest and highest; drawn evenly on a logarithmic scale.

    Raises:
        ConfigError: a choice cannot be used, or there is none.
    """

    models: tuple[str, ...]
    batch_sizes: tuple[int, ...] = (8, 16, 32, 64, 128, 256)
    optimizers: tuple[str, ...] = OPTIMIZERS
    learning_rates: tuple[float, float] = (1e-4, 1e-1)

    def __post_init__(self) -> None:
        lowest, highest = self.learning_rates
        if not 0 < lowest <= highest < math.inf:
            raise ConfigError(f"learning rates go from a low one above 0 to a high one, got {lowest:g} to {highest:g}")
        for name, choices in asdict(self).items():
            if not choices:
                raise ConfigError(f"a sweep needs {name.replace('_', ' ')} to choose from, got none")
        for kind, names, known in (
            ("model", self.models, list_models()),
            ("optimizer", self.optimizers, OPTIMIZERS),
        ):
            if unknown := set(names) - set(known):
                raise unknown_name(kind, min(unknown), known)
        if min(self.batch_sizes) < 1:
            raise ConfigError(f"batch sizes must be at least 1 image, got {min(self.batch_sizes)}")


@dataclass(frozen=True)
class Trial:
    """One run of a sweep that has ended.

    Attributes:
        number: from 0, in the order they began.
        state: "finished"; "pruned", when it was worse than most others after as many epochs; or "diverged".
        settings: what was chosen for it.
        valid_accuracy: of the epoch that its config keeps, a fraction; None when it diverged before the first.
        epochs: that it ran.
        seconds: that it took, validation included.
    """

    number: int
    state: str
    settings: Mapping[str, Any]
    valid_accuracy: float | None
    epochs: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return every field as JSON accepts it."""
        return asdict(self)


def tune(config: TrainConfig, space: Space, folder: Path, *, trials: int) -> Iterator[Trial]:
    """Run trials until the study in a folder has as many, and yield each when it ends.

    What is chosen next depends on all trials before (Optuna's TPE); one that is worse than the median of the others
    after as many epochs is ended. The folder's journal keeps every trial: a sweep that was stopped, or killed, goes on
    with the next. Several processes may work on one study, which may then have a few trials more.

    Args:
        config: everything that the space does not choose.
        space: what may be chosen.
        folder: of the study; made if it is not there.
        trials: how many the study shall have in the end.

    Raises:
        ConfigError: the folder holds a study of other settings or a run, or the networks learn from other images.
        MissingExtraError: optuna is not installed.
        StorageError: the folder cannot be written.
    """
    for model in space.models:
        if config.replace({"model": model}).pairs != config.pairs:
            raise ConfigError(f"{model!r} and {config.model!r} learn from other images: they make no one sweep")
    if is_taken(folder) and not (folder / JOURNAL).exists():
        raise ConfigError(f"{folder} holds a run: choose another folder for the study with --out")
    study = _open_study(config, space, folder)
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    sets = training_sets(config)
    while len(_ended(study)) < trials:
        # Seeded by how far the study is: seeded once, a restarted sweep would suggest its first settings again.
        seed = config.seed + len(study.get_trials())
        study.sampler = TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS)
        asked = study.ask()
        trial = _run(asked, config, space, sets)
        asked.set_user_attr(ENDED, trial.to_dict())
        if trial.state == FINISHED:
            study.tell(asked, trial.valid_accuracy)
        else:  # Optuna uses what a pruned trial has reported, and nothing of one that failed
            study.tell(asked, state=TrialState.PRUNED if trial.state == PRUNED else TrialState.FAIL)
        yield trial


def load_trials(folder: Path) -> list[Trial]:
    """Return the ended trials of the study in a folder, in the order they began.

    Raises:
        ConfigError: the folder holds no study.
        MissingExtraError: optuna is not installed.
    """
    require("optuna", extra="tune", purpose="a sweep")
    import optuna

    if not (folder / JOURNAL).exists():
        raise ConfigError(f"{folder} holds no study: `inkdigits tune --out {folder}` begins one")
    return _ended(optuna.load_study(study_name=STUDY, storage=_journal(folder)))


def _run(asked: "optuna.Trial", config: TrainConfig, space: Space, sets: tuple[Dataset, Dataset]) -> Trial:
    began, state, accuracies = time.perf_counter(), FINISHED, list[float]()
    settings = {
        "model": asked.suggest_categorical("model", space.models),
        "batch_size": asked.suggest_categorical("batch_size", space.batch_sizes),
        "optimizer": asked.suggest_categorical("optimizer", space.optimizers),
        "learning_rate": asked.suggest_float("learning_rate", *space.learning_rates, log=True),
    }
    if settings["optimizer"] != "sgd":
        config = config.replace({"momentum": 0.0})  # which belongs to sgd alone
    try:
        for record in train(create_checkpoint(config.replace(settings)), *sets):
            if not isinstance(record, EpochRecord) or record.epoch == 0:
                continue
            accuracies.append(record.valid_accuracy)
            asked.report(record.valid_accuracy, record.epoch)
            if record.epoch < config.epochs and asked.should_prune():
                state = PRUNED
                break
    except TrainingError:
        state = DIVERGED
    kept = accuracies[-1:] if config.keep == "last" else accuracies
    return Trial(asked.number, state, settings, max(kept, default=None), len(accuracies), time.perf_counter() - began)


def _open_study(config: TrainConfig, space: Space, folder: Path) -> "optuna.Study":
    require("optuna", extra="tune", purpose="a sweep")
    import optuna

    optuna.logging.set_verbosity(logging.ERROR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            storage=_journal(folder), study_name=STUDY, direction="maximize", load_if_exists=True
        )
    except OSError as error:
        raise StorageError(error.errno, f"cannot write to {folder}: {error.strerror}; choose another --out") from error
    study.pruner = optuna.pruners.MedianPruner(RANDOM_TRIALS)
    free = {"device": "auto", "threads": None, "views": 1}  # where it computes, and what no trial is measured with
    settings = config.replace(free).to_dict()
    question = json.dumps({"config": settings, "space": asdict(space)})
    before = json.loads(study.user_attrs.get(QUESTION, question))
    then = TrainConfig.from_dict(before["config"])  # what is new since has its default
    before["config"] = then.replace(free).to_dict()
    if json.dumps(before) != question:
        raise ConfigError(
            f"{folder} holds a study of other settings, whose trials cannot be compared with these: repeat its "
            "settings, or choose another --out"
        )
    study.set_user_attr(QUESTION, question)
    return study


def _journal(folder: Path) -> "optuna.storages.JournalStorage":
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    # Absolute: the lock is a link to the file, and a relative one would lead nowhere, for ever.
    return JournalStorage(JournalFileBackend(str((folder / JOURNAL).resolve())))


def _ended(study: "optuna.Study") -> list[Trial]:
    """Return the trials of a study that have ended; those of a killed process never do."""
    return [Trial(**trial.user_attrs[ENDED]) for trial in study.get_trials() if ENDED in trial.user_attrs]
