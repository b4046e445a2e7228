"""The whole state of a training run, and the one file that holds it.

A checkpoint is ONE safetensors file: the weights as `model.*`, their moving average, where there is one, as
`average.*`, the optimiser's state as `optimizer.*`, the images' losses, where hard ones are asked for, as `losses`;
everything else as JSON in the file's metadata. One file, because one rename is atomic and three are not. No pickle
anywhere.
"""

import copy
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from inkdigits.config import TrainConfig
from inkdigits.data.dataset import DIGITS, PAIRS
from inkdigits.errors import ConfigError, ModelError
from inkdigits.models.classifier import TorchClassifier
from inkdigits.models.registry import create_model
from inkdigits.storage import write_file
from inkdigits.training.device import choose_device
from inkdigits.training.history import EpochRecord, History
from inkdigits.training.optim import fitting_state
from inkdigits.version import __version__

FORMAT = 1
ENSEMBLE = "ensemble.json"  # in a folder that holds several runs, see `training/ensemble.py`


@dataclass
class Checkpoint:
    """The state that `train()` moves forward."""

    config: TrainConfig
    model: nn.Module
    class_names: tuple[str, ...] = DIGITS
    epoch: int = 0  # finished epochs
    step: int = 0  # finished steps
    seconds: float = 0.0  # spent in the loop
    processes: int = 1  # that trained it last, together
    history: History = field(default_factory=History)
    optimizer: dict[str, Tensor] = field(default_factory=dict)  # "3.exp_avg": the state of parameter 3
    losses: Tensor | None = (
        None  # float32 (N,): of each training image when last seen, where the config asks for hard ones
    )
    taught_by: str | None = None  # the digest of its teacher's weights, where it has one
    temperature: float = 1.0  # of the logits, where smoothed labels or a teacher's answers were learnt
    average: nn.Module | None = None  # the moving average of the model's weights, where the config asks for one

    @property
    def network(self) -> nn.Module:
        """The network that is measured, kept and exported: the average where there is one."""
        return self.model if self.average is None else self.average

    @property
    def classifier(self) -> TorchClassifier:
        """The network as evaluation and reading know it."""
        four_views = self.config.views == 4
        return TorchClassifier(self.network, self.class_names, temperature=self.temperature, four_views=four_views)

    def keeps(self, record: EpochRecord) -> bool:
        """Tell whether this epoch, just finished, takes the place of the one that was kept before."""
        return record.best or self.config.keep == "last"

    def copy(self) -> "Checkpoint":
        """Return the state as it is now; training on does not change it."""
        return copy.deepcopy(self)

    def __repr__(self) -> str:
        return f"Checkpoint({self.config.model}, epoch {self.epoch} of {self.config.epochs}, {self.history!r})"


def create_checkpoint(config: TrainConfig) -> Checkpoint:
    """Return the state before the first step: fresh weights on the config's device."""
    device = choose_device(config.device)
    class_names = PAIRS if config.pairs else DIGITS
    model = _placed(create_model(config.model, num_classes=len(class_names), seed=config.seed), device)
    return Checkpoint(config, model, class_names, average=copy.deepcopy(model) if config.average else None)


def _placed(model: nn.Module, device: torch.device) -> nn.Module:
    """Put a network on a device, with all channels of a pixel together: convolutions are faster that way.

    Loaded or fresh, the order is the same, since in another one sums are rounded differently. It is in eval mode, which
    `train` leaves within an epoch alone: whoever asks it gets the answers of a trained network.
    """
    placed: nn.Module = model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    return placed.eval()


def save_checkpoint(checkpoint: Checkpoint, path: str | Path, *, new: bool = False) -> None:
    """Write a checkpoint; a crash at any moment leaves the old file or the new one.

    Args:
        checkpoint: the state.
        path: of the file.
        new: refuse when the file is there by now.

    Raises:
        StorageError: the file cannot be written.
    """
    tensors = {f"model.{name}": tensor for name, tensor in checkpoint.model.state_dict().items()}
    if checkpoint.average is not None:
        tensors |= {f"average.{name}": tensor for name, tensor in checkpoint.average.state_dict().items()}
    tensors |= {f"optimizer.{name}": tensor for name, tensor in checkpoint.optimizer.items()}
    if checkpoint.losses is not None:
        tensors |= {"losses": checkpoint.losses}
    about = {
        "format": FORMAT,
        "inkdigits": __version__,
        "torch": torch.__version__,
        "config": checkpoint.config.to_dict(),
        "class_names": checkpoint.class_names,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "seconds": checkpoint.seconds,
        "processes": checkpoint.processes,
        "taught_by": checkpoint.taught_by,
        "temperature": checkpoint.temperature,
        "history": checkpoint.history.to_dict()["epochs"],
    }
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_file(Path(path), save(on_cpu, {"inkdigits": json.dumps(about)}), new=new)


def load_checkpoint(path: str | Path, *, device: str | None = "auto") -> Checkpoint:
    """Read a checkpoint onto a device; where it was trained does not matter.

    Args:
        path: the file, or the folder of a run, whose kept epoch is then taken.
        device: "auto", "cpu", "cuda" or "mps"; None = the one that its settings name.

    Raises:
        ModelError: the file is missing, damaged, or not an inkdigits checkpoint.
        ConfigError: the device is not there.
    """
    path = Path(path)
    if (path / ENSEMBLE).is_file():
        raise ModelError(f"{path} holds several networks: name one of them, such as {path / '1'}")
    if path.is_dir():
        path = path / "best.safetensors"
    if path.suffix == ".onnx":
        raise ModelError(f"{path} is an exported model, which only answers: name the run that it was exported from")
    about, tensors = _read(path)
    try:
        config = TrainConfig.from_dict(about["config"])
        model = create_model(config.model, num_classes=len(about["class_names"]), seed=config.seed)
        average = copy.deepcopy(model) if config.average else None
        _fill(model, _under("model.", tensors), path, config.model)
        if average is not None:
            _fill(average, _under("average.", tensors), path, config.model)
        state = _under("optimizer.", tensors)
        _refuse_others(state, fitting_state(model, config.optimizer, state), path, config.optimizer)
        epoch, losses = int(about["epoch"]), _losses(tensors)
        if config.hard_share and epoch and losses is None:
            raise ValueError("it asks for hard images, and does not know the images' losses")
        checkpoint = Checkpoint(
            config=config,
            model=model,
            average=average,
            class_names=tuple(about["class_names"]),
            epoch=epoch,
            step=int(about["step"]),
            seconds=float(about["seconds"]),
            processes=int(about.get("processes", 1)),  # files of before have none
            taught_by=about.get("taught_by"),
            temperature=_temperature(about),
            history=History.from_records(about["history"]),
            optimizer=state,
            losses=losses,
        )
    except ConfigError as error:
        raise ModelError(f"{path} holds settings that this version cannot use: {error}") from error
    except ModelError:
        raise
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path} is not a whole inkdigits checkpoint: {error}. Train again, or use another") from error
    place = choose_device(device or checkpoint.config.device)
    checkpoint.model = _placed(checkpoint.model, place)
    checkpoint.average = _placed(checkpoint.average, place) if checkpoint.average is not None else None
    return checkpoint


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            about = json.loads((file.metadata() or {}).get("inkdigits", "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except FileNotFoundError:
        if path.exists():  # safetensors tells one that may not be read in the same way
            raise ModelError(f"{path} cannot be opened: look at its permissions") from None
        raise ModelError(f"{path}: there is no such file. `inkdigits train` makes one") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(
            f"{path} is not a whole safetensors file: {error}. It is damaged, or of another kind: pickles (.pt, .pth, "
            ".pkl), which can run code, are never opened. Train again, or save those weights as safetensors"
        ) from error
    if not isinstance(about, dict):
        raise ModelError(f"{path} is a safetensors file, but not an inkdigits checkpoint: its metadata has no run")
    if about.get("format") != FORMAT:
        raise ModelError(
            f"{path} has checkpoint format {about.get('format')}, this version reads {FORMAT}: "
            f"use inkdigits {about.get('inkdigits', 'of its time')}"
        )
    return about, tensors


def _fill(network: nn.Module, tensors: dict[str, Tensor], path: Path, name: str) -> None:
    """Put the weights of a file into the network of a name; refuse those of another one."""
    _refuse_others(tensors, network.state_dict(), path, name)
    network.load_state_dict(tensors)


def _refuse_others(tensors: dict[str, Tensor], like: dict[str, Tensor], path: Path, owner: str) -> None:
    """Refuse tensors of other names, shapes or types: a fused optimiser would walk through memory of others."""
    found, expected = (
        {name: f"{each.dtype} {tuple(each.shape)}".removeprefix("torch.") for name, each in some.items()}
        for some in (tensors, like)
    )
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise ModelError(
                f"{path} does not fit {owner} as this version builds it: tensor {name!r} is "
                f"{found.get(name, 'missing')}, expected {expected.get(name, 'none')}. Another version made it, or it "
                "is damaged: train again, or use another"
            )


def _losses(tensors: dict[str, Tensor]) -> Tensor | None:
    losses = tensors.get("losses")
    if losses is not None and (losses.dtype != torch.float32 or losses.ndim != 1):
        raise ValueError(f"its losses are {losses.dtype} {tuple(losses.shape)}, expected torch.float32 (N,)")
    return losses


def _temperature(about: dict[str, Any]) -> float:
    temperature = float(about.get("temperature", 1.0))
    if not 0 < temperature < math.inf:
        raise ValueError(f"its temperature is {temperature}")
    return temperature


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
