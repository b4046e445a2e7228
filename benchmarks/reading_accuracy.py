"""How well real pictures are read: other people's photos, scans and drawings, which no model of ours was trained on.

    python -m benchmarks.reading_accuracy [FOLDER] [--model my.onnx] [--only SET] [--misses SET]

FOLDER holds sets, each a folder of pictures with `labels.csv` (file, label, source, notes); lines of a page are joined
by `|`, and what is no digit is labelled `none`. By default it is ../shared/data/wild; nothing of it is part of this
project. Every set is listed by source, since pictures of one writer are alike: the mean is over sources.
"""

import argparse
import csv
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import records
from inkdigits.errors import InkdigitsError
from inkdigits.evaluation.metrics import wilson_interval
from inkdigits.reading.reader import Reader
from inkdigits.reading.result import Reading

WILD = Path(__file__).parents[2] / "shared/data/wild"


@dataclass(frozen=True)
class Picture:
    """A labelled picture: where it is, what it says, who made it, and what is known of it."""

    path: Path
    label: str
    source: str
    notes: str


def load_sets(folder: Path) -> dict[str, list[Picture]]:
    """Return the pictures of every set, with the envelope boxes as a set of their own."""
    sets: dict[str, list[Picture]] = defaultdict(list)
    for table in sorted(folder.glob("*/labels.csv")):
        with table.open(newline="") as file:
            for row in csv.DictReader(file):
                name = "boxes" if "box frame" in row["notes"] else table.parent.name
                sets[name].append(Picture(table.parent / row["file"], row["label"], row["source"], row["notes"]))
    return sets


def kind_of(picture: Picture) -> str:
    """Return what sort of no digit a picture shows."""
    found = re.search(r"kind=(\w+)", picture.notes)
    kind = found.group(1) if found else "other"
    return f"{kind}, digit-like" if "digit-like" in picture.notes else kind


def by_group(pictures: Iterable[Picture], group: Callable[[Picture], str], right: list[bool]) -> dict[str, list[int]]:
    """Count right and all pictures of each group."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for picture, is_right in zip(pictures, right, strict=True):
        counts[group(picture)][0] += is_right
        counts[group(picture)][1] += 1
    return dict(counts)


def auroc(digits: list[float], others: list[float]) -> float:
    """Return the probability that a digit scores above a picture that is none."""
    low, high = np.sort(others), np.asarray(digits)
    wins = np.searchsorted(low, high, side="left") + np.searchsorted(low, high, side="right")
    return float(wins.mean() / (2 * len(low)))


def score(reading: Reading | None) -> float:
    """Return how much of a digit the picture shows, 0 to 1: the likeliest of its marks."""
    if reading is None:
        return 0.0
    marks = [digit.is_digit for digit in reading.digits] + [mark.is_digit for mark in reading.rejected]
    return max(marks, default=0.0)


def main() -> None:
    """Read every picture, print a table, and write results/reading_accuracy.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=WILD)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--misses", metavar="SET", help="list what was read wrong in this set")
    parser.add_argument("--only", metavar="SET", help="read this set alone; then nothing is written")
    options = parser.parse_args()
    known = load_sets(options.folder)
    for name in {options.only, options.misses} - {None}:
        if name not in known:
            parser.error(f"no set {name!r} in {options.folder}; there: {', '.join(known) or 'none'}")
    if not known:
        parser.error(f"{options.folder} holds no folder with labels.csv")
    reader = Reader(options.model)
    result: dict[str, Any] = {}
    scores: dict[str, list[float]] = {}
    for name, pictures in known.items():
        if options.only and name != options.only:
            continue
        began = time.perf_counter()
        readings = [read(reader, picture) for picture in pictures]
        texts = [reading.text.replace("\n", "|") if reading else "error" for reading in readings]
        scores[name] = [score(reading) for reading in readings]
        if name == "nondigits":
            right = [text == "" for text in texts]
            groups = by_group(pictures, kind_of, right)
        else:
            right = [text == picture.label for text, picture in zip(texts, pictures, strict=True)]
            groups = by_group(pictures, lambda picture: picture.source, right)
        result[name] = {"groups": groups, "ms": 1000 * (time.perf_counter() - began) / len(pictures)}
        show(name, result[name])
        if name == options.misses:
            for picture, text, is_right in zip(pictures, texts, right, strict=True):
                if not is_right:
                    print(f"    {picture.path.name}: {picture.label} read as {text!r}")
    if "nondigits" in scores:
        result["nondigits"]["auroc"] = show_auroc(known["nondigits"], scores)
    if not options.only and options.folder == WILD and options.model is None:
        records.write("reading_accuracy", {"sets": result})


def read(reader: Reader, picture: Picture) -> Reading | None:
    """Read one picture; None where it cannot be read."""
    try:
        return reader.read(picture.path)
    except InkdigitsError:
        return None


def show(name: str, found: dict[str, Any]) -> None:
    """Print a set: the mean over its sources, all pictures, and each source with its interval."""
    groups = found["groups"]
    mean = sum(right / total for right, total in groups.values()) / len(groups)
    right, total = (sum(column) for column in zip(*groups.values(), strict=True))
    print(
        f"{name}: mean over {len(groups)} {mean:.1%}; all {right}/{total} = {right / total:.1%}; {found['ms']:.1f} ms"
    )
    for group, (right, total) in groups.items():
        low, high = wilson_interval(right, total)
        print(f"    {group:<60} {right:>5}/{total:<5} {right / total:>7.1%}  ({low:.1%} to {high:.1%})")


def show_auroc(nondigits: list[Picture], scores: dict[str, list[float]]) -> dict[str, float]:
    """Print, for each kind of no digit, how well its scores lie below those of real digits."""
    digits = [value for name in ("photos", "drawn", "other_domain") for value in scores.get(name, [])]
    kinds: dict[str, list[float]] = defaultdict(list)
    for picture, value in zip(nondigits, scores["nondigits"], strict=True):
        kinds[kind_of(picture)].append(value)
    found = {kind: auroc(digits, values) for kind, values in kinds.items()} if digits else {}
    for kind, area in found.items():
        print(f"    AUROC {kind:<30} {area:.3f}  (n = {len(kinds[kind])})")
    return found


if __name__ == "__main__":
    main()
