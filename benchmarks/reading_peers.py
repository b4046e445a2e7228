"""What a user would pick instead, on the same pictures in one run: the tutorial's own function, and general OCR.

    make peers        # sets up .venv-peers, apt-get install tesseract-ocr first
    .venv/bin/python -m benchmarks.reading_peers [FOLDER] [--most 200] [--lenet RUN]

FOLDER holds the sets of benchmarks/reading_accuracy.py; of each at most so many pictures are taken, at random. Each
reader gets each picture as a file; its answer is right when all of it is, spaces aside.

- "tutorial": gray, resized to 28x28, inverted, LeNet-5 by the recipe `lenet5`: the inference function of the tutorial
  that this recipe comes from, in our words.
- Tesseract 5 with only digits allowed, as one character for single digits and as one line or a page for numbers.
- rapidocr-onnxruntime with its own models; where it detects no text, the whole picture is recognised as one line. All
  but the digits of its answer is dropped.

A reader that is not installed is left out, and said so.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import records
from benchmarks.reading_accuracy import WILD, Picture, load_sets
from inkdigits.errors import InkdigitsError
from inkdigits.evaluation.metrics import wilson_interval
from inkdigits.reading.reader import Reader
from inkdigits.training.checkpoint import load_checkpoint
from inkdigits.training.fit import fit
from inkdigits.types import Classifier

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-peers/bin/python"
SINGLE = ("photos", "boxes", "drawn", "other_domain")

Read = Callable[[Sequence[Path], bool], list[str]]
"""Paths, and whether each shows one digit, to what each says."""

RAPIDOCR = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from rapidocr_onnxruntime import RapidOCR
engine = RapidOCR()
for path in map(str.strip, sys.stdin):
    found, _ = engine(path)
    texts = [line[1] for line in found or []]
    if not texts:
        found, _ = engine(path, use_det=False, use_cls=False, use_rec=True)
        texts = [line[0] for line in found or []]
    print(json.dumps(texts), flush=True)
"""


def inkdigits(reader: Reader) -> Read:
    """Return our own reader."""

    def read(paths: Sequence[Path], _single: bool) -> list[str]:
        texts = []
        for path in paths:
            try:
                texts.append(reader.read(path).text)
            except InkdigitsError:
                texts.append("")
        return texts

    return read


def tutorial(classifier: Classifier) -> Read:
    """Return the tutorial's inference function."""

    def read(paths: Sequence[Path], _single: bool) -> list[str]:
        texts = []
        for path in paths:
            gray = np.asarray(Image.open(path).convert("L").resize((28, 28)))
            texts.append(str(int(classifier.logits((255 - gray)[None]).argmax())))
        return texts

    return read


def tesseract(paths: Sequence[Path], single: bool) -> list[str]:
    """Read with Tesseract, told what the pictures are."""
    mode = "10" if single else "6"
    command = ["tesseract", "-", "-", "--psm", mode, "-c", "tessedit_char_whitelist=0123456789"]
    texts = []
    for path in paths:
        with path.open("rb") as file:
            texts.append(subprocess.run(command, stdin=file, capture_output=True, text=True, check=False).stdout)
    return texts


def rapidocr(paths: Sequence[Path], _single: bool) -> list[str]:
    """Read with rapidocr, in an environment of its own."""
    lines = "".join(f"{path}\n" for path in paths)
    ended = subprocess.run([PEERS, "-c", RAPIDOCR], input=lines, capture_output=True, text=True, check=True)
    return ["\n".join(re.sub(r"\D", "", line) for line in json.loads(answer)) for answer in ended.stdout.splitlines()]


def readers(run: Path | None) -> dict[str, Read]:
    """Return the readers that are there."""
    lenet = (load_checkpoint(run) if run else fit("lenet5")).classifier
    found: dict[str, Read] = {"inkdigits": inkdigits(Reader()), "tutorial": tutorial(lenet)}
    if shutil.which("tesseract"):
        found["Tesseract"] = tesseract
    else:
        print("left out: Tesseract (apt-get install tesseract-ocr)", file=sys.stderr)
    if PEERS.exists():
        found["rapidocr"] = rapidocr
    else:
        print("left out: rapidocr (make peers)", file=sys.stderr)
    return found


def sample(pictures: Sequence[Picture], most: int) -> list[Picture]:
    """Return at most so many, at random, the same each time."""
    order = np.random.default_rng(0).permutation(len(pictures))[:most]
    return [pictures[index] for index in sorted(order)]


def main() -> None:
    """Let every reader read every set, print a table, and write results/reading_peers.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=WILD)
    parser.add_argument("--most", type=int, default=200, help="pictures of a set; with fewer nothing is written")
    parser.add_argument("--lenet", type=Path, help="a run of `inkdigits train lenet5`; by default it is trained")
    options = parser.parse_args()
    sets = {name: sample(pictures, options.most) for name, pictures in load_sets(options.folder).items()}
    sets.pop("nondigits", None)
    if not sets:
        parser.error(f"{options.folder} holds no folder with labels.csv")
    found = readers(options.lenet)
    counts: dict[str, dict[str, Any]] = {name: {} for name in sets}
    for name, pictures in sets.items():
        for reader, read in found.items():
            began = time.perf_counter()
            texts = read([picture.path for picture in pictures], name in SINGLE)
            seconds = time.perf_counter() - began
            lines = ["|".join(re.sub(r"[^\d\n]", "", text).split()) for text in texts]
            right = sum(line == picture.label for line, picture in zip(lines, pictures, strict=True))
            low, high = wilson_interval(right, len(pictures))
            counts[name][reader] = [right, len(pictures), 1000 * seconds / len(pictures)]
            shares = f"{right / len(pictures):>7.1%}  ({low:.1%} to {high:.1%})"
            print(f"{name:<18} {reader:<10} {right:>4}/{len(pictures):<4} {shares}")
    if options.most >= 200 and options.folder == WILD:
        records.write("reading_peers", {"most": options.most, "counts": counts, "versions": versions()})


def versions() -> dict[str, str]:
    """Return the versions of the other readers."""
    found = {}
    if shutil.which("tesseract"):
        said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
        found["Tesseract"] = (said.stdout or said.stderr).split()[1]
    if PEERS.exists():
        query = "from importlib.metadata import version; print(version('rapidocr-onnxruntime'))"
        said = subprocess.run([PEERS, "-c", query], capture_output=True, text=True, check=True)
        found["rapidocr"] = said.stdout.strip()
    return found


if __name__ == "__main__":
    main()
