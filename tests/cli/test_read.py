"""`inkdigits read` as users and programs call it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SEVEN, NINE = Path("examples/seven.jpg").resolve(), Path("examples/nine.jpg").resolve()


def read(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "inkdigits", "read", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_a_picture_is_read_with_all_probabilities() -> None:
    ended = read(SEVEN)
    assert ended.returncode == 0
    first, second = ended.stdout.decode().splitlines()
    assert first.startswith(f"{SEVEN}: 7  (")
    assert [part.split()[0] for part in second.split("   ")] == list("0123456789")
    assert b"\x1b" not in ended.stdout + ended.stderr


def test_several_pictures_are_read_in_order_as_json() -> None:
    lines = [json.loads(line) for line in read(SEVEN, NINE, "--json").stdout.splitlines()]
    assert [line["digit"] for line in lines] == [7, 9]
    assert all(line["schema"] == 1 and len(line["digits"][0]["probabilities"]) == 10 for line in lines)


def test_stdin_is_a_picture_too() -> None:
    assert read("-", stdin=NINE.read_bytes()).stdout.startswith(b"-: 9")
    ended = read("-", stdin=b"")
    assert ended.returncode == 3
    assert b"the file is empty" in ended.stderr


def test_test_images_are_read_by_index() -> None:
    ended = read("mnist:test/2019", "mnist:test/4142", "--json")
    assert [json.loads(line)["digit"] for line in ended.stdout.splitlines()] == [9, 7]
    assert b"mnist:test/2019 is labelled 9" in ended.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mnist:test/10000", "holds the images 0 to 9999"),
        ("mnist:test/abc", "is written mnist:test/2019"),
        ("mnist:tset/1", "did you mean test"),
        ("missing.png", "cannot be opened"),
        ("https://example.org/7.png", "addresses are not fetched"),
    ],
)
def test_a_bad_source_is_one_line(name: str, message: str) -> None:
    ended = read(name)
    assert ended.returncode == 3
    assert message in ended.stderr.decode()
    assert ended.stderr.count(b"\n") == 1


def test_bad_pictures_do_not_stop_the_others(tmp_path: Path) -> None:
    empty, text, huge = tmp_path / "empty.png", tmp_path / "text.png", tmp_path / "huge.pgm"
    empty.write_bytes(b"")
    text.write_text("seven")
    huge.write_bytes(b"P5 50000 50000 255\n")
    ended = read(empty, SEVEN, text, huge, tmp_path, NINE, "--json")
    assert ended.returncode == 1
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line.get("text", line.get("error", {}).get("code")) for line in lines] == [
        "InputError", "7", "InputError", "InputError", "InputError", "9",
    ]  # fmt: skip
    assert ended.stderr.count(b"error:") == 4
    assert b"Traceback" not in ended.stderr


def test_a_blank_page_is_unread(tmp_path: Path) -> None:
    (tmp_path / "blank.pgm").write_bytes(b"P5 50 50 255\n" + bytes([255]) * 2500)
    ended = read(tmp_path / "blank.pgm", "--json")
    assert ended.returncode == 3
    assert json.loads(ended.stdout)["digit"] is None


def test_the_stages_are_drawn(tmp_path: Path) -> None:
    assert read(SEVEN, "--trace", tmp_path / "t.png").returncode == 0
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_the_stages_are_of_one_picture(tmp_path: Path) -> None:
    ended = read(SEVEN, NINE, "--trace", tmp_path / "t.png")
    assert ended.returncode == 2
    assert b"--trace draws one picture into one .png, got 2 pictures" in ended.stderr


def test_a_model_that_is_missing_is_told() -> None:
    ended = read(SEVEN, "--model", "missing.onnx")
    assert ended.returncode == 4
    assert b"missing.onnx: cannot be opened" in ended.stderr
