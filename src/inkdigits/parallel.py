"""Work on many things at once, in processes, with the answers in the order of the things."""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import forkserver
from types import ModuleType
from typing import Any, TypeVar

from inkdigits.errors import InkdigitsError, InputError
from inkdigits.machine import usable_cores

CHUNK = 8  # items that a process is given at a time: handing over one costs a tenth of reading a small picture
AHEAD = 3  # chunks a process that are worked on before the first of their answers is asked for
MAX_PROCESSES = 61  # more, Windows cannot wait for

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Work = Callable[[Item], Answer]

_work: Work[Any, Any]  # of this process, once it was prepared
_main = threading.Lock()  # held by who put the main module aside


def in_order(
    prepare: Callable[[], Work[Item, Answer]],
    items: Iterable[Item],
    *,
    processes: int | None = None,
    chunk: int = CHUNK,
    failure: type[InkdigitsError] = InputError,
) -> Iterator[Answer]:
    """Do some work on each item in several processes, and yield the answers in the order of the items.

    Processes, not threads: half of the work on a small picture is Python's own.

    Args:
        prepare: called once in each process, returns what is called with each item. What either raises is raised here.
            It, the items and the answers must be such as pickle takes, and not of the program's main module.
        items: taken a little ahead of the answers, so that there may be any number of them.
        processes: None = one a core.
        chunk: items that a process is given at a time.
        failure: what is raised when a process dies, as of too little memory.
    """
    processes = min(processes or usable_cores(), MAX_PROCESSES)
    pool = ProcessPoolExecutor(processes, _context(prepare), initializer=_begin, initargs=(prepare,))
    waiting = deque[Future[tuple[list[Answer], Exception | None]]]()
    rest = iter(items)
    try:
        for _ in range(processes):  # all begin before any works: beside one that dies, a new one would wait for ever
            _submit(pool, _idle)
        while True:
            some = tuple(islice(rest, chunk))
            if some:
                waiting.append(_submit(pool, _answer, some))
                if len(waiting) < AHEAD * processes:
                    continue
            if not waiting:
                return
            answers, error = waiting.popleft().result()
            yield from answers
            if error is not None:
                raise error
    except BrokenProcessPool as error:
        raise failure("a process at work died, perhaps for lack of memory: free some, and start again") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _context(prepare: Callable[[], Any]) -> multiprocessing.context.BaseContext:
    """Return how processes begin: forked from one that has loaded the modules and nothing else, where that is possible.

    Forked from this one they would wait for threads of OpenCV that do not outlive a fork.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    function = getattr(prepare, "func", prepare)  # of a partial
    context.set_forkserver_preload([function.__module__])
    # Ctrl-C reaches every process; it would find the server still loading modules. It and all that it forks inherit
    # this, so the first process alone is interrupted.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


def _submit(pool: ProcessPoolExecutor, work: Callable[..., Answer], *arguments: Any) -> Future[Answer]:
    """Hand work to a pool, which may begin a process.

    None that begins imports the program's main module, where a script without a guard would run again: for this moment
    the program has an empty one.
    """
    with _main:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return pool.submit(work, *arguments)
        except OSError as error:  # the pool is just closing its pipes
            raise BrokenProcessPool("it broke while a process began") from error
        finally:
            sys.modules["__main__"] = main


def _idle() -> None:
    """Do nothing."""


def _begin(prepare: Callable[[], Work[Any, Any]]) -> None:
    global _work  # noqa: PLW0603 - a process of a pool has no other place for what it was prepared with
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the first one ends the others
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _work = prepare()
    except Exception as error:  # whatever it is belongs to the one who asked
        _work = _raising(error)


def _end_with_parent() -> None:
    """End this process when the one that began it is gone, killed for instance."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _raising(error: Exception) -> Work[Any, Any]:
    def refuse(_item: object) -> None:
        raise error

    return refuse


def _answer(chunk: tuple[Any, ...]) -> tuple[list[Any], Exception | None]:  # Any: what the work takes and gives
    """Return the answers to a chunk of items, up to the first that raises, and what it raises."""
    answers: list[Any] = []
    try:
        for item in chunk:
            answers.append(_work(item))
    except Exception as error:  # raised again where the answer would be
        return answers, error
    return answers, None
