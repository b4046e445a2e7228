"""The IDX files that MNIST and its family come in, read with every promise checked.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database", section "File formats".
"""

import gzip
import hashlib
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import DataError

MAGIC = {1: 0x00000801, 3: 0x00000803}  # bytes 0, 0, 8 = unsigned byte, number of dimensions
MEND = "`inkdigits data` uses the copy that ships in the package; or put an intact file in its place"


@dataclass(frozen=True)
class IdxFile:
    """What one IDX file must be: its name, the shape of its content and the SHA-256 of its unpacked bytes."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def size(self) -> int:
        """Unpacked size in bytes: magic number, one 32-bit size a dimension, one byte a value."""
        return 4 + 4 * len(self.shape) + math.prod(self.shape)


def read_idx(path: Path, expected: IdxFile) -> NDArray[np.uint8]:
    """Read one IDX file, gzipped or plain, and verify it.

    Returns:
        uint8 array of `expected.shape`.

    Raises:
        DataError: the file is missing, unreadable, or differs from `expected` in size, magic number, shape or content.
    """
    content = _unpacked(path, limit=expected.size + 1)
    problem = _problem(content, expected)
    if problem:
        raise DataError(f"{path}: {problem}. {MEND}")
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * len(expected.shape)).reshape(expected.shape)


def _unpacked(path: Path, *, limit: int) -> bytes:
    """Return at most `limit` unpacked bytes: a gzip bomb stops there."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            return file.read(limit)
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file. {MEND}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be unpacked ({error}). {MEND}") from error


def _problem(content: bytes, expected: IdxFile) -> str | None:
    """Return what is wrong with the content, the most telling reason first; None when nothing is."""
    dimensions = len(expected.shape)
    header = [int.from_bytes(content[start : start + 4], "big") for start in range(0, 4 + 4 * dimensions, 4)]
    magic, shape = header[0], tuple(header[1:])
    if len(content) >= 4 and magic != MAGIC[dimensions]:
        return f"expected the magic number {MAGIC[dimensions]:#010x}, found {magic:#010x}: not this kind of IDX file"
    if len(content) >= 4 + 4 * dimensions and shape != expected.shape:
        return f"expected the shape {expected.shape}, found {shape}"
    if len(content) != expected.size:
        found = f"more than {expected.size:,}" if len(content) > expected.size else f"{len(content):,}"
        return f"expected {expected.size:,} bytes, found {found}"
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != expected.sha256:
        return f"expected content with SHA-256 {expected.sha256}, found {sha256}: at least one byte is damaged"
    return None
