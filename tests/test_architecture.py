"""The drawn house is the built one."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src/inkdigits"
FILES = sorted(SOURCE.rglob("*.py"))
TORCH_HOMES = ("models", "training", "export.py")


def imported(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module


def test_the_floors_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([linter], cwd=SOURCE.parents[1], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_torch_stays_at_home(path: Path) -> None:
    at_home = path.relative_to(SOURCE).parts[0] in TORCH_HOMES
    names = {name.split(".")[0] for _, name in imported(path)}
    assert at_home or names.isdisjoint({"torch", "safetensors", "onnx", "onnxscript"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_names_are_imported_from_the_file_that_defines_them(path: Path) -> None:
    packages = {"inkdigits"} | {f"inkdigits.{folder.name}" for folder in SOURCE.iterdir() if folder.is_dir()}
    for _, name in imported(path):
        assert name not in packages, f"{path.name} imports from the package {name} itself"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_can_be_seen_whole(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 250
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            docstring = len((ast.get_docstring(node) or "").splitlines())
            assert lines - docstring <= 60, f"{node.name} has {lines - docstring} lines"


def test_no_pickle_is_ever_opened_and_nothing_is_evaluated() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"eval", "exec", "torch.load", "pickle.load", "pickle.loads", "joblib.load"}, path
                if called == "np.load":
                    assert "allow_pickle" not in ast.unparse(node)
        assert "pickle" not in {name for _, name in imported(path)}


def test_only_the_command_line_prints() -> None:
    for path in FILES:
        if path.relative_to(SOURCE).parts[0] in ("cli", "__main__.py"):
            continue
        calls = [ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
        assert "print" not in calls, path


def test_one_file_alone_touches_the_network() -> None:
    for path in FILES:
        if path == SOURCE / "reading/fetch.py":
            continue
        names = {name.split(".")[0] for _, name in imported(path)}
        assert names.isdisjoint({"requests", "urllib", "socket", "http", "httpx", "pooch"}), path
