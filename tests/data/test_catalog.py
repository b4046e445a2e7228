"""MNIST is there without a network, and it is MNIST."""

import gzip
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.catalog import CATALOG, load_dataset
from inkdigits.errors import ConfigError, DataError


def test_mnist_has_the_published_counts_shapes_and_types() -> None:
    for split, size in (("train", 60_000), ("test", 10_000)):
        dataset = load_dataset("mnist", split)
        assert dataset.images.shape == (size, 28, 28)
        assert dataset.images.dtype == np.uint8
        assert dataset.labels.shape == (size,)
        assert dataset.labels.dtype == np.int64
        assert dataset.split == split
    assert list(dataset.counts().values()) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_first_training_labels_are_the_known_ones() -> None:
    dataset = load_dataset("mnist")
    assert dataset.labels[:12].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5]


def test_the_files_are_those_whose_md5_the_world_knows() -> None:
    known = {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    }
    for name, md5 in known.items():
        content = gzip.decompress((CATALOG["mnist"].folder / f"{name}.gz").read_bytes())
        assert hashlib.md5(content).hexdigest() == md5


def test_ink_is_bright_and_paper_is_black() -> None:
    images = load_dataset("mnist", "test").images
    assert images[:, 0, :].max() == 0
    assert images.max() == 255


@pytest.mark.parametrize("layout", ["MNIST/raw", "raw", "."])
@pytest.mark.parametrize("packed", [True, False])
def test_a_torchvision_folder_is_read_too(tmp_path: Path, layout: str, packed: bool) -> None:
    folder = tmp_path / layout
    folder.mkdir(parents=True, exist_ok=True)
    for file in CATALOG["mnist"].files["test"]:
        source = CATALOG["mnist"].folder / f"{file.name}.gz"
        if packed:
            shutil.copy(source, folder)
        else:
            (folder / file.name).write_bytes(gzip.decompress(source.read_bytes()))
    assert np.array_equal(load_dataset("mnist", "test", root=tmp_path).images, load_dataset("mnist", "test").images)


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte is not in .*MNIST.raw or .*Leave out --root"):
        load_dataset("mnist", root=tmp_path)


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown data set 'minst': did you mean mnist"):
        load_dataset("minst")
    with pytest.raises(ConfigError, match="unknown split 'tset': did you mean test"):
        load_dataset("mnist", "tset")
