"""Several networks that answer as one, as a folder: a run for each, and one file that says how many there are.

RUN/ensemble.json    how many members, and the config that they share but for the seed
RUN/1, RUN/2, ...    their runs
"""

import json
from dataclasses import dataclass
from pathlib import Path

from inkdigits.config import TrainConfig
from inkdigits.errors import ConfigError, ModelError
from inkdigits.storage import write_file
from inkdigits.training.checkpoint import ENSEMBLE, create_checkpoint, load_checkpoint
from inkdigits.training.distributed import Team
from inkdigits.training.run import LAST, refuse_taken
from inkdigits.training.sets import validation_set


@dataclass(frozen=True)
class EnsembleRun:
    """The members of an ensemble: where they are and how each is trained.

    Attributes:
        folder: of them all.
        config: the first member's; each further one counts the seed up by one, and so has a split of its own too.
        members: how many.
    """

    folder: Path
    config: TrainConfig
    members: int

    @property
    def runs(self) -> dict[Path, TrainConfig]:
        """The folder of each member's run, and its config."""
        return {
            self.folder / str(number): self.config.replace({"seed": self.config.seed + number - 1})
            for number in range(1, self.members + 1)
        }

    def finished(self) -> list[Path]:
        """Return the members' runs when all are trained to their ends.

        Raises:
            ModelError: one is missing, damaged or stopped.
        """
        for run in self.runs:
            last = load_checkpoint(run / LAST, device="cpu") if (run / LAST).exists() else None
            if last is None or last.epoch < last.config.epochs:
                raise ModelError(
                    f"{self.folder} is not finished, {run} is missing or stopped: "
                    f"inkdigits train --resume {self.folder}"
                )
        return list(self.runs)


def is_ensemble(folder: Path) -> bool:
    """Tell whether a folder holds an ensemble."""
    return (folder / ENSEMBLE).is_file()


def start_ensemble(folder: Path, config: TrainConfig, members: int) -> EnsembleRun:
    """Write down what will be trained; of a team, in every process.

    Raises:
        ConfigError: the folder already holds a run or an ensemble, which is never overwritten, or there is no such
            network, device or data set.
        StorageError: the folder cannot be written.
    """
    ensemble, team = EnsembleRun(folder, config, members), Team()
    for each in (folder, *ensemble.runs):
        refuse_taken(each)
    create_checkpoint(config)  # what cannot be trained is refused before anything is written
    validation_set(config)
    team.sum([0])  # all have looked before the first one writes
    write_ensemble(ensemble)
    return ensemble


def write_ensemble(ensemble: EnsembleRun) -> None:
    """Write down what an ensemble consists of; of a team, the first process does.

    Raises:
        StorageError: the folder cannot be written.
    """
    if Team().rank == 0:
        about = {"members": ensemble.members, "config": ensemble.config.to_dict()}
        write_file(ensemble.folder / ENSEMBLE, (json.dumps(about, indent=2) + "\n").encode())


def open_ensemble(folder: Path) -> EnsembleRun:
    """Read what an ensemble consists of, whether or not its members are trained yet.

    Raises:
        ModelError: the folder holds no ensemble, or its file is damaged.
    """
    path = folder / ENSEMBLE
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        members, config = about["members"], TrainConfig.from_dict(about["config"])
        if type(members) is not int or members < 1:
            raise ValueError(f"members must be a whole number above 0, got {members!r}")
    except OSError as error:
        raise ModelError(f"cannot open {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, ConfigError) as error:
        raise ModelError(f"{path} does not describe an ensemble: {error}. Train it again") from error
    return EnsembleRun(folder, config, members)
