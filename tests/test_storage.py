"""Files are either the old one or the new one."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkdigits.errors import StorageError
from inkdigits.storage import remove_leftovers, write_file


def test_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    write_file(tmp_path / "a" / "b.txt", b"new")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"new"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


def test_a_folder_in_the_way_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(StorageError, match=r"cannot write .*taken"):
        write_file(tmp_path / "taken", b"new")
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_a_new_file_takes_no_other_ones_place(tmp_path: Path) -> None:
    write_file(tmp_path / "run", b"first", new=True)
    with pytest.raises(StorageError, match=r"cannot write .*run: File exists.*; choose another place"):
        write_file(tmp_path / "run", b"second", new=True)
    assert (tmp_path / "run").read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]


@pytest.mark.parametrize("taken", [True, False])
def test_without_hard_links_a_new_file_is_made_all_the_same(
    taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "as FAT says")

    monkeypatch.setattr(os, "link", refused)
    if taken:
        (tmp_path / "run").write_bytes(b"first")
        with pytest.raises(StorageError, match="File exists"):
            write_file(tmp_path / "run", b"second", new=True)
    else:
        write_file(tmp_path / "run", b"first", new=True)
    assert (tmp_path / "run").read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]


def test_a_file_too_large_for_the_disk_leaves_the_old_one(tmp_path: Path) -> None:
    # RLIMIT_FSIZE fails the write in the middle, as a full disk does.
    program = f"""
import resource, signal
from pathlib import Path
from inkdigits.errors import StorageError
from inkdigits.storage import write_file
path = Path({str(tmp_path / "file")!r})
write_file(path, b"old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_file(path, b"x" * 100_000)
except StorageError as error:
    print(error.strerror)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "What was there is untouched" in run.stdout
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, b"0" * 3_000_000)
    program = f"""
from pathlib import Path
from inkdigits.storage import write_file
print("ready", flush=True)
while True:
    for digit in b"123456789":
        write_file(Path({str(path)!r}), bytes([digit]) * 3_000_000)
"""
    for attempt in range(8):
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            writer.wait(timeout=0.05 + 0.013 * attempt)
        except subprocess.TimeoutExpired:
            writer.kill()
        writer.wait()
        writer.stdout.close()
        content = path.read_bytes()
        assert len(content) == 3_000_000
        assert content == content[:1] * 3_000_000


def test_of_temporary_files_only_those_of_killed_writers_are_removed(tmp_path: Path) -> None:
    for name in (".run.1.tmp", ".other.1.tmp", ".mine.tmp", "run"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path / "run")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine.tmp", ".other.1.tmp", "run"]


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "run", b"first")
    assert list(tmp_path.iterdir()) == []
