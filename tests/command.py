"""The command line inside this process: the code and exit codes of `inkdigits`, without importing torch each time."""

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from inkdigits.cli.app import run


def inkdigits(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command and return what a process would have returned."""
    words = [str(argument) for argument in arguments]
    output, messages = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        patch.object(sys, "argv", ["inkdigits", *words]),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(messages),
        contextlib.chdir(cwd or "."),
    ):
        code = run()
    written = [stream.buffer.getvalue() for stream in (output, messages) if isinstance(stream.buffer, io.BytesIO)]
    return subprocess.CompletedProcess(words, code, *written)
