"""What this machine does for training, and what stands in its way."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch.nn import functional as F

from inkdigits.config import DEVICES
from inkdigits.machine import usable_cores
from inkdigits.models.registry import create_model
from inkdigits.training.device import choose_device, using_threads

SIDE = 1024  # of the square matrices multiplied
BATCH = 128  # images a step, as in the recipe `quick`
SAFE_TORCH = (2, 10)  # fixed CVE-2026-24747
SLOW_MKL = 0.5  # of numpy's speed: the same arithmetic should not take twice as long
CROWDED = 0.9  # of one thread's speed: more threads must not be slower than one
SLOW_DENORMALS = 10.0  # times as long as other numbers


@dataclass(frozen=True)
class Facts:
    """What was found and measured.

    Attributes:
        cuda_build: the CUDA version that torch was built for; None for a CPU build.
        devices: that can be trained on.
        cores: that this process may use.
        threads: that torch uses.
        sgemm_gflops: of torch multiplying float32 matrices, 1024 x 1024.
        numpy_gflops: of numpy doing the same.
        conv_gflops: of torch's 3x3 convolution of 32 to 64 channels, 14 x 14 pixels, 128 images.
        images_per_second: through the network of `quick` and back, with all threads.
        images_per_second_1: and with one.
        denormal_slowdown: how many times as long a product takes when numbers are denormal (below 1e-38).
    """

    torch: str
    cuda_build: str | None
    devices: tuple[str, ...]
    processor: str
    cores: int
    threads: int
    sgemm_gflops: float
    numpy_gflops: float
    conv_gflops: float
    images_per_second: float
    images_per_second_1: float
    denormal_slowdown: float


@dataclass(frozen=True)
class Complaint:
    """Something that makes training slow, large or unsafe, and how to mend it."""

    what: str
    mend: str


def examine() -> Facts:
    """Look at the machine and measure it; takes about two seconds."""
    left, right = (np.random.default_rng(seed).random((SIDE, SIDE), np.float32) for seed in (0, 1))
    a, b = torch.from_numpy(left), torch.from_numpy(right)
    pictures, kernels = torch.ones(BATCH, 32, 14, 14).to(memory_format=torch.channels_last), torch.ones(64, 32, 3, 3)
    gemm, conv = 2 * SIDE**3, 2 * BATCH * 64 * 14 * 14 * 32 * 9
    ordinary, denormal = torch.full((2**18,), 1.5), torch.full((2**18,), 1e-40)
    threads = torch.get_num_threads()
    with torch.inference_mode():
        sgemm, convolution = _seconds(lambda: a @ b), _seconds(lambda: F.conv2d(pictures, kernels, padding=1))
        slowdown = _seconds(lambda: denormal * 0.5) / _seconds(lambda: ordinary * 0.5)
    return Facts(
        torch=torch.__version__,
        cuda_build=torch.version.cuda,
        devices=tuple(name for name in DEVICES[1:] if _is_present(name)),
        processor=_processor(),
        cores=usable_cores(),
        threads=threads,
        sgemm_gflops=gemm / sgemm / 1e9,
        numpy_gflops=gemm / _seconds(lambda: left @ right) / 1e9,
        conv_gflops=conv / convolution / 1e9,
        images_per_second=_images_per_second(threads),
        images_per_second_1=_images_per_second(1),
        denormal_slowdown=slowdown,
    )


def complaints(facts: Facts) -> list[Complaint]:
    """Return what should be mended, most important first."""
    version = tuple(int(part) for part in facts.torch.split("+")[0].split(".")[:2])
    checks = (
        (
            version < SAFE_TORCH,
            f"torch {facts.torch} has a known hole: opening a weights file can run code (CVE-2026-24747)",
            'pip install --upgrade "torch>=2.10"; inkdigits itself never opens such files',
        ),
        (
            facts.cuda_build is not None and "cuda" not in facts.devices,
            f"this torch is built for CUDA {facts.cuda_build}, takes gigabytes, and finds no GPU",
            "with a GPU: mend its driver, `nvidia-smi` tells what is wrong. Without one: pip uninstall torch, then "
            'uv pip install --torch-backend cpu "inkdigits[train]"',
        ),
        (
            facts.threads > facts.cores,
            f"torch uses {facts.threads} threads and this process may use {facts.cores} cores",
            f"inkdigits train --threads {facts.cores}, or OMP_NUM_THREADS={facts.cores}",
        ),
        (
            2 * facts.threads < facts.cores,  # two threads of one core share its arithmetic: half of them may be right
            f"torch uses {facts.threads} of {facts.cores} cores",
            f"inkdigits train --threads {facts.cores}, or take OMP_NUM_THREADS out of the environment",
        ),
        (
            facts.threads > 1 and facts.images_per_second < CROWDED * facts.images_per_second_1,
            f"{facts.threads} threads train slower than one: other work keeps the cores busy",
            "end the other work, or inkdigits train --threads 1",
        ),
        (
            facts.sgemm_gflops < SLOW_MKL * facts.numpy_gflops,
            f"torch multiplies matrices at {facts.sgemm_gflops:.0f} GFLOP/s, numpy at {facts.numpy_gflops:.0f}: "
            "its MKL has taken a slow path, as it may on processors not made by Intel",
            "compile `int mkl_serv_intel_cpu_true(void) { return 1; }` with gcc -shared -fPIC -o fast.so, and start "
            "inkdigits with LD_PRELOAD=./fast.so",
        ),
        (
            facts.denormal_slowdown > SLOW_DENORMALS,
            f"denormal numbers (below 1e-38) cost {facts.denormal_slowdown:.0f} times as much as others here; weights "
            "and gradients near zero can become such numbers",
            "if epochs grow slower while a run lasts: call torch.set_flush_denormal(True) before inkdigits.train",
        ),
    )
    return [Complaint(what, mend) for is_so, what, mend in checks if is_so]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _is_present(name: str) -> bool:
    try:
        choose_device(name)
    except ValueError:
        return False
    return True


def _seconds(work: Callable[[], object], *, at_least: float = 0.1) -> float:
    """Return the median time of a piece of work, called for a tenth of a second after two calls to warm up."""
    for _ in range(2):
        work()
    times: list[float] = []
    while sum(times) < at_least or len(times) < 5:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


def _images_per_second(threads: int) -> float:
    model = create_model("quicknet").to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    images, labels = torch.zeros(BATCH, 28, 28), torch.zeros(BATCH, dtype=torch.int64)
    with using_threads(threads):
        return BATCH / _seconds(lambda: F.cross_entropy(model(images), labels).backward(), at_least=0.3)
