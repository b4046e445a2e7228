"""Files that are either the old one or the new one, never half of either."""

import errno
import os
import tempfile
from glob import escape
from pathlib import Path

from inkdigits.errors import StorageError

FULL = (errno.ENOSPC, errno.EDQUOT)


def write_file(path: Path, content: bytes, *, new: bool = False) -> None:
    """Write a file so that a crash, a kill or a full disk at any moment leaves the old content or the new.

    The content goes to a temporary name beside it, reaches the disk (fsync), and takes the name by rename, which
    POSIX promises to be atomic; then the folder reaches the disk, so that the rename itself survives a power cut.

    Args:
        path: its folder is made if need be.
        content: all of it.
        new: refuse when a file of that name is there by now: of several processes that write it, the first one may.

    Raises:
        StorageError: the file cannot be written; what was there before is untouched.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp makes it private; a result is not a secret
        if new:
            _take_free_name(temporary, path)
        else:
            temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):  # Ctrl-C
            raise
        raise StorageError(
            error.errno,
            f"cannot write {path}: {error.strerror}. What was there is untouched; "
            f"{'free some space, or ' * (error.errno in FULL)}choose another place",
        ) from error


def _take_free_name(temporary: Path, path: Path) -> None:
    """Give a file its name unless another one has it; of two that try at once, one does."""
    try:
        path.hardlink_to(temporary)  # a rename would take the place of what is there
        temporary.unlink()
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, where two that try at once may still meet
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        temporary.replace(path)


def remove_leftovers(*paths: Path) -> None:
    """Remove the temporary files that processes which were killed while writing these files have left beside them."""
    for path in paths:
        for leftover in path.parent.glob(f".{escape(path.name)}.*.tmp"):
            leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # Windows cannot open a folder, and needs not
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
