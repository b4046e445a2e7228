"""A name stands for the pictures that its user means."""

import base64
import os
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from inkdigits.errors import InputError
from inkdigits.imaging.files import FORMATS, MAX_BYTES, SUFFIXES, load_picture
from inkdigits.reading.sources import decode_data_url, expand_source, short_name
from tests.drawing import as_file

PICTURE = as_file(Image.new("L", (5, 4), 200))


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_suffixes_are_those_of_the_formats_accepted() -> None:
    assert set(SUFFIXES) == set(FORMATS)
    registered = Image.registered_extensions()
    assert all(registered[suffix] == kind for kind, suffixes in SUFFIXES.items() for suffix in suffixes)


def test_folder_stands_for_its_pictures_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "10.png", "9.PNG", "b2.jpeg", "B10.jpg", "b1.webp", "01.gif", "1.bmp", "x.tif", "x.pgm")
    touch(tmp_path, "notes.txt", "png", ".hidden.png", "._9.png", "sub/deep.png", "folder.png/inside.png")
    expected = ["1.bmp", "01.gif", "9.PNG", "10.png", "b1.webp", "b2.jpeg", "B10.jpg", "x.pgm", "x.tif"]
    for name in (str(tmp_path), f"{tmp_path}/"):
        assert expand_source(name) == [str(tmp_path / file) for file in expected]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_folder_leaves_pipes_and_dangling_links_alone(tmp_path: Path) -> None:
    touch(tmp_path, "1.png")
    os.mkfifo(tmp_path / "2.png")  # opened, it would wait for ever
    (tmp_path / "3.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "4.png").symlink_to(tmp_path / "1.png")
    assert expand_source(str(tmp_path)) == [str(tmp_path / "1.png"), str(tmp_path / "4.png")]


def test_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "notes.txt", "sub/deep.png")
    with pytest.raises(InputError, match=r"no picture in this folder \(by suffix: \.png .*name the pattern '.*\*\*"):
        expand_source(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open every folder")
def test_closed_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(InputError, match="cannot be opened: Permission denied"):
            expand_source(str(tmp_path))
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.png", ["2.png", "10.png"]),
        ("*", ["2.png", "10.png", "a.jpg", "notes.txt"]),
        ("?.png", ["2.png"]),
        ("[0-9]*.png", ["2.png", "10.png"]),
        ("*/*.png", ["sub/3.png"]),
        ("**/*.png", ["2.png", "10.png", "sub/3.png", "sub/deep/4.png"]),
    ],
)
def test_pattern_stands_for_the_files_that_match(pattern: str, expected: list[str], tmp_path: Path) -> None:
    touch(tmp_path, "10.png", "2.png", "a.jpg", "notes.txt", ".hidden.png", "sub/3.png", "sub/deep/4.png")
    assert expand_source(f"{tmp_path}/{pattern}") == [f"{tmp_path}/{file}" for file in expected]


def test_pattern_counts_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "1.png", "data:image,2.png", "sub/3.png")
    monkeypatch.chdir(tmp_path)
    assert expand_source("?.png") == ["1.png"]
    assert expand_source("sub/*") == ["sub/3.png"]
    # Left as they are, these names would be taken for addresses.
    assert expand_source("*2.png") == ["./data:image,2.png"]
    assert expand_source(".") == ["1.png", "./data:image,2.png"]


@pytest.mark.parametrize("pattern", ["*.png", "photo[1].png", "what?.png", "[", "**", "sub*"])
def test_pattern_without_match_is_refused(pattern: str, tmp_path: Path) -> None:
    (tmp_path / "subfolder").mkdir()
    with pytest.raises(InputError, match="no file matches this pattern"):
        expand_source(f"{tmp_path}/{pattern}")


def test_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    touch(tmp_path, "photo[1].png", "photo1.png", "what?.png", "whaty.png", "[album]/5.png", "a/5.png")
    for name in ("photo[1].png", "what?.png"):
        assert expand_source(f"{tmp_path}/{name}") == [f"{tmp_path}/{name}"]
    assert expand_source(f"{tmp_path}/[album]") == [f"{tmp_path}/[album]/5.png"]


@pytest.mark.parametrize(
    "name",
    [
        "-",
        "mnist:test/2019",
        "http://example.org/*.png",
        "HTTPS://example.org/a?b=[1]",
        "data:image/png;base64,AAAA",
        "nowhere.png",  # opening it says what is wrong
        "",  # not the working folder
        "nul\0byte.png",
    ],
)
def test_other_names_stand_for_themselves(name: str) -> None:
    assert expand_source(name) == [name]


def test_name_too_long_for_the_system_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        expand_source("a" * 5_000)


def test_messages_shorten_addresses_and_hide_passwords() -> None:
    assert short_name("data:image/png;base64," + "A" * 9_000) == "data:image/png;base64,AAAAAAAAAAAAAAA..." + "A" * 20
    assert len(short_name("https://example.org/" + "a" * 99 + "/seven.png")) == 60
    assert short_name("https://example.org/" + "a" * 99 + "/seven.png").endswith("/seven.png")
    assert short_name("https://me:pass@word@example.org/7.png") == "https://***@example.org/7.png"
    assert short_name("http://example.org/who@home.png") == "http://example.org/who@home.png"
    assert short_name("scans/" + "a" * 99) == "scans/" + "a" * 99


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64," + base64.b64encode(PICTURE).decode(),
        "DATA:Image/PNG;Base64," + base64.b64encode(PICTURE).decode(),
        "data:image/png;base64," + base64.b64encode(PICTURE).decode().rstrip("="),
        "data:image/png;base64," + quote(base64.b64encode(PICTURE).decode(), safe=""),
        "data:image/png;base64,\n" + base64.encodebytes(PICTURE).decode().replace("\n", "\r\n "),
        "data:image/png;name=seven.png;base64," + base64.b64encode(PICTURE).decode(),
        "data:image/png," + quote(PICTURE),
        "data:image/png," + "".join(f"%{byte:02x}" for byte in PICTURE),
    ],
    ids=["plain", "capitals", "no padding", "percent", "wrapped", "parameter", "not base64", "all percent"],
)
def test_data_address_holds_a_picture(url: str) -> None:
    assert decode_data_url(url) == PICTURE


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("data:image/png;base64", "its type and a comma"),
        ("data:,AAAA", "its type and a comma"),
        ("data:text/html,<b>", "its type and a comma"),
        ("data:text/html,image/png;base64,AAAA", "its type and a comma"),
        ("image/png;base64,AAAA", "its type and a comma"),
        ("http://image/png,AAAA", "its type and a comma"),
        ("", "its type and a comma"),
        ("data:image/png;base64,", "nothing stands behind the comma"),
        ("data:image/png,", "nothing stands behind the comma"),
        ("data:image/png;base64,====", "nothing stands behind the comma"),
        ("data:image/png;base64,A", "the base64 is damaged"),
        ("data:image/png;base64,AA=A", "the base64 is damaged"),
        ("data:image/png;base64,AAA*", "the base64 is damaged"),
        ("data:image/png;base64,AA-_", "the base64 is damaged"),
        ("data:image/png;base64,ÄÄÄÄ", "the base64 is damaged"),
        ("data:image/png;base64," + "A" * 9_000 + "!", "the base64 is damaged"),
    ],
)
def test_damaged_data_address_is_refused_in_few_words(url: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        decode_data_url(url)
    assert len(str(caught.value)) < 250


def test_data_address_may_be_as_long_as_a_file_and_no_longer() -> None:
    assert len(decode_data_url("data:image/png," + "A" * MAX_BYTES)) == MAX_BYTES
    with pytest.raises(InputError, match="larger than 64 MB"):
        decode_data_url("data:image/png," + "A" * (MAX_BYTES + 1))


def test_what_a_data_address_holds_is_told_by_its_content() -> None:
    url = "data:image/gif;base64," + base64.b64encode(PICTURE).decode()
    np.testing.assert_array_equal(load_picture(decode_data_url(url)).gray, np.full((4, 5), 200))
    with pytest.raises(InputError, match="accepted: PNG"):
        load_picture(decode_data_url("data:image/svg+xml,<svg/>"))
