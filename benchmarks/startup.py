"""Whole processes, from the shell's point of view: how long until the answer is there.

    python -m benchmarks.startup [--runs 15] [--pictures 1000]

Commands take turns, after one run of each that is not counted, so that a drift of the machine meets all of them. The
photo of 12 megapixels shows ten test digits of MNIST over three quarters of its width; the small pictures are test
digits of 112 pixels on 200, or as they are, dark on light.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks import records
from benchmarks.reading_disguises import number, plain
from inkdigits.data.catalog import load_dataset

PICTURE = Path(__file__).parents[1] / "examples/seven.jpg"


def commands(folder: Path, pictures: int) -> dict[str, list[str]]:
    """Return what is timed, with the pictures that it needs drawn into a folder."""
    images = load_dataset("mnist", "test").images
    row = number(images[:10], np.random.default_rng(0), touching=0)
    scale = 3_000 / row.shape[1]
    row = cv2.resize(row, None, fx=scale, fy=scale).astype(np.uint8)
    photo = np.full((3_000, 4_000), 228, np.uint8)
    photo[1_400 : 1_400 + len(row), 500 : 500 + row.shape[1]] = row
    cv2.imwrite(str(folder / "photo.jpg"), photo)
    for name in ("small", "tiny"):
        (folder / name).mkdir()
    for index in range(pictures):
        cv2.imwrite(str(folder / f"small/{index}.png"), plain(images[index]))
        cv2.imwrite(str(folder / f"tiny/{index}.png"), 255 - images[index])
    read = ["-m", "inkdigits", "read"]
    return {
        "python -c pass": ["-c", "pass"],
        "inkdigits --version": ["-m", "inkdigits", "--version"],
        "inkdigits read seven.jpg": [*read, str(PICTURE)],
        "inkdigits read photo.jpg, 12 megapixels": [*read, str(folder / "photo.jpg")],
        f"inkdigits read FOLDER of {pictures:,}, 200x200": [*read, str(folder / "small")],
        f"inkdigits read FOLDER of {pictures:,}, 28x28": [*read, str(folder / "tiny")],
        "python -c 'import torch'": ["-c", "import torch"],
    }


def main() -> None:
    """Time every command and write results/startup.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--pictures", type=int, default=1_000)
    options = parser.parse_args()
    runs = options.runs
    with tempfile.TemporaryDirectory() as folder:
        timed = commands(Path(folder), options.pictures)
        seconds: dict[str, list[float]] = {name: [] for name in timed}
        for run in range(runs + 1):
            for name, arguments in timed.items():
                began = time.perf_counter()
                ended = subprocess.run([sys.executable, *arguments], check=False, capture_output=True)
                if ended.returncode > 1:  # 1: one of the small pictures was not read
                    raise SystemExit(ended.stderr.decode())
                if run:
                    seconds[name].append(time.perf_counter() - began)
    for name, found in seconds.items():
        print(f"{name:<40} {records.median(found):.3f} s  ({min(found):.3f} to {max(found):.3f}, n = {len(found)})")
    if runs > 1:
        records.write("startup", {"seconds": {name: sorted(found) for name, found in seconds.items()}})


if __name__ == "__main__":
    main()
