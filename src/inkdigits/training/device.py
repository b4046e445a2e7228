"""Which processor, how many threads of it, and how its memory is kept."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from inkdigits.errors import ConfigError

BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")  # what processors call their products of it: x86, x86, Arm


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of that name; "auto" takes cuda, then mps, then cpu, whichever is there first.

    Raises:
        ConfigError: the device was asked for by name and is not there.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(device for device, is_present in present.items() if is_present))
    if not present.get(name, False):
        usable = ", ".join(device for device, is_present in present.items() if is_present)
        raise ConfigError(f"device {name!r} is not available on this machine: use auto, or one of {usable}")
    return torch.device(name)


def describe_device(device: torch.device, threads: int | None = None, *, precision: str = "float32") -> str:
    """Return one line that says where the work is done, and in what precision if it was asked for."""
    half = f", {precision if multiplies(device) else f'no {precision} here: float32'}" if precision != "float32" else ""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)}{half})"
    if device.type == "cpu":
        threads = threads or torch.get_num_threads()
        return f"cpu ({threads} thread{'s' if threads > 1 else ''}{half})"
    return f"{device.type}{half}"


def multiplies(device: torch.device) -> bool:
    """Tell whether a device multiplies bfloat16 itself; emulated, it would be many times slower than float32."""
    if device.type == "cuda":
        itself: bool = torch.cuda.is_bf16_supported(including_emulation=False)
        return itself
    if device.type == "cpu":
        capabilities = getattr(torch.cpu, "get_capabilities", dict[str, bool])()  # torch 2.10 cannot tell
        return any(capabilities.get(name) for name in BFLOAT16)
    return True


def multiplying(precision: str, device: torch.device) -> torch.autocast:
    """Return the context in which convolutions and products are computed in that precision; all else stays float32.

    Where a processor lacks bfloat16 the context does nothing.
    """
    enabled = precision == "bfloat16" and multiplies(device)
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


@contextmanager
def using_threads(threads: int | None) -> Iterator[None]:
    """Compute with so many CPU threads, and with as many as before afterwards; None = as many as torch does anyhow."""
    before = torch.get_num_threads()
    try:
        if threads is not None:
            torch.set_num_threads(threads)
        yield
    finally:
        torch.set_num_threads(before)


def keep_memory() -> None:
    """Let the C library keep freed memory for the next step instead of handing it back to the system.

    Every step frees megabytes of activations and asks for them again; glibc returns such blocks at once, and each
    4 kB page of the next ones then costs a page fault. With this a step of the first `quick` recipe, of 256
    images, took up to 80 page faults instead of 2,000 to 2,700, and 20 to 50 % less time (2 cores, 20 steps, two runs
    of each). Without glibc, nothing happens.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            m_trim_threshold, m_mmap_threshold = -1, -3  # from malloc.h
            mallopt(m_mmap_threshold, 32 * 2**20)  # the largest that glibc takes: blocks up to this come from the heap
            mallopt(m_trim_threshold, 2**30)  # give back only what lies idle beyond 1 GiB
