"""One thread a process: the suite is as fast, and other work on the machine does not stall it."""

import os

os.environ["OMP_NUM_THREADS"] = "1"
