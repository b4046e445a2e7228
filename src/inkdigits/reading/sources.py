"""What a user names, made into the pictures meant: folders, patterns, and images written out as data: addresses."""

import base64
import glob
import re
import string
from pathlib import Path

from inkdigits.errors import InputError
from inkdigits.imaging.files import MAX_BYTES, SUFFIXES

PASSED = re.compile(r"-$|mnist:|https?:|data:", re.IGNORECASE)  # no files
SHORT = 60  # characters of an address in a message


def expand_source(name: str) -> list[str]:
    """Return the pictures that a name stands for.

    One name at a time, so that a caller can go on behind one that fails.

    Args:
        name: a file stands for itself; a folder for the pictures in it, told by suffix, without hidden ones and
            without its sub-folders; a pattern with ``*``, ``?`` or ``[`` for the files that match (``**`` goes into
            sub-folders), unless something has that very name. ``-``, ``mnist:...``, ``http(s):`` and ``data:`` stand
            for themselves.

    Returns:
        Files in natural order, 2.png before 10.png.

    Raises:
        InputError: the folder holds no picture or cannot be opened, or nothing matches the pattern.
    """
    if not name or PASSED.match(name):
        return [name]
    path = Path(name)
    try:
        if path.is_dir():
            return _in_order(_pictures_in(path))
        if path.exists() or not set("*?[") & set(name):
            return [name]
    except OSError as error:
        raise InputError(f"{name}: cannot be opened: {error.strerror}") from error
    found = glob.glob(name, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern, and hidden files
    matches = [match for match in found if Path(match).is_file()]
    if not matches:
        raise InputError(f"{name}: no file matches this pattern; name a file, a folder or another pattern")
    return _in_order(matches)


def _pictures_in(folder: Path) -> list[str]:
    suffixes = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
    shown = (file for file in folder.iterdir() if not file.name.startswith("."))
    files = [str(file) for file in shown if file.name.lower().endswith(suffixes) and file.is_file()]
    if not files:
        raise InputError(
            f"{folder}: no picture in this folder (by suffix: {' '.join(suffixes)}); "
            f"for those in its sub-folders name the pattern '{folder / '**' / '*.png'}'"
        )
    return files


def _in_order(files: list[str]) -> list[str]:
    # A file of the working folder may have a name that would be taken for an address.
    return [f"./{file}" if PASSED.match(file) else file for file in sorted(files, key=_natural)]


def _natural(name: str) -> tuple[list[str | int], str]:
    parts = re.split("([0-9]+)", name.casefold())  # text and numbers take turns
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def short_name(name: str) -> str:
    """Return a name for messages: an address without its password and in 60 characters, any other as it is."""
    if not re.match("https?:|data:", name, re.IGNORECASE):
        return name
    name = re.sub("^(https?:/*)[^/?#]*@", r"\1***@", name, flags=re.IGNORECASE)
    return name if len(name) <= SHORT else f"{name[: SHORT - 23]}...{name[-20:]}"


def decode_data_url(url: str) -> bytes:
    """Return the image file that a ``data:image/...`` address holds, in base64 or percent-encoded (RFC 2397).

    Raises:
        InputError: it holds no image, nothing, too much, or what is no base64.
    """
    head, comma, content = url.partition(",")
    scheme, _, kind = head.partition(":")
    kind, *options = (part.strip().lower() for part in kind.split(";"))
    if scheme.lower() != "data" or not comma or not kind.startswith("image/"):
        raise InputError(f"{short_name(url)}: an image is written data:image/png;base64,... with its type and a comma")
    data = re.sub(b"%([0-9a-fA-F]{2})", lambda found: bytes.fromhex(found[1].decode()), content.encode())
    if "base64" in options:
        data = data.translate(None, string.whitespace.encode()).rstrip(b"=")  # wrapped lines, padding left out
        try:
            data = base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
        except ValueError as error:
            raise InputError(f"{short_name(url)}: the base64 is damaged: {error}; copy the address again") from error
    if not data:
        raise InputError(f"{short_name(url)}: nothing stands behind the comma; copy the address again")
    if len(data) > MAX_BYTES:
        raise InputError(f"{short_name(url)}: larger than {MAX_BYTES // 2**20} MB; send a smaller picture")
    return data
