"""`inkdigits doctor`: what this machine does, and what stands in its way."""

import time
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from platform import platform, python_version
from typing import TYPE_CHECKING, Any

import typer

from inkdigits.cli.console import print_json
from inkdigits.version import __version__

if TYPE_CHECKING:
    from inkdigits.training.doctor import Facts


def doctor(
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Examine this machine: what is installed, how fast it computes, and what to mend."""
    reading = _reading()
    report: dict[str, Any] = {
        "inkdigits": __version__,
        "python": python_version(),
        "platform": platform(),
        "reading": reading,
    }
    if find_spec("torch") is None:
        report |= {"training": None, "warnings": []}
    else:
        from inkdigits.training.doctor import complaints, examine

        facts = examine()
        report |= {"training": asdict(facts), "warnings": [asdict(found) for found in complaints(facts)]}
    if json:
        print_json(report)
        return
    print(f"inkdigits    {__version__}, Python {report['python']}, {report['platform']}")
    print(
        f"reading      works: onnxruntime {reading['onnxruntime']}, one picture in {reading['milliseconds']:.1f} ms, "
        f"the first in {reading['load_milliseconds']:.0f} ms"
    )
    if report["training"] is None:
        print('training     is not installed: pip install "inkdigits[train]"')
        return
    _print_training(facts)
    for number, warning in enumerate(report["warnings"], 1):
        print(f"\nwarning {number}: {warning['what']}.\n  mend: {warning['mend']}")
    if not report["warnings"]:
        print("\nnothing to mend")


def _reading() -> dict[str, Any]:
    import numpy as np

    from inkdigits.reading.reader import Reader

    began = time.perf_counter()
    reader = Reader()
    page = np.full((200, 200), 255, np.uint8)
    page[40:160, 95:105] = 0
    reader.read(page)
    loaded = time.perf_counter()
    reader.read(page)
    return {
        "onnxruntime": version("onnxruntime"),
        "load_milliseconds": 1000 * (loaded - began),
        "milliseconds": 1000 * (time.perf_counter() - loaded),
    }


def _print_training(facts: "Facts") -> None:
    build = f"built for CUDA {facts.cuda_build}" if facts.cuda_build else "CPU build"
    print(f"torch        {facts.torch}, {build}; devices: {', '.join(facts.devices)}")
    print(f"processor    {facts.processor}, {facts.cores} cores to use, {facts.threads} threads")
    print(f"SGEMM        torch {facts.sgemm_gflops:.0f} GFLOP/s, numpy {facts.numpy_gflops:.0f} GFLOP/s")
    print(f"convolution  {facts.conv_gflops:.0f} GFLOP/s (3x3, 32 to 64 channels)")
    plural = f"s, {facts.images_per_second_1:,.0f} with one" if facts.threads > 1 else ""
    through = f"{facts.images_per_second:,.0f} images/s with {facts.threads} thread{plural}"
    print(f"training     `quick`, forward and backward: {through}")
    print(f"denormals    {facts.denormal_slowdown:.1f} times the cost of other numbers")
