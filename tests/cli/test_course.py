"""`learn` and `play` as their users meet them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from inkdigits.course.lessons import LESSONS, exercise_file, find_lesson
from tests.command import inkdigits


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_lessons_are_listed_and_the_next_is_named() -> None:
    listed = inkdigits("learn")
    assert listed.returncode == 0
    for lesson in LESSONS:
        assert f"{lesson.name} " in listed.stdout.decode()
    assert b"0 of 15 solved; next: inkdigits learn open tensors" in listed.stderr
    assert max(map(len, listed.stdout.decode().splitlines())) <= 80


def test_an_exercise_is_opened_mended_and_solved(home: Path) -> None:
    opened = inkdigits("learn", "open", "softmax", "--out", "mine", cwd=home)
    assert opened.returncode == 0, opened.stderr
    assert opened.stdout.decode().splitlines() == ["mine/06_softmax.ipynb", "mine/softmax_exercise.py"]
    exercise = home / "mine/softmax_exercise.py"

    wrong = inkdigits("learn", "check", "softmax", exercise)
    assert wrong.returncode == 1
    assert b"to mend: each row must sum to 1" in wrong.stdout

    exercise.write_bytes(inkdigits("learn", "solution", "softmax").stdout)
    right = inkdigits("learn", "check", "softmax", exercise)
    assert right.returncode == 0
    assert right.stdout.decode().splitlines()[-1] == "solved: softmax and cross-entropy"

    lessons = json.loads(inkdigits("learn", "--json").stdout)["lessons"]
    assert [lesson["name"] for lesson in lessons if lesson["solved"]] == ["softmax"]

    again = inkdigits("learn", "open", "6", "--out", "mine", cwd=home)
    assert b"softmax_exercise.py  (was there already, kept)" in again.stdout


def test_marking_speaks_json() -> None:
    lesson = find_lesson("softmax")
    marked = inkdigits("learn", "check", "softmax", exercise_file(lesson, "start.py"), "--json")
    assert marked.returncode == 1
    found = json.loads(marked.stdout)
    assert (found["lesson"], found["solved"], found["passed"]) == ("softmax", False, [])
    assert "each row must sum to 1" in found["hint"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("open", "sofmax"), 2, "did you mean softmax"),
        (("check", "softmax", "none.py"), 3, "`inkdigits learn open softmax` writes the start"),
        (("check", "softmax", "."), 3, "is no file"),
        (("--json", "open", "6"), 2, "--json goes behind the command"),
        (("open", "softmax", "--out", "/etc/hostname"), 5, "/etc/hostname is a file; choose another folder"),
        (("solution", "16"), 2, "unknown lesson '16'"),
        (("open", "softmax", "--out", "/proc/nowhere"), 5, "cannot write"),
        (("chek",), 2, "Did you mean 'check'"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: tuple[str, ...], code: int, told: str) -> None:
    ended = inkdigits("learn", *arguments)
    assert ended.returncode == code
    assert told in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()


def test_a_game_is_played_scored_and_kept(home: Path) -> None:
    game = inkdigits("play", "--rounds", "3", "--seed", "5", stdin=b"7\nx\n\nq\n")
    assert game.returncode == 0, game.stderr
    told = game.stdout.decode().splitlines()
    assert len([line for line in told if line.startswith("it is labelled")]) == 2
    assert "you passed" in told[1]
    assert b"'x' is none of 0, 1, 2" in game.stderr
    assert told[-1].endswith("of 2")
    second = inkdigits("play", "--rounds", "1", "--seed", "5", stdin=b"7\n")
    assert second.stdout.decode().splitlines()[-1].endswith("of 3")


def test_who_answers_with_the_labels_wins_or_draws() -> None:
    blind = inkdigits("play", "--rounds", "4", "--seed", "9", "--json", stdin=b"\n\n\n\n")
    *shown, last = [json.loads(line) for line in blind.stdout.decode().splitlines()]
    assert last["game"] == last["all"]
    assert last["game"]["rounds"] == 4
    labels = [each["label"] for each in shown]
    assert len(labels) == 4
    game = inkdigits("play", "--rounds", "4", "--seed", "9", stdin="".join(f"{label}\n" for label in labels).encode())
    assert "you 4, shipped" in game.stdout.decode()
    assert "The model wins" not in game.stdout.decode()


def test_a_game_without_anybody_ends_with_nothing() -> None:
    game = inkdigits("play", "--rounds", "2", stdin=b"")
    assert game.returncode == 0
    assert "you 0, shipped 0, of 0. A draw." in game.stdout.decode()


def test_a_game_goes_on_beside_an_exercise(home: Path) -> None:
    solution = exercise_file(find_lesson("softmax"), "solution.py")
    assert inkdigits("learn", "check", "softmax", solution).returncode == 0
    assert inkdigits("play", "--rounds", "1", stdin=b"1\n").returncode == 0
    assert b"1 of 15 solved" in inkdigits("learn").stderr


def test_a_game_needs_a_seed_from_0() -> None:
    assert inkdigits("play", "--seed", "-1").returncode == 2


def test_a_game_with_closed_input_ends(home: Path) -> None:
    command = f"{sys.executable} -m inkdigits play --rounds 1 <&-"
    ended = subprocess.run(command, shell=True, capture_output=True, check=False)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr


def test_a_command_to_copy_is_quoted(home: Path) -> None:
    opened = inkdigits("learn", "open", "softmax", "--out", "a b", "--json", cwd=home)
    assert json.loads(opened.stdout)["files"][0] == {"path": "a b/06_softmax.ipynb", "new": True}
    assert b"'a b/softmax_exercise.py'" in inkdigits("learn", "open", "softmax", "--out", "a b", cwd=home).stderr


def test_a_damaged_score_stops_before_the_game_and_stays(home: Path) -> None:
    path = home / "config/inkdigits/course.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    game = inkdigits("play", "--rounds", "1", stdin=b"1\n")
    assert game.returncode == 5
    assert b"is damaged" in game.stderr
    assert path.read_text() == "{"


def test_a_terminal_shows_the_digit_in_greys(home: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-m", "inkdigits", "play", "--rounds", "1", "--seed", "1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs, env=environment,
    ) as game:  # fmt: skip
        os.close(theirs)
        output, _ = game.communicate(b"3\n", timeout=60)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the terminal is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert game.returncode == 0
    assert b"it is labelled" in output
    assert shown.decode().count("▀") == 28 * 14


def test_an_answer_is_solved_where_nothing_can_be_kept(home: Path) -> None:
    (home / "config").write_text("a file in the way of the folder")
    ended = inkdigits("learn", "check", "softmax", exercise_file(find_lesson("softmax"), "solution.py"))
    assert ended.returncode == 0
    assert b"solved: " in ended.stdout
    assert b"will not know it" in ended.stderr
