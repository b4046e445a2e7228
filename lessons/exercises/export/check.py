"""What an answer to the exercise must do, and what the common wrong answers are told."""

import os
import pickle
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch

from inkdigits.course.exercise import expect

NAMES = ["zero", "one, or a stroke", "dvě", "3"]


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    watch = _Watch(answer)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        path = folder / "best.model"
        old, new = _tensors(1), _tensors(2)
        answer.save(dict(old), list(NAMES), path)
        _expect_the_file(path)
        _expect_no_pickle(path)
        _expect_loaded(answer, path, old)
        yield "tensors and class names come back, to the last bit"

        small = {"linear.bias": torch.arange(10.0)}  # all of it fits Python's buffer: without flush nothing is synced
        with watch.of(path):
            answer.save(dict(small), list(NAMES), path)
        _expect_safe_order(watch, path)
        yield "written to a temporary name, flushed, synced, renamed"

        _expect_survival(answer, watch, path, small, new)
        yield "a crash before the rename leaves the old file whole"

        answer.save(dict(new), NAMES[:2], path)
        left = sorted(file.name for file in folder.iterdir() if file != path)
        expect(
            not left, f"after saving, {', '.join(left)} is left in the folder: rename the temporary file, copy nothing"
        )
        found, names = answer.load(path)
        _expect_equal(found, new)
        expect(list(names) == NAMES[:2], f"saved again with other class names, they come back as {list(names)}")
        yield "the new file takes the place of the old one, and nothing else is left"

        _expect_pickles_refused(answer, folder)
        yield "a pickle is refused, and nothing in it is run"


class Crash(BaseException):
    """The process dies at this moment, as far as the answer can tell."""


class _Watch:
    """Notes which files are opened for writing, synced, renamed and removed, and can crash at the rename."""

    def __init__(self, answer):
        self.events, self.path, self.crash = [], None, False
        real = os.fsync

        def fsync(file):
            size = os.fstat(file if isinstance(file, int) else file.fileno()).st_size
            self.events.append(("sync", None, size))
            return real(file)

        os.fsync = fsync
        for name, value in vars(answer).items():
            if value is real:  # from os import fsync
                setattr(answer, name, fsync)
        sys.addaudithook(self.heard)

    def of(self, path, *, crash=False):
        self.events, self.path, self.crash = [], path, crash
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.path = None

    def note(self, kind, file, detail=None):
        if self.path is not None and isinstance(file, str | bytes | os.PathLike):
            self.events.append((kind, Path(os.path.realpath(os.fsdecode(file))), detail))

    def heard(self, event, arguments):
        if self.path is None:
            return
        if event == "open":
            file, mode, flags = arguments
            if set(str(mode or "")) & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR):
                self.note("write", file)
        elif event == "os.rename":
            self.note("rename", arguments[0], Path(os.path.realpath(os.fsdecode(arguments[1]))))
            if self.crash and self.events[-1][2] == self.path:
                raise Crash
        elif event == "os.remove":
            self.note("remove", arguments[0])


def _tensors(seed):
    chance = torch.Generator().manual_seed(seed)
    weights = torch.randn(200, 300, generator=chance)
    return {
        "conv1.weight": weights,
        "linear.weight": weights[:3, :5].T,  # not contiguous
        "norm.num_batches_tracked": torch.tensor(seed),  # int64, no dimension
        "pixels": torch.randint(0, 256, (2, 28, 28), generator=chance, dtype=torch.uint8),
        "empty": torch.zeros(0, 4),
    }


def _expect_the_file(path):
    others = sorted(file.name for file in path.parent.iterdir() if file != path)
    expect(
        path.exists() or not any(name.endswith(".npz") for name in others),
        f"asked for {path.name}, found {', '.join(others)}: numpy adds .npz to a name that has none. Give it an open "
        "file instead, np.savez(file, ...)",
    )
    expect(path.exists(), f"after save there is no file {path.name}; in the folder: {', '.join(others) or 'nothing'}")


def _expect_no_pickle(path):
    content = path.read_bytes()
    mend = "what is a pickle can run code when it is opened. Use safetensors.torch or np.savez of plain arrays"
    expect(not content.startswith(b"\x80"), f"the file is a pickle: {mend}")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inside = archive.namelist()
            expect(not any(name.endswith(".pkl") for name in inside), f"torch.save has written a pickle: {mend}")
            for name in inside:
                objects = b"'descr': '|O'" in archive.read(name)[:200]
                expect(
                    not objects,
                    f"numpy has put {name} into the file as Python objects, by pickle: give it numbers, or an array of "
                    "strings, np.array(class_names)",
                )


def _expect_loaded(answer, path, right):
    loaded = answer.load(path)
    expect(
        isinstance(loaded, tuple | list) and len(loaded) == 2,
        f"load must return the pair (tensors, class_names), it returned {type(loaded).__name__}",
    )
    tensors, names = loaded
    _expect_equal(tensors, right)
    expect(
        not isinstance(names, str),
        "the class names come back as one string: write them as JSON, json.dumps, and read them by json.loads",
    )
    names = [str(name) for name in names]
    expect(
        names != [part for name in NAMES for part in name.split(",")],
        "a class name with a comma comes back as two: do not join them, write them as JSON, json.dumps",
    )
    expect(names == NAMES, f"the class names {NAMES} come back as {names}")


def _expect_equal(found, right):
    expect(isinstance(found, dict), f"the tensors must come back as a dict, got {type(found).__name__}")
    missing, more = sorted(set(right) - set(found)), sorted(set(found) - set(right))
    expect(not missing, f"these tensors do not come back: {', '.join(missing)}")
    expect(not more, f"load returns tensors that were never saved: {', '.join(more)}. Metadata is no tensor")
    for name, tensor in right.items():
        got = found[name]
        expect(
            not isinstance(got, np.ndarray),
            f"{name} comes back as a numpy array: make tensors of them, torch.from_numpy",
        )
        expect(isinstance(got, torch.Tensor), f"{name} comes back as {type(got).__name__}, expected a tensor")
        expect(got.dtype == tensor.dtype, f"{name} was {tensor.dtype} and comes back as {got.dtype}")
        expect(got.shape == tensor.shape, f"{name} was {tuple(tensor.shape)} and comes back as {tuple(got.shape)}")
        expect(torch.equal(got, tensor), f"{name} comes back with other values")


def _expect_safe_order(watch, path):
    events = watch.events
    expect(
        not any(kind in ("remove", "rename") and file == path for kind, file, _ in events),
        "the old file is removed or moved away before the new one has its name: a crash between the two leaves none. "
        "os.replace needs no room made",
    )
    expect(
        not any(kind == "write" and file == path for kind, file, _ in events),
        f"the file {path.name} itself is opened for writing: that empties it at once, and a crash then leaves half of "
        "it. Write to a temporary name beside it, and rename",
    )
    renames = [place for place, (kind, _, target) in enumerate(events) if kind == "rename" and target == path]
    expect(
        bool(renames),
        "the file gets its content without a rename: a crash in the middle leaves half of it. Write to a temporary "
        "name beside it, and then os.replace(temporary, path)",
    )
    _, temporary, _ = events[renames[0]]
    expect(
        temporary.parent == path.parent,
        f"the temporary file is in {temporary.parent}, another folder: that may be another disk, where renaming fails "
        "or copies. Put it beside the file, path.with_name(...)",
    )
    synced = [place for place, (kind, _, _) in enumerate(events) if kind == "sync"]
    expect(
        bool(synced),
        "nothing is synced: after a power cut the name may be there without its bytes. os.fsync(file.fileno()) before "
        "the rename",
    )
    expect(synced[0] < renames[0], "os.fsync comes after the rename: the bytes must be on the disk before the name is")
    size = max(events[place][2] for place in synced if place < renames[0])
    expect(
        size == path.stat().st_size,
        f"when os.fsync was called, the file held {size:,} of its {path.stat().st_size:,} bytes: the rest was still in "
        "Python. file.flush() first, or sync when all is written",
    )


def _expect_survival(answer, watch, path, old, new):
    try:
        with watch.of(path, crash=True):
            answer.save(dict(new), list(NAMES), path)
    except Crash:
        pass
    else:
        expect(False, "a crash at the rename was swallowed: save must not catch everything that is raised")
    try:
        found, _ = answer.load(path)
    except Exception as error:  # whatever it is, the file is no longer whole
        expect(False, f"after a crash at the rename, the old file cannot be loaded any more: {error}")
    else:
        _expect_equal(found, old)
    for file in path.parent.iterdir():  # what a process that died cannot tidy up
        if file != path:
            file.unlink()


class _Spy:
    """Makes a folder when it is unpickled: harmless, and easy to see."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.mkdir, (self.mark,)


def _expect_pickles_refused(answer, folder):
    mark, array = folder / "a pickle was run", np.empty(1, object)
    array[0] = _Spy(mark)
    arrays = {"conv1.weight": np.zeros(3, np.float32), "class_names": array}
    files = {
        "a plain pickle": lambda path: path.write_bytes(pickle.dumps(_Spy(mark))),
        "a file of torch.save": lambda path: torch.save({"conv1.weight": _Spy(mark)}, path),
        "an .npz file with Python objects": lambda path: np.savez(path, **arrays),
    }
    for number, (kind, write) in enumerate(files.items()):
        path, refused = folder / f"{number}.model", False
        write(path)
        if not path.exists():  # numpy's suffix
            path.with_name(f"{path.name}.npz").rename(path)
        try:
            answer.load(path)
        except Exception:  # of any kind
            refused = True
        expect(
            not mark.exists(),
            f"load has opened {kind} and run what is in it: never allow_pickle=True, pickle.load or weights_only=False",
        )
        expect(refused, f"load of {kind} raised no error: a file that save cannot have written must be refused")
