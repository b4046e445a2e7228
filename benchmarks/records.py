"""What every benchmark writes: its figures, and the machine and versions that they hold for."""

import json
import math
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inkdigits.version import __version__

RESULTS = Path(__file__).parent / "results"
# Student's t by n, two-sided 95 %.
T_95 = dict(
    enumerate(
        (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
        start=2,
    )
)


def machine() -> dict[str, str]:
    """Describe where the figures were measured."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), processor)
    return {
        "processor": processor,
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "python": platform.python_version(),
        "inkdigits": __version__,
        **{name: version(name) for name in ("torch", "onnxruntime", "numpy")},
    }


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean, its standard deviation over the runs, and half the width of its 95 % interval (Student's t)."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0, math.inf
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return mean, deviation, T_95[len(values)] * deviation / math.sqrt(len(values))


def median(values: Sequence[float]) -> float:
    """Return the median."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def timed(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the runs whose seconds count: those with all cores, or all runs if none had them to itself."""
    return [run for run in runs if run.get("threads") is None] or list(runs)


def read(name: str) -> dict[str, Any]:
    """Return an earlier result, empty when there is none."""
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write(name: str, result: dict[str, Any]) -> None:
    """Write a result with the machine that it holds for."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps({"machine": machine()} | result, indent=2) + "\n")
