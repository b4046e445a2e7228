"""The documents are executed: what they show works."""

import contextlib
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from benchmarks import records
from inkdigits.config import TrainConfig
from tests.command import inkdigits
from tools import check_docs

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "lessons/README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def place(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.stem)
def test_python_in_the_documents_runs(page: Path, tmp_path: Path) -> None:
    program = "\n".join(blocks(page, "python"))
    with contextlib.chdir(place(tmp_path)), contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program, page.name, "exec"), {"__name__": "__main__"})


# Need a network connection, somebody's own pictures, several processes or long training: other tests run such commands.
ELSEWHERE = ("https:", "mine/", "sudoku.jpg", "photo.jpg", "model.onnx", "torchrun", "ensemble", "git clone")


def commands(page: Path) -> list[str]:
    """Return the commands of a page in their order: those of a console, and those that take long and are shortened."""
    found = []
    for language, block in re.findall(r"^```(console|text)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if language == "console" and line.startswith("$ "):
                found.append(line[2:])
            elif language == "text" and re.match(r"inkdigits [a-z]+( |$)", line):
                found.append(shortened(line.split("#")[0].strip()))
    return [command for command in found if not any(part in command for part in ELSEWHERE)]


def shortened(command: str) -> str:
    if command.startswith("inkdigits train"):
        return f"{command} --epochs 1 --config small.toml"
    return f"{command} --trials 1 --epochs 1" if command.startswith("inkdigits tune") else command


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem != "cli" and commands(page)], ids=lambda page: page.stem
)
def test_commands_in_the_documents_run(page: Path, tmp_path: Path) -> None:
    place(tmp_path)
    (tmp_path / "small.toml").write_text("images_per_epoch = 500\nvalidation_size = 500\n")
    for command in commands(page):
        words = shlex.split(command, comments=True)
        if words[0] == "inkdigits":
            ended = inkdigits(*words[1:], cwd=tmp_path)
        elif "inkdigits" in words:  # behind a pipe
            shell = command.replace("inkdigits", f"{sys.executable} -m inkdigits", 1)
            ended = subprocess.run(shell, shell=True, cwd=tmp_path, capture_output=True, check=False)
        else:  # setting up: make and pip
            continue
        assert ended.returncode == 0, f"{command}\n{ended.stderr.decode()}"


def test_commands_that_take_long_are_spelt_as_the_command_line_spells_them() -> None:
    reference = (ROOT / "docs/cli.md").read_text()
    found = 0
    for page in PAGES:
        lines = [line for block in blocks(page, "text") for line in block.splitlines()]
        for words in (line.split("#")[0].split() for line in lines if re.match(r"inkdigits [a-z]+( |$)", line)):
            section = reference.split(f"\n## inkdigits {words[1]}\n")[1].split("\n## inkdigits ")[0]
            for flag in (word.split("=")[0] for word in words if word.startswith("--")):
                assert re.search(rf"{flag}\b", section), f"{page.name}: {' '.join(words)}"
            found += 1
    assert found > 10


def test_settings_in_the_documents_are_accepted() -> None:
    shown = [block for page in PAGES for block in blocks(page, "toml")]
    assert shown
    for block in shown:
        TrainConfig(model="cnn").replace(tomllib.loads(block))


def test_what_is_made_in_the_documents_can_be_made() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in (*PAGES, ROOT / "CONTRIBUTING.md"):
        for target in re.findall(
            r"(?:^|`)make ([a-z]+)\b", "\n".join([*blocks(page, "text"), page.read_text()]), re.MULTILINE
        ):
            assert f"\n{target}:" in makefile, f"{page.name}: make {target}"


def test_every_link_and_name_leads_somewhere() -> None:
    assert list(check_docs.broken_links()) == []
    assert list(check_docs.broken_names()) == []


def test_no_page_names_a_machine() -> None:
    for page in (*PAGES, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "Makefile", ROOT / ".ci/run"):
        assert not re.search(r"/work/|/root/|pythonhosted|pypi\.org|download\.pytorch", page.read_text()), page


def test_the_figures_told_by_hand_are_those_on_file() -> None:
    times, loops, recipes = (
        json.loads((ROOT / f"benchmarks/results/{name}.json").read_text())
        for name in ("time_to_accuracy", "loop_speed", "recipes")
    )
    quick, careful, thorough, accurate = (times["rows"][name] for name in ("quick", "careful", "thorough", "accurate"))
    tutorial = [run["train_seconds"] for run in times["tutorial"] if run["accuracy"] >= times["published"]]
    median, least, most = records.median(tutorial), min(tutorial), max(tutorial)
    ratios = {row["batch_size"]: row["ratio"] for row in loops["rows"]}
    cnn, light = (recipes["recipes"][name] for name in ("cnn", "light"))
    inference = json.loads((ROOT / "benchmarks/results/inference.json").read_text())
    speed = inference["models"]["R2"]["ONNX Runtime"]["1000"]["images_per_second"]
    runs = json.loads((ROOT / "benchmarks/results/ladder.json").read_text())["runs"]
    few = next(run for run in runs if run["recipe"] == "params-3000")
    rungs = [
        records.mean_interval([run["accuracy"] for run in runs if run["recipe"] == name and not run["taught_by"]])
        for name in dict.fromkeys(run["recipe"] for run in runs)
    ]
    told = {
        "README.md": [
            f"| `quick`, the default | {_interval(quick)} on the test set ({len(quick['runs'])} seeds) "
            f"after {quick['loop_seconds']:.1f} s of training",
            f"the whole process {quick['process_seconds']:.1f} s",
            f"{quick['times_as_fast']:.0f} times as fast as a tutorial's loop to its {times['published'] * 100:.2f} %",
            f"| `careful` | {_interval(careful)} ({len(careful['runs'])} seeds) after {careful['loop_seconds']:.1f} s, "
            f"{careful['loop_seconds'] / careful['quick_seconds']:.1f} times the time of `quick`",
            f"| `thorough` | {_interval(thorough)} ({len(thorough['runs'])} seeds) "
            f"after {thorough['loop_seconds']:.0f} s, "
            f"{thorough['loop_seconds'] / thorough['quick_seconds']:.0f} times the time of `quick`",
            f"| `accurate` | {_interval(accurate)} ({len(accurate['runs'])} seeds",
            "| at most 700, 3,000, 10,000, 60,000 parameters | "
            + ", ".join(f"{mean * 100:.2f} ± {half * 100:.2f} %" for mean, _, half in rungs),
            f"the last with two threads {_interval(times['rows']['params-60000'])})",
            f"| {_interval(light)} ({len(light['runs'])} seeds) with 60,074 parameters; "
            f"exported it takes {round(speed, -3):,.0f} images a second",
        ],
        "docs/tutorials/cnn-code-along.md": [
            f"| {median:.0f} s ({least:.0f} s to {most:.0f} s, n = {len(tutorial)}) |",
            f"| {quick['loop_seconds']:.1f} s, and {_interval(quick)} (n = {len(quick['runs'])}) |",
            f"| {ratios[10]:.2f} times as fast (median of ",
            f"| {ratios[64]:.2f} times (",
            f") and {ratios[256]:.2f} times (",
            f"| {_interval(cnn)} (95 % interval, n = {len(cnn['runs'])} seeds)",
        ],
        "CHANGELOG.md": [
            f"{few['parameters']:,} parameters read {100 * rungs[1][0]:.2f} % with it",
            f"`quick`, the default, 99 % after {quick['loop_seconds']:.1f} seconds of training on 2 cores, "
            f"`careful`, 99.5 % after {careful['loop_seconds']:.0f} seconds, "
            f"`thorough`, 99.7 % after {thorough['loop_seconds']:.0f} seconds",
        ],
        "lessons/14_speed.py": [f"that took {quick['loop_seconds']:.1f} seconds ([median of ten runs]"],
    }
    for page, texts in told.items():
        page_text = " ".join((ROOT / page).read_text().split())
        assert [text for text in texts if text not in page_text] == [], page


def _interval(row: dict[str, Any]) -> str:
    """Return a mean accuracy and half of its interval as the pages write them."""
    mean = row.get("accuracy") or row["mean_accuracy"]
    return f"{mean * 100:.2f} ± {row['half_interval_95'] * 100:.2f} %"
