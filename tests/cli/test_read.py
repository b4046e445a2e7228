"""`inkdigits read`, run as users run it."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.command import inkdigits
from tests.drawing import as_file, mnist_test, photo_of

FIELDS = {"schema", "source", "text", "digit", "lines", "digits", "rejected", "warnings"}
SEVEN, TWO = 0, 1  # test images that no reader gets wrong


def inkdigits_read(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return inkdigits("read", *arguments, stdin=stdin)


def process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "inkdigits", "read", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, env=os.environ | environment)


def lines(output: bytes) -> list[str]:
    return output.decode("utf-8").splitlines()


def objects(output: bytes) -> list[dict[str, Any]]:  # Any: JSON
    return [json.loads(line) for line in lines(output)]


def picture(folder: Path, index: int, name: str) -> Path:
    path = folder / name
    path.write_bytes(as_file(Image.fromarray(photo_of(index))))
    return path


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    return picture(tmp_path, SEVEN, "seven.png")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return picture(tmp_path, TWO, "two.png")


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.png"
    path.write_text("seven")
    return path


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    path.write_bytes(as_file(Image.new("L", (100, 100), 230)))
    return path


def test_one_picture_is_read(seven: Path) -> None:
    done = process(seven)
    assert done.returncode == 0
    first, second = lines(done.stdout)
    assert first.startswith(f"{seven}: 7  (")
    assert first.endswith(" %)")
    probabilities = second.split()
    assert probabilities[::2] == list("0123456789")
    assert sum(map(float, probabilities[1::2])) == pytest.approx(100, abs=0.06)
    assert done.stderr == b""


def test_pictures_are_read_in_their_order(seven: Path, two: Path) -> None:
    done = inkdigits_read(two, seven, two)
    assert done.returncode == 0
    assert [line.split("  (")[0] for line in lines(done.stdout)[::2]] == [f"{two}: 2", f"{seven}: 7", f"{two}: 2"]


def test_picture_is_read_from_stdin(seven: Path) -> None:
    done = inkdigits_read("-", stdin=seven.read_bytes())
    assert done.returncode == 0
    assert lines(done.stdout)[0].startswith("-: 7  (")


def test_nothing_on_stdin_is_an_error() -> None:
    done = inkdigits_read("-")
    assert done.returncode == 3
    assert lines(done.stderr) == ["error: -: the file is empty"]


def test_images_of_mnist_are_read_and_their_labels_told() -> None:
    done = inkdigits_read("mnist:test/2019", "mnist:test/4142")
    assert done.returncode == 0
    assert [line.split("  (")[0] for line in lines(done.stdout)[::2]] == ["mnist:test/2019: 9", "mnist:test/4142: 7"]
    assert lines(done.stderr) == ["mnist:test/2019 is labelled 9", "mnist:test/4142 is labelled 7"]


def test_image_that_no_data_set_holds_is_an_error() -> None:
    form = "an image of a data set is written mnist:test/2019, split and index"
    problems = {
        "mnist:test/10000": "mnist:test holds the images 0 to 9999",
        "mnist:test/" + "9" * 5_000: "mnist:test holds the images 0 to 9999",
        "mnist:test/abc": form,
        "mnist:test/-1": form,
        "mnist:test": form,
        "mnist:": form,
        "mnist:tset/3": "unknown split 'tset': did you mean test? known: test, train",
        "nosuchset:test/3": "cannot be opened",
    }
    done = inkdigits_read(*problems)
    assert done.returncode == 3
    assert done.stdout == b""
    for line, (name, problem) in zip(lines(done.stderr), problems.items(), strict=True):
        assert line.startswith(f"error: {name}: ")
        assert problem in line


def test_bad_pictures_do_not_stop_the_good_ones(seven: Path, two: Path, words: Path, blank: Path) -> None:
    missing, empty = seven.with_name("missing.png"), seven.with_name("empty")
    empty.mkdir()
    done = process(words, seven, missing, empty, "mnist:test/99999", blank, two)
    assert done.returncode == 1
    assert [line.split("  (")[0] for line in lines(done.stdout) if "  (" in line] == [f"{seven}: 7", f"{two}: 2"]
    assert f"{blank}: no digit" in lines(done.stdout)
    errors = lines(done.stderr)
    assert [line.startswith("error: ") for line in errors] == [True, True, True, True, False]
    for line, culprit in zip(errors, (empty, words, missing, "mnist:test/99999", blank), strict=True):
        assert str(culprit) in line
    assert b"Traceback" not in done.stderr


def test_exit_code_tells_when_nothing_was_read(words: Path, blank: Path) -> None:
    assert inkdigits_read(words, blank).returncode == 3


def test_json_is_one_object_a_picture_in_its_place(seven: Path, words: Path, blank: Path) -> None:
    done = inkdigits_read("--json", words, seven, blank, "mnist:test/99999", "mnist:test/2019")
    assert done.returncode == 1
    bad, good, empty, outside, nine = objects(done.stdout)
    for entry, source in zip((bad, good, empty, outside), (words, seven, blank, "mnist:test/99999"), strict=True):
        assert entry["schema"] == 1
        assert entry["source"] == str(source)
    assert set(bad) == set(outside) == {"schema", "source", "error"}
    for entry in (bad, outside):
        assert set(entry["error"]) == {"code", "message"}
        assert entry["error"]["code"] == "InputError"
        assert str(entry["source"]) in entry["error"]["message"]
    assert set(good) == set(empty) == set(nine) == FIELDS
    assert (good["text"], good["digit"]) == ("7", 7)
    (digit,) = good["digits"]
    assert set(digit) == {"label", "probability", "probabilities", "is_digit", "box_xyxy"}
    assert digit["label"] == "7"
    assert list(digit["probabilities"]) == list("0123456789")
    assert sum(digit["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert len(digit["box_xyxy"]) == 4
    assert (empty["text"], empty["digit"], empty["digits"]) == ("", None, [])
    assert empty["warnings"] == ["blank: nothing stands out from the paper"]
    assert nine["digit"] == 9


def test_trace_draws_the_stages(seven: Path, tmp_path: Path) -> None:
    trace = tmp_path / "new folder" / "trace.png"
    done = inkdigits_read("--trace", trace, seven)
    assert done.returncode == 0
    assert lines(done.stderr) == [f"stages drawn in {trace}"]
    with Image.open(trace) as image:
        assert image.format == "PNG"
        assert image.width > 3 * image.height  # four stages side by side
        assert float(np.asarray(image).std()) > 20


def test_trace_of_two_pictures_is_refused(seven: Path, two: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.png"
    done = inkdigits_read("--trace", trace, seven, two)
    assert done.returncode == 2
    assert lines(done.stderr) == ["error: --trace draws one picture, got 2: name one, or leave out --trace"]
    assert done.stdout == b""
    assert not trace.exists()


def test_trace_that_is_no_png_is_refused(seven: Path, tmp_path: Path) -> None:
    done = inkdigits_read("--trace", tmp_path / "trace.jpg", seven)
    assert done.returncode == 2
    assert "trace.jpg" in lines(done.stderr)[0]


def test_trace_that_cannot_be_written_is_an_error(seven: Path) -> None:
    done = inkdigits_read("--trace", seven / "trace.png", seven)  # a file stands where a folder is needed
    assert done.returncode == 5
    (line,) = lines(done.stderr)
    assert line.startswith("error: cannot write ")


def test_model_that_cannot_be_used_is_an_error(seven: Path, words: Path) -> None:
    done = inkdigits_read("--model", words, seven)
    assert done.returncode == 4
    (line,) = lines(done.stderr)
    assert line.startswith(f"error: {words} is not a usable ONNX file: ")
    assert done.stdout == b""


def test_call_without_pictures_is_refused() -> None:
    done = inkdigits_read()
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_stdout_has_no_escape_bytes_when_piped(seven: Path, words: Path) -> None:
    done = process(seven, words, TERM="xterm-256color")
    assert done.stdout
    assert b"\x1b" not in done.stdout
    assert b"\r" not in done.stdout.replace(b"\r\n", b"\n")


def test_inverted_and_animated_pictures_are_warned_of_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "seven.gif"
    frames = [Image.fromarray(255 - photo_of(index)) for index in (SEVEN, TWO)]
    path.write_bytes(as_file(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    done = inkdigits_read(path)
    assert done.returncode == 0
    assert lines(done.stdout)[0].startswith(f"{path}: 7  (")
    assert lines(done.stderr) == [
        f"{path}: only the first of 2 frames was read",
        f"{path}: light ink on dark paper",
    ]


def test_picture_that_no_locale_can_spell_is_read(tmp_path: Path) -> None:
    path = picture(tmp_path, SEVEN, "sièbe-七.png")
    done = process(path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b".png: 7  (" in done.stdout
    done = process("--json", path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert objects(done.stdout)[0]["source"] == str(path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
def test_picture_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    path = picture(tmp_path, SEVEN, os.fsdecode(b"seven-\xff.png"))
    done = process(path, PYTHONIOENCODING="utf-8")
    assert done.returncode == 0
    assert b".png: 7  (" in done.stdout
    done = process("--json", path, PYTHONIOENCODING="utf-8")
    assert done.returncode == 0
    assert objects(done.stdout)[0]["digit"] == 7


@pytest.mark.skipif(os.name != "posix", reason="pipes of other systems break otherwise")
@pytest.mark.parametrize("json_flag", [(), ("--json",)], ids=["text", "JSON"])
def test_reader_that_leaves_early_is_no_error(json_flag: tuple[str, ...], seven: Path) -> None:
    command = [sys.executable, "-m", "inkdigits", "read", *json_flag, str(seven), str(seven)]
    environment = os.environ | {"PYTHONUNBUFFERED": ""}  # written at the end, if at all
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_full_disk_behind_stdout_is_one_line(unbuffered: str, seven: Path) -> None:
    command = [sys.executable, "-m", "inkdigits", "read", str(seven)]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60, env=environment)
    assert done.returncode == 5
    (line,) = lines(done.stderr)
    assert line.startswith("error: ")


@pytest.mark.skipif(os.name != "posix", reason="closes a file descriptor the POSIX way")
def test_closed_stdin_is_one_line() -> None:
    script = f'exec "{sys.executable}" -m inkdigits read - <&-'
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=False, timeout=60)
    assert done.returncode in (2, 3)
    (line,) = lines(done.stderr)
    assert line.startswith("error: ")


def test_mnist_image_and_its_file_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(as_file(Image.fromarray(mnist_test().images[2_019])))
    file, image = objects(inkdigits_read("--json", path, "mnist:test/2019").stdout)
    assert file["digit"] == image["digit"] == 9


def test_number_is_printed_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "number.png"
    path.write_bytes(as_file(Image.fromarray(np.hstack([photo_of(SEVEN), photo_of(TWO), photo_of(TWO)]))))
    done = inkdigits_read(path, "--boxes", tmp_path / "boxes.png")
    assert done.returncode == 0
    (line,) = lines(done.stdout)
    assert line.startswith(f"{path}: 722  (least sure: ")
    assert lines(done.stderr) == [f"boxes drawn in {tmp_path / 'boxes.png'}"]
    assert (tmp_path / "boxes.png").read_bytes().startswith(b"\x89PNG")
    (entry,) = objects(inkdigits_read("--json", path).stdout)
    assert (entry["text"], entry["digit"], entry["lines"], len(entry["digits"])) == ("722", None, ["722"], 3)
    done = inkdigits_read(path, "--expect", "len=4")
    assert f"{path}: not as expected (len=4): 722" in lines(done.stderr)
    assert inkdigits_read(path, "--expect", "four").returncode == 2


@pytest.mark.parametrize("option", ["--boxes", "--trace"])
def test_a_drawing_never_takes_the_place_of_its_picture(option: str, tmp_path: Path) -> None:
    path, link = tmp_path / "seven.png", tmp_path / "link.png"
    path.write_bytes(as_file(Image.fromarray(photo_of(SEVEN))))
    link.symlink_to(path)
    before = path.read_bytes()
    for drawing in (path, tmp_path / "." / "seven.png", link):
        done = inkdigits_read(path, option, drawing)
        assert done.returncode == 2
        assert b"would overwrite" in done.stderr
    assert path.read_bytes() == before
    done = inkdigits_read(path, "--boxes", tmp_path / "new.png", "--trace", tmp_path / "new.png")
    assert done.returncode == 2
    assert not (tmp_path / "new.png").exists()


def test_folder_and_pattern_stand_for_their_pictures(seven: Path, two: Path, words: Path) -> None:
    done = inkdigits_read(seven.parent)
    assert done.returncode == 1  # the words are no picture
    assert [line.split("  (")[0] for line in lines(done.stdout)[::2]] == [f"{seven}: 7", f"{two}: 2"]
    assert str(words) in lines(done.stderr)[0]
    done = inkdigits_read(str(seven.parent / "s*.png"), str(seven.parent / "x*.png"))
    assert done.returncode == 1
    assert lines(done.stdout)[0].startswith(f"{seven}: 7  (")
    assert "no file matches this pattern" in lines(done.stderr)[0]


def test_many_pictures_are_read_by_several_processes_in_their_order(seven: Path, words: Path, blank: Path) -> None:
    names = [seven, words, blank, seven.parent / "absent.png"]
    alone = inkdigits_read(*names, "--json")
    together = process(*names * 16, "--json")  # 64 pictures
    assert objects(together.stdout) == objects(alone.stdout) * 16
    assert lines(together.stderr) == lines(alone.stderr) * 16
    assert together.returncode == alone.returncode == 1


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills process groups")
@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGKILL", -9)])
def test_processes_end_with_the_one_that_began_them(sent: str, code: int, seven: Path) -> None:
    command, said = [sys.executable, "-m", "inkdigits", "read", *[str(seven)] * 20_000], seven.with_suffix(".txt")
    with said.open("wb") as output:
        running = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, start_new_session=True)
    assert happens(lambda: said.stat().st_size > 0)  # it is at work
    if sent == "SIGKILL":
        running.kill()
    else:
        os.killpg(running.pid, getattr(signal, sent))
    assert running.wait(timeout=30) == code
    ended = happens(lambda: not group_lives(running.pid))
    if not ended:
        os.killpg(running.pid, signal.SIGKILL)
    assert ended


def happens(condition: Callable[[], bool]) -> bool:
    """Wait up to 20 seconds for something."""
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.1)
    return False


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_stdin_among_many_pictures_is_read(seven: Path, two: Path) -> None:
    command = [sys.executable, "-m", "inkdigits", "read", "-", *[str(seven)] * 64]
    ended = subprocess.run(command, input=two.read_bytes(), capture_output=True, check=False, timeout=60)
    assert ended.returncode == 0
    assert lines(ended.stdout)[0].startswith("-: 2  (")


def test_grid_without_a_digit_counts_as_not_read(blank: Path) -> None:
    ended = inkdigits_read(blank, "--grid", "2x2")
    assert lines(ended.stdout) == ["..", ".."]
    assert ended.returncode == 3


def test_model_that_no_process_can_load_is_one_error(seven: Path, words: Path) -> None:
    ended = process(*[seven] * 64, "--model", words)
    assert ended.returncode == inkdigits_read(seven, "--model", words).returncode
    assert len(lines(ended.stderr)) == 1


def test_data_address_is_read_and_shown_short(seven: Path) -> None:
    address = "data:image/png;base64," + base64.b64encode(seven.read_bytes()).decode()
    (entry,) = objects(inkdigits_read("--json", address).stdout)
    assert entry["digit"] == 7
    assert len(entry["source"]) <= 60


def test_address_of_this_machine_is_refused() -> None:
    done = inkdigits_read("http://127.0.0.1:9/seven.png")
    assert done.returncode == 3
    assert "no public address" in lines(done.stderr)[0]


def test_grid_is_read_from_a_file_and_from_stdin(seven: Path) -> None:
    for done in (
        inkdigits_read(seven, "--grid", "1x1"),
        inkdigits_read("-", "--grid", "1x1", stdin=seven.read_bytes()),
    ):
        assert (done.returncode, lines(done.stdout)) == (0, ["7"])
    assert objects(inkdigits_read(seven, "--grid", "1x1", "--json").stdout)[0]["rows"] == ["7"]
    for refused in (("--grid", "9"), ("--grid", "0x9"), ("--grid", "9x9", "--expect", "len=1")):
        done = inkdigits_read(seven, *refused)
        assert done.returncode == 2
        assert lines(done.stderr)[0].startswith("error: --grid ")
