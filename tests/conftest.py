"""One thread a process: the suite is as fast, and other work on the machine does not stall it."""

import os
import signal

os.environ["OMP_NUM_THREADS"] = "1"
# A shell that starts the suite in the background lets it ignore Ctrl-C, and all that it starts too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Start the server that test processes are forked from, before code under test starts one that has no torch."""
    from multiprocessing.forkserver import ensure_running

    from tests.team import forkserver

    forkserver()
    ensure_running()
