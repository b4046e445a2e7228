"""Several real processes that train together, started in a moment: the server they fork from has loaded torch."""

import multiprocessing
import os
import socket
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from inkdigits.training.distributed import Team, joined

Result = TypeVar("Result")


def forkserver() -> multiprocessing.context.ForkServerContext:
    """Return a context whose processes begin with torch and the small sets loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["inkdigits.training.run", "tests.preload"])
    return context


def in_team(size: int, work: Callable[[Team], Result]) -> list[Result]:
    """Return what each process of a team returns."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ProcessPoolExecutor(size, mp_context=forkserver()) as pool:
        return [found.result() for found in [pool.submit(_member, rank, size, port, work) for rank in range(size)]]


def _member(rank: int, size: int, port: int, work: Callable[[Team], Result]) -> Result:
    """What torchrun gives a process: its place in the environment."""
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(size),
        "LOCAL_WORLD_SIZE": str(size),
        "TORCHELASTIC_RUN_ID": "tests",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    with joined() as team:
        return work(team)
