"""inkdigits: train on the MNIST family in seconds, evaluate honestly, read real pictures of handwritten digits."""

from importlib import import_module
from typing import TYPE_CHECKING

from inkdigits.version import __version__

if TYPE_CHECKING:
    from inkdigits.config import AugmentConfig as AugmentConfig
    from inkdigits.config import TrainConfig as TrainConfig
    from inkdigits.data.catalog import load_dataset as load_dataset
    from inkdigits.data.dataset import Dataset as Dataset
    from inkdigits.data.split import split_dataset as split_dataset
    from inkdigits.evaluation.calibration import best_temperature as best_temperature
    from inkdigits.evaluation.evaluate import Evaluation as Evaluation
    from inkdigits.evaluation.evaluate import evaluate as evaluate
    from inkdigits.evaluation.metrics import wilson_interval as wilson_interval
    from inkdigits.evaluation.plots import plot_confusion as plot_confusion
    from inkdigits.evaluation.plots import plot_curves as plot_curves
    from inkdigits.evaluation.plots import plot_images as plot_images
    from inkdigits.evaluation.probabilities import probability_table as probability_table
    from inkdigits.export import export_onnx as export_onnx
    from inkdigits.imaging.binarize import find_ink as find_ink
    from inkdigits.imaging.files import load_picture as load_picture
    from inkdigits.imaging.normalize import normalize_digit as normalize_digit
    from inkdigits.inference.onnx_classifier import OnnxClassifier as OnnxClassifier
    from inkdigits.inference.softmax import softmax as softmax
    from inkdigits.inference.weights import shipped_classifier as shipped_classifier
    from inkdigits.models.classifier import TorchClassifier as TorchClassifier
    from inkdigits.models.registry import create_model as create_model
    from inkdigits.models.registry import list_models as list_models
    from inkdigits.models.summary import summarize as summarize
    from inkdigits.reading.reader import Reader as Reader
    from inkdigits.reading.result import Reading as Reading
    from inkdigits.reading.trace import draw_trace as draw_trace
    from inkdigits.recipes.catalog import RECIPES as RECIPES
    from inkdigits.training.augmentation import augment as augment
    from inkdigits.training.checkpoint import Checkpoint as Checkpoint
    from inkdigits.training.checkpoint import create_checkpoint as create_checkpoint
    from inkdigits.training.checkpoint import load_checkpoint as load_checkpoint
    from inkdigits.training.checkpoint import save_checkpoint as save_checkpoint
    from inkdigits.training.fit import fit as fit
    from inkdigits.training.history import EpochRecord as EpochRecord
    from inkdigits.training.loop import train as train

# Each public name and the module that defines it. Nothing is imported before it is asked for, so
# `import inkdigits` loads neither torch nor numpy.
_PUBLIC = {
    "AugmentConfig": "inkdigits.config",
    "Checkpoint": "inkdigits.training.checkpoint",
    "Dataset": "inkdigits.data.dataset",
    "EpochRecord": "inkdigits.training.history",
    "Evaluation": "inkdigits.evaluation.evaluate",
    "OnnxClassifier": "inkdigits.inference.onnx_classifier",
    "RECIPES": "inkdigits.recipes.catalog",
    "Reader": "inkdigits.reading.reader",
    "Reading": "inkdigits.reading.result",
    "TorchClassifier": "inkdigits.models.classifier",
    "TrainConfig": "inkdigits.config",
    "augment": "inkdigits.training.augmentation",
    "best_temperature": "inkdigits.evaluation.calibration",
    "create_checkpoint": "inkdigits.training.checkpoint",
    "create_model": "inkdigits.models.registry",
    "draw_trace": "inkdigits.reading.trace",
    "evaluate": "inkdigits.evaluation.evaluate",
    "export_onnx": "inkdigits.export",
    "find_ink": "inkdigits.imaging.binarize",
    "fit": "inkdigits.training.fit",
    "list_models": "inkdigits.models.registry",
    "load_checkpoint": "inkdigits.training.checkpoint",
    "load_dataset": "inkdigits.data.catalog",
    "load_picture": "inkdigits.imaging.files",
    "normalize_digit": "inkdigits.imaging.normalize",
    "plot_confusion": "inkdigits.evaluation.plots",
    "plot_curves": "inkdigits.evaluation.plots",
    "plot_images": "inkdigits.evaluation.plots",
    "probability_table": "inkdigits.evaluation.probabilities",
    "save_checkpoint": "inkdigits.training.checkpoint",
    "shipped_classifier": "inkdigits.inference.weights",
    "softmax": "inkdigits.inference.softmax",
    "split_dataset": "inkdigits.data.split",
    "summarize": "inkdigits.models.summary",
    "train": "inkdigits.training.loop",
    "wilson_interval": "inkdigits.evaluation.metrics",
}

__all__ = [  # noqa: PLE0604 - the table above is the one list of names
    "__version__",
    *_PUBLIC,
]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'inkdigits' has no attribute {name!r}; public names: {', '.join(_PUBLIC)}")
    try:
        return getattr(import_module(_PUBLIC[name]), name)
    except ModuleNotFoundError as error:
        from inkdigits.errors import MissingExtraError

        mend = 'pip install "inkdigits[train]"'
        raise MissingExtraError(f"inkdigits.{name} needs the package {error.name!r}, not installed: {mend}") from error


def __dir__() -> list[str]:
    return sorted(__all__)
