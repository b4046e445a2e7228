"""Labelled pictures in a folder, the label in the name."""

import re
from pathlib import Path

from inkdigits.errors import DataError, InputError
from inkdigits.imaging.files import SUFFIXES

PICTURES = {suffix for suffixes in SUFFIXES.values() for suffix in suffixes}


def labelled_pictures(folder: Path, class_names: tuple[str, ...]) -> list[tuple[Path, int]]:
    """Return the pictures of a folder with their labels, in the order of their names.

    Args:
        folder: holds a folder for each label, 7/anything.png, or pictures whose names begin with the label: 7.png,
            7_a.png, 7-2.jpg. Hidden files and files without a suffix of a picture are passed over.
        class_names: the names of the classes, in the order of the labels.

    Raises:
        InputError: it is no folder that can be opened.
        DataError: it holds no labelled picture, or one whose label is none of the classes.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; name the folder that holds the labelled pictures")
    try:
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES and path.is_file())
    except OSError as error:
        raise InputError(f"{folder}: cannot be opened: {error.strerror}") from error
    files = [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    found = []
    for path in files:
        named = path.parent.name if path.parent != folder else re.split(r"[_\-. ]", path.name)[0]
        if named not in class_names:
            raise DataError(
                f"{path}: the label {named!r} is none of {' '.join(class_names)}; "
                "put the picture into a folder named by its label, or begin its name with it: 7_a.png"
            )
        found.append((path, class_names.index(named)))
    if not found:
        raise DataError(f"{folder}: no labelled picture; name them 7_a.png, or put them into folders 0 to 9")
    return found
