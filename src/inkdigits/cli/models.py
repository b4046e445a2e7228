"""What a user names as a model, opened: a run, a checkpoint, an ONNX file, or the model in the package."""

from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from inkdigits.config import TrainConfig
from inkdigits.data.catalog import load_dataset
from inkdigits.data.dataset import PAIRS, Dataset
from inkdigits.data.split import split_dataset
from inkdigits.errors import ConfigError, ModelError, require, unknown_name
from inkdigits.inference.ensemble import Ensemble
from inkdigits.types import Classifier

SHIPPED = "shipped"
JOINT = "+"  # between the names of models that answer together


@dataclass(frozen=True)
class OpenedModel:
    """A classifier with what is known about it.

    Attributes:
        folder: of the run or the ensemble; None for a single file.
        configs: one for each network; empty where one of them is an ONNX file, which keeps no training settings.
        epochs: the run's history as dictionaries; empty when unknown.
        networks: how many answer together.
    """

    name: str
    classifier: Classifier
    dataset: str
    parameters: int | None
    train_seconds: float | None = None
    folder: Path | None = None
    configs: tuple[TrainConfig, ...] = ()
    epochs: tuple[dict[str, Any], ...] = ()
    networks: int = 1

    def facts(self) -> list[tuple[str, str]]:
        """Return what is known, as rows for a report."""
        rows = [("model", self.name)]
        if self.networks > 1:
            rows.append(("networks", str(self.networks)))
        if self.parameters is not None:
            rows.append(("parameters", f"{self.parameters:,}"))
        settings = [_settings(config) for config in self.configs]
        for label in dict.fromkeys(label for each in settings for label in each):
            told = [each.get(label, "-") for each in settings]
            rows.append((label, told[0] if len(set(told)) == 1 else "; ".join(told)))
        if self.train_seconds is not None:
            rows.append(("training loop until this epoch", f"{self.train_seconds:.1f} s"))
        return rows


def _settings(config: TrainConfig) -> dict[str, str]:
    """Return what a report tells of a training run."""
    rows = {
        "network": config.model,
        "optimiser": f"{config.optimizer}, learning rate {config.learning_rate:g}, {config.schedule}",
        "batch size": str(config.batch_size),
        "epochs": f"{config.epochs}, of which the {config.keep} is kept",
        "validation": f"{config.validation_size:,} images held out of the training set",
        "seed": str(config.seed),
    }
    if config.views > 1:
        rows["views"] = f"{config.views} of each image; one while it trained"
    if config.teacher is not None:
        rows["taught by"] = config.teacher
    return rows


def open_model(target: str) -> OpenedModel:
    """Open the folder of a run or an ensemble, a .safetensors or .onnx file, "shipped", or several with + between.

    Raises:
        ConfigError: of several, the classes or the data sets differ.
        ModelError: it is missing or damaged.
        MissingExtraError: it needs torch and torch is not installed.
    """
    path = Path(target)
    if not target:
        raise ConfigError("a model's name is missing: the folder of a run, a .safetensors or .onnx file, or `shipped`")
    if JOINT in target and not path.exists():
        return _together(target, [open_model(part) for part in target.split(JOINT)])
    if target == SHIPPED or path.suffix == ".onnx":
        from inkdigits.inference.onnx_classifier import OnnxClassifier
        from inkdigits.inference.weights import shipped_classifier

        classifier = shipped_classifier() if target == SHIPPED else OnnxClassifier(path)
        about = classifier.about
        return OpenedModel(target, classifier, classifier.dataset, about.get("parameters"))
    require("torch", extra="train", purpose="opening a checkpoint")
    if not path.exists():
        raise ModelError(
            f"{path}: there is no such file. `inkdigits train` makes one; `{SHIPPED}` names the model in the package"
        )
    from inkdigits.training.checkpoint import load_checkpoint
    from inkdigits.training.ensemble import is_ensemble, open_ensemble

    if is_ensemble(path):
        return replace(_together(target, [open_model(str(run)) for run in open_ensemble(path).finished()]), folder=path)
    checkpoint = load_checkpoint(path)
    return OpenedModel(
        name=target,
        classifier=checkpoint.classifier,
        dataset=checkpoint.config.dataset,
        parameters=sum(tensor.numel() for tensor in checkpoint.model.parameters()),
        train_seconds=checkpoint.seconds,
        folder=path if path.is_dir() else None,
        configs=(checkpoint.config,),
        epochs=tuple(checkpoint.history.to_dict()["epochs"]),
    )


def _together(name: str, members: list[OpenedModel]) -> OpenedModel:
    datasets = {member.dataset for member in members}
    if len(datasets) > 1:
        raise ConfigError(f"models that answer together must know one data set, got {', '.join(sorted(datasets))}")
    sizes = [member.parameters for member in members if member.parameters is not None]
    times = [member.train_seconds for member in members if member.train_seconds is not None]
    configs = [member.configs for member in members]
    return OpenedModel(
        name=name,
        classifier=Ensemble([member.classifier for member in members]),
        dataset=datasets.pop(),
        parameters=sum(sizes) if len(sizes) == len(members) else None,
        train_seconds=sum(times) if len(times) == len(members) else None,
        configs=tuple(chain(*configs)) if all(configs) else (),
        networks=sum(member.networks for member in members),
    )


def dataset_split(opened: OpenedModel, split: str, root: Path | None) -> Dataset:
    """Load the split of a model's data set that a user asked for; train and validation are split as in its training.

    Raises:
        ConfigError: there is no such split, or the model does not tell how it was split.
    """
    if split == "test":
        return _as_pairs(opened, load_dataset(opened.dataset, "test", root=root))
    if split not in ("train", "validation"):
        raise unknown_name("split", split, ("train", "validation", "test"))
    if opened.networks > 1:
        raise ConfigError(f"the networks of {opened.name} have a {split} split each: evaluate one of them")
    if not opened.configs:
        raise ConfigError(f"{opened.name} does not tell how its training set was split: evaluate the run instead")
    [config] = opened.configs
    whole = load_dataset(opened.dataset, "train", root=root)
    train_set, valid_set = split_dataset(whole, config.validation_size, seed=config.seed)
    return _as_pairs(opened, train_set if split == "train" else valid_set)


def _as_pairs(opened: OpenedModel, digits: Dataset) -> Dataset:
    """Return as many pairs of touching digits as there are digits, for a model that reads pairs."""
    if opened.classifier.class_names != PAIRS:
        return digits
    from inkdigits.data.synthesis import touching_pairs

    seed = opened.configs[0].seed if len(opened.configs) == 1 else 0
    if digits.split == "test":
        seed += 1  # pairs that meet in another way than those of validation
    return touching_pairs(digits, len(digits), seed=seed)
