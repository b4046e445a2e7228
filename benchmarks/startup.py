"""Whole processes, from the shell's point of view: how long until the answer is there.

    python -m benchmarks.startup [--runs 15]

Commands take turns, after one run of each that is not counted, so that a drift of the machine meets all of them.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import records

PICTURE = Path(__file__).parents[1] / "examples/seven.jpg"
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "inkdigits --version": ["-m", "inkdigits", "--version"],
    "inkdigits read seven.jpg": ["-m", "inkdigits", "read", str(PICTURE)],
    "python -c 'import torch'": ["-c", "import torch"],
}


def main() -> None:
    """Time every command and write results/startup.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for run in range(runs + 1):
        for name, arguments in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            if run:
                seconds[name].append(time.perf_counter() - began)
    for name, found in seconds.items():
        print(f"{name:<26} {records.median(found):.3f} s  ({min(found):.3f} to {max(found):.3f}, n = {len(found)})")
    if runs > 1:
        records.write("startup", {"seconds": {name: sorted(found) for name, found in seconds.items()}})


if __name__ == "__main__":
    main()
