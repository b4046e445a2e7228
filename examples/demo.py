"""The whole flow on the embedded data: train, evaluate, report, export, read a picture. `make demo` runs it.

Every line here is the public interface; copy what you need.
"""

import shutil
import subprocess
import sys
from pathlib import Path

RUN = Path("runs/demo")
PICTURE = "examples/seven.jpg"


def main() -> None:
    """Run the commands that a user would type, and show each of them."""
    shutil.rmtree(RUN, ignore_errors=True)
    run("train", "quick", "--epochs", "4", "--out", str(RUN))  # four, so that the curves have a course
    evaluated = run("evaluate", str(RUN), "--plots", str(RUN))
    run("export", str(RUN), str(RUN / "model.onnx"))
    run("compare", str(RUN), "shipped")
    run("read", PICTURE, "--trace", str(RUN / "reading.png"))
    print(f"\n{evaluated.splitlines()[0]}")
    print(f"The report:                  {RUN / 'report.html'}")
    print(f"The reading, stage by stage: {RUN / 'reading.png'}")


def run(*arguments: str) -> str:
    """Show and run one command, return what it prints; stop where it fails."""
    print(f"\n$ inkdigits {' '.join(arguments)}", flush=True)
    with subprocess.Popen(
        [sys.executable, "-m", "inkdigits", *arguments], stdout=subprocess.PIPE, text=True
    ) as command:
        assert command.stdout is not None
        lines = []
        for line in command.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if command.returncode:
        sys.exit(command.returncode)
    return "".join(lines)


if __name__ == "__main__":
    main()
