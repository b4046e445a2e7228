"""The label of a picture is in its name or in its folder's."""

from pathlib import Path

import pytest

from inkdigits.data.folder import labelled_pictures
from inkdigits.errors import DataError, InputError

DIGITS = tuple("0123456789")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_labels_are_read_off_folders_and_names(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "7/a.png",
        "7/b.JPG",
        "3_x.png",
        "0.webp",
        "4-2.png",
        "5 c.bmp",
        ".hidden.png",
        ".thumbs/7.jpg",
        "notes.txt",
    )
    found = {path.name: label for path, label in labelled_pictures(tmp_path, DIGITS)}
    assert found == {"a.png": 7, "b.JPG": 7, "3_x.png": 3, "0.webp": 0, "4-2.png": 4, "5 c.bmp": 5}


@pytest.mark.parametrize("name", ["seven.png", "77_a.png", "x/1_a.png", "_7.png"])
def test_a_label_that_is_none_is_told(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "1_a.png", name)
    with pytest.raises(DataError, match="is none of 0 1 2 3 4 5 6 7 8 9; put the picture"):
        labelled_pictures(tmp_path, DIGITS)


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no labelled picture"):
        labelled_pictures(tmp_path, DIGITS)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        labelled_pictures(tmp_path / "missing", DIGITS)
