"""The benchmarks run; their small versions write nothing."""

import subprocess
import sys
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "benchmarks/results"


def run(*arguments: str) -> str:
    before = {path: path.read_bytes() for path in RESULTS.iterdir()}
    ended = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=RESULTS.parents[1], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert before == {path: path.read_bytes() for path in RESULTS.iterdir()}
    return ended.stdout


def test_the_loops_can_be_compared() -> None:
    small = ["--images", "1000", "--epochs", "1", "--runs", "1", "--batch-sizes", "50"]
    assert "x as fast" in run("benchmarks.loop_speed", *small)


def test_a_recipe_can_be_measured() -> None:
    assert "softmax" in run("benchmarks.recipes", "softmax", "--epochs", "1", "--seeds", "1", "--jobs", "1")


def test_processes_can_be_timed() -> None:
    assert "inkdigits read" in run("benchmarks.startup", "--runs", "1")
