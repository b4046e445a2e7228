"""The data sets that inkdigits knows by name, and how to load one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from inkdigits.data.dataset import Dataset
from inkdigits.data.idx import IdxFile, read_idx
from inkdigits.errors import DataError, unknown_name

SPLITS = ("train", "test")


@dataclass(frozen=True)
class CatalogEntry:
    """A data set in the catalog: two IDX files a split, and where they are when no other folder is given."""

    title: str
    source: str
    licence: str
    folder: Path
    files: dict[str, tuple[IdxFile, IdxFile]]  # split -> (images, labels)


CATALOG: Final = {
    "mnist": CatalogEntry(
        title="MNIST handwritten digits",
        source="Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, 1998",
        licence="CC BY-SA 3.0",
        folder=Path(__file__).parent / "mnist",
        files={
            "train": (
                IdxFile(
                    "train-images-idx3-ubyte",
                    (60_000, 28, 28),
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                ),
                IdxFile(
                    "train-labels-idx1-ubyte",
                    (60_000,),
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                ),
            ),
            "test": (
                IdxFile(
                    "t10k-images-idx3-ubyte",
                    (10_000, 28, 28),
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                ),
                IdxFile(
                    "t10k-labels-idx1-ubyte",
                    (10_000,),
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                ),
            ),
        },
    ),
}


def load_dataset(name: str, split: str = "train", *, root: str | Path | None = None) -> Dataset:
    """Load a data set by name, verified byte for byte.

    Args:
        name: a name of `CATALOG`.
        split: "train" or "test".
        root: a folder that holds the files already, as torchvision lays them out (`ROOT/MNIST/raw`) or plain;
            None = the copy in the package.

    Returns:
        The images, uint8 (N, 28, 28), 0 = paper, 255 = ink, and their labels.

    Raises:
        ConfigError: the name or the split is unknown.
        DataError: a file is missing or damaged.

    Example:
        >>> load_dataset("mnist", "test")
        Dataset(mnist:test, 10,000 images 28x28)
    """
    if name not in CATALOG:
        raise unknown_name("data set", name, CATALOG)
    if split not in SPLITS:
        raise unknown_name("split", split, SPLITS)
    entry = CATALOG[name]
    images_file, labels_file = entry.files[split]
    return Dataset(
        name=name,
        split=split,
        images=read_idx(dataset_file(name, images_file, root), images_file),
        labels=read_idx(dataset_file(name, labels_file, root), labels_file).astype(np.int64),
    )


def dataset_file(name: str, file: IdxFile, root: str | Path | None = None) -> Path:
    """Return where a file of a data set lies.

    Raises:
        DataError: `root` holds it in none of the places it could be.
    """
    given = Path(root) if root is not None else None
    folders = [CATALOG[name].folder] if given is None else [given / name.upper() / "raw", given / "raw", given]
    places = [folder / (file.name + suffix) for folder in folders for suffix in ("", ".gz")]
    for place in places:
        if place.is_file():
            return place
    raise DataError(
        f"{file.name} is not in {' or '.join(map(str, folders))}, neither plain nor with .gz. "
        "Leave out --root (root=None) to use the copy that ships in the package"
    )
