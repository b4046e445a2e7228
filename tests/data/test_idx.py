"""A damaged IDX file is found before the first epoch, and the message says what is wrong with it."""

import gzip
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.catalog import CATALOG
from inkdigits.data.idx import read_idx
from inkdigits.errors import DataError

LABELS = CATALOG["mnist"].files["test"][1]
IMAGES = CATALOG["mnist"].files["test"][0]
FOLDER = CATALOG["mnist"].folder


def content_of(name: str) -> bytes:
    return gzip.decompress((FOLDER / f"{name}.gz").read_bytes())


def test_an_intact_file_is_read_gzipped_or_plain(tmp_path: Path) -> None:
    plain = tmp_path / LABELS.name
    plain.write_bytes(content_of(LABELS.name))
    assert np.array_equal(read_idx(plain, LABELS), read_idx(FOLDER / f"{LABELS.name}.gz", LABELS))


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    content, path, chance = content_of(LABELS.name), tmp_path / LABELS.name, random.Random(0)
    for _ in range(400):
        place = chance.randrange(len(content))
        damaged = bytearray(content)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="expected"):
            read_idx(path, LABELS)


def test_a_flipped_byte_is_told_by_the_sha256(tmp_path: Path) -> None:
    damaged = bytearray(content_of(IMAGES.name))
    damaged[5_000_000] ^= 1
    path = tmp_path / IMAGES.name
    path.write_bytes(damaged)
    with pytest.raises(
        DataError, match=r"t10k-images.*expected content with SHA-256 0fa7898d.*, found .*damaged.*`inkdigits data`"
    ):
        read_idx(path, IMAGES)


def test_a_short_file_is_told_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / LABELS.name
    path.write_bytes(content_of(LABELS.name)[:-1])
    with pytest.raises(DataError, match=r"expected 10,008 bytes, found 10,007\. `inkdigits data`"):
        read_idx(path, LABELS)


@pytest.mark.parametrize("length", range(8))
def test_a_file_shorter_than_its_header_is_told_by_its_size(tmp_path: Path, length: int) -> None:
    path = tmp_path / LABELS.name
    path.write_bytes(content_of(LABELS.name)[:length])
    with pytest.raises(DataError, match=f"expected 10,008 bytes, found {length}"):
        read_idx(path, LABELS)


def test_a_long_file_is_told_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / LABELS.name
    path.write_bytes(content_of(LABELS.name) + b"x")
    with pytest.raises(DataError, match="expected 10,008 bytes, found more than 10,008"):
        read_idx(path, LABELS)


def test_a_wrong_magic_number_is_told(tmp_path: Path) -> None:
    path = tmp_path / LABELS.name
    path.write_bytes(content_of(IMAGES.name)[:10_008])
    with pytest.raises(DataError, match="expected the magic number 0x00000801, found 0x00000803"):
        read_idx(path, LABELS)


def test_a_wrong_shape_is_told(tmp_path: Path) -> None:
    path = tmp_path / LABELS.name
    path.write_bytes(struct.pack(">II", 0x801, 9_999) + content_of(LABELS.name)[8:-1])
    with pytest.raises(DataError, match=r"expected the shape \(10000,\), found \(9999,\)"):
        read_idx(path, LABELS)


def test_the_training_file_in_place_of_the_test_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / LABELS.name
    path.write_bytes(content_of("train-labels-idx1-ubyte"))
    with pytest.raises(DataError, match=r"expected the shape \(10000,\), found \(60000,\)"):
        read_idx(path, LABELS)


def test_a_damaged_gzip_is_told(tmp_path: Path) -> None:
    packed = (FOLDER / f"{LABELS.name}.gz").read_bytes()
    path = tmp_path / f"{LABELS.name}.gz"
    for damaged in (packed[:-2000], packed[:20], packed[:2], packed[:100] + b"\0" * 50 + packed[150:]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"cannot be unpacked|expected"):
            read_idx(path, LABELS)


def test_a_gzip_bomb_stops_at_the_expected_size(tmp_path: Path) -> None:
    path = tmp_path / f"{LABELS.name}.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(200):
            file.write(bytes(10**6))
    with pytest.raises(DataError, match="expected"):
        read_idx(path, LABELS)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        read_idx(tmp_path / "missing", LABELS)
    with pytest.raises(DataError, match="cannot be unpacked"):
        read_idx(tmp_path, LABELS)
