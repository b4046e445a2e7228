"""A bare installation, without any extra, reads a picture."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def test_a_plain_installation_reads_a_picture_and_says_what_training_needs(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv")
    folder = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    install: list[str | os.PathLike[str]] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder / "python",
        "install",
        "--quiet",
        "--no-compile",
        "--constraint",
        ROOT / "constraints.txt",
        ROOT,
    ]
    subprocess.run(install, check=True, capture_output=True)
    has_torch = subprocess.run([folder / "python", "-c", "import torch"], capture_output=True, check=False)
    assert has_torch.returncode != 0

    read: list[str | os.PathLike[str]] = [folder / "inkdigits", "read", ROOT / "examples/seven.jpg", "--json"]
    reading = json.loads(subprocess.run(read, check=True, capture_output=True, text=True, cwd=tmp_path).stdout)
    assert reading["text"] == "7"

    evaluated = subprocess.run([folder / "inkdigits", "evaluate", "--json"], check=True, capture_output=True, text=True)
    assert json.loads(evaluated.stdout)["accuracy"] > 0.99

    opened = subprocess.run(
        [folder / "inkdigits", "learn", "open", "own_picture"], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    files = opened.stdout.splitlines()
    assert files[:2] == ["12_own_picture.ipynb", "own_picture_exercise.py"]
    assert all((tmp_path / file).stat().st_size for file in files)
    assert "pictures/seven.jpg" in files
    played = subprocess.run(
        [folder / "inkdigits", "play", "--rounds", "1"], check=True, capture_output=True, text=True, input="q\n"
    )
    assert "you 0, shipped 0, of 0" in played.stdout

    for command in (
        ["train"],
        ["summary"],
        ["evaluate", "runs/x"],
        ["export", "runs/x"],
        ["learn", "check", "1", "x.py"],
    ):
        refused = subprocess.run(
            [folder / "inkdigits", *command], check=False, capture_output=True, text=True, cwd=tmp_path
        )
        assert refused.returncode == 2
        assert 'pip install "inkdigits[train]"' in refused.stderr
        assert "Traceback" not in refused.stderr
