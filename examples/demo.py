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
    run("train", "quick", "--out", str(RUN))
    run("evaluate", str(RUN), "--plots", str(RUN))
    run("export", str(RUN), str(RUN / "model.onnx"))
    run("read", PICTURE, "--model", str(RUN / "model.onnx"))
    run("read", PICTURE, "--trace", str(RUN / "reading.png"))
    run("compare", str(RUN), "shipped")
    print(
        f"\nThe report: {RUN.resolve() / 'report.html'}\nThe reading, stage by stage: {RUN.resolve() / 'reading.png'}"
    )


def run(*arguments: str) -> None:
    """Show and run one command; stop where it fails."""
    print(f"\n$ inkdigits {' '.join(arguments)}", flush=True)
    ended = subprocess.run([sys.executable, "-m", "inkdigits", *arguments], check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
