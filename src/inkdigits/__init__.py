"""inkdigits: train on the MNIST family in seconds, evaluate honestly, read real pictures of handwritten digits."""

from importlib import import_module
from typing import TYPE_CHECKING

from inkdigits.version import __version__

if TYPE_CHECKING:
    from inkdigits.config import TrainConfig as TrainConfig
    from inkdigits.data.catalog import load_dataset as load_dataset
    from inkdigits.data.dataset import Dataset as Dataset
    from inkdigits.evaluation.evaluate import evaluate as evaluate
    from inkdigits.export import export_onnx as export_onnx
    from inkdigits.models.registry import create_model as create_model
    from inkdigits.models.registry import list_models as list_models
    from inkdigits.reading.reader import Reader as Reader
    from inkdigits.reading.result import Reading as Reading
    from inkdigits.recipes import RECIPES as RECIPES
    from inkdigits.training.fit import fit as fit
    from inkdigits.training.loop import train as train

# Each public name and the module that defines it. Nothing is imported before it is asked for, so
# `import inkdigits` loads neither torch nor numpy.
_PUBLIC = {
    "Dataset": "inkdigits.data.dataset",
    "RECIPES": "inkdigits.recipes",
    "Reader": "inkdigits.reading.reader",
    "Reading": "inkdigits.reading.result",
    "TrainConfig": "inkdigits.config",
    "create_model": "inkdigits.models.registry",
    "evaluate": "inkdigits.evaluation.evaluate",
    "export_onnx": "inkdigits.export",
    "fit": "inkdigits.training.fit",
    "list_models": "inkdigits.models.registry",
    "load_dataset": "inkdigits.data.catalog",
    "train": "inkdigits.training.loop",
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
