"""A picture is fetched from the open Internet within limits, and from nowhere else."""

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inkdigits.errors import InputError
from inkdigits.reading.fetch import MAX_FETCH_BYTES, Address, fetch_picture, is_public
from inkdigits.version import __version__
from tests.drawing import as_file

PICTURE = as_file(Image.new("L", (5, 4), 200))
IMAGE = b"Content-Type: image/png\r\n"
SECONDS = 0.5  # instead of 10, where a server is slow

Answer = Callable[[BaseHTTPRequestHandler], None]


def anywhere(_: Address) -> bool:
    return True


def loopback(address: Address) -> bool:
    return address.is_loopback


class Site:
    """A real server on loopback: each path answers as its entry says, and what was asked is kept."""

    def __init__(self, family: socket.AddressFamily = socket.AF_INET, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, bytes | Answer] = {"/seven.png": ok(PICTURE)}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers.items())))
                page = site.pages[self.path.partition("?")[0]]
                with contextlib.suppress(OSError):  # the client went away, as it should
                    if isinstance(page, bytes):
                        self.wfile.write(page)
                    else:
                        page(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            address_family = family
            daemon_threads = True
            block_on_close = False

            def get_request(self) -> tuple[Any, Any]:  # Any: as socketserver declares it
                channel, place = super().get_request()
                return (context.wrap_socket(channel, server_side=True) if context else channel), place

            def handle_error(self, *_: object) -> None:  # a handshake that the client broke off
                pass

        self.server = Server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> "Site":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def url(self, path: str = "/seven.png", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as served:
        yield served


def ok(body: bytes, headers: bytes = IMAGE) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def to(place: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")


def refused(url: str, why: str, *, allow: Callable[[Address], bool] = anywhere, seconds: float = 10) -> str:
    started = time.monotonic()
    with pytest.raises(InputError, match=why) as caught:
        fetch_picture(url, allow=allow, timeout_seconds=seconds)
    assert time.monotonic() - started < seconds + 4  # a busy machine has time to breathe
    message = str(caught.value)
    assert message.endswith("; download the picture and read the file")
    assert message.isprintable()
    assert len(message) < 350
    return message


def test_picture_is_fetched(site: Site) -> None:
    assert fetch_picture(site.url(), allow=loopback) == PICTURE
    ((path, headers),) = site.asked
    assert path == "/seven.png"
    assert headers == {
        "Host": f"127.0.0.1:{site.port}",
        "User-Agent": f"inkdigits/{__version__}",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def test_loopback_is_refused_unless_it_is_allowed(site: Site) -> None:
    for host in ("127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "017700000001", "127.0.0.1.", "0"):
        refused(site.url(host=host), r"lies at .*, which is no public address|host is not found", allow=is_public)
    with pytest.raises(InputError, match=r"127\.0\.0\.1 lies at 127\.0\.0\.1, which is no public address"):
        fetch_picture(site.url())
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1"),
        *("127.255.255.254", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1"),
        *("192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255"),
        *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:0"),
        *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2001:20::1"),
        *("2002:7f00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1"),
        *("ff02::1", "ff0e::1", "4000::1"),
    ],
)
def test_address_that_is_not_public_is_told(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
        *("128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"),
        *("198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "2001:4860::8888"),
        *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
    ],
)
def test_public_address_is_told(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        *("10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
        *("0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[fe80::1]"),
        *("[::ffff:a9fe:a9fe]", "[fd00::1]", "[ff02::1]", "[64:ff9b::7f00:1]", "127。0。0。1", "１２７.0.0.1"),
    ],
)
def test_private_host_is_refused_however_it_is_written(host: str) -> None:
    refused(f"http://{host}/seven.png", "lies at .*, which is no public address", allow=is_public, seconds=30)


def test_every_address_of_a_host_is_checked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, site.port)) for host in ("127.0.0.1", "127.0.0.2")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    refused(site.url(host="two.test"), r"two\.test lies at 127\.0\.0\.2", allow=lambda found: str(found) == "127.0.0.1")
    assert site.asked == []


def test_host_is_looked_up_once_and_that_address_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # A name that answers with another address the second time: DNS rebinding.
    answers = iter(["127.0.0.1"])

    def look_up(_host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert fetch_picture(site.url(host="rebind.test"), allow=loopback) == PICTURE
    assert site.asked[0][1]["Host"] == f"rebind.test:{site.port}"


def test_next_address_is_tried_where_one_does_not_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.2", 0)) as other:
        closed = other.getsockname()
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in (closed, ("127.0.0.1", site.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    assert fetch_picture(site.url(host="two.test"), allow=loopback) == PICTURE


def test_slow_look_up_counts_towards_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: done.wait(30) and [])
    refused("http://slow.test/", r"took longer than 0\.5 s", seconds=SECONDS)
    done.set()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6_literal_is_fetched_and_named_in_brackets() -> None:
    try:
        served = Site(socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with served as site:
        assert fetch_picture(site.url(host="[::1]"), allow=loopback) == PICTURE
        assert site.asked[0][1]["Host"] == f"[::1]:{site.port}"
        refused(site.url(host="[::1]"), "::1 lies at ::1, which is no public address", allow=is_public)


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch_picture(site.url(), allow=loopback) == PICTURE


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/seven.png?a=1&b=[2]", "/seven.png?a=1&b=[2]"),
        ("/seven.png#part", "/seven.png"),
        ("/seven.png?", "/seven.png"),
        ("/zwei und.png", "/zwei%20und.png"),
        ("/zwei%20und.png", "/zwei%20und.png"),
        ("/größe.png", "/gr%C3%B6%C3%9Fe.png"),
        ("/a\x0bb.png", "/a%0Bb.png"),
        ("", "/"),
    ],
)
def test_path_reaches_the_server_as_it_should(path: str, asked: str, site: Site) -> None:
    site.pages[asked.partition("?")[0]] = ok(PICTURE)
    assert fetch_picture(site.url(path), allow=loopback) == PICTURE
    assert site.asked[0][0] == asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed(status: int, site: Site) -> None:
    site.pages |= {"/a": to("/b", status), "/b": to(site.url("/dir/c"), status), "/dir/c": to("../seven.png", status)}
    assert fetch_picture(site.url("/a"), allow=loopback) == PICTURE
    assert [path for path, _ in site.asked] == ["/a", "/b", "/dir/c", "/seven.png"]


def test_fourth_redirect_is_refused(site: Site) -> None:
    site.pages |= {"/a": to("/b"), "/b": to("/c"), "/c": to("/d"), "/d": to("/seven.png")}
    refused(site.url("/a"), "/a leads to .*/seven.png: more than 3 redirects")
    assert len(site.asked) == 4


def test_redirect_in_a_circle_is_refused(site: Site) -> None:
    site.pages |= {"/a": to("/a"), "/b": to("/c"), "/c": to("/b")}
    for path in ("/a", "/b"):
        refused(site.url(path), "more than 3 redirects")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("http://10.0.0.1/seven.png", r"leads to http://10\.0\.0\.1/seven\.png: 10\.0\.0\.1 lies at 10\.0\.0\.1"),
        ("//169.254.169.254/latest/meta-data", r"169\.254\.169\.254, which is no public"),
        ("http://[::ffff:10.0.0.1]/", "which is no public address"),
        ("https://192.168.0.1/", "which is no public address"),
        ("file:///etc/passwd", "leads to file:///etc/passwd: only http: and https:"),
        ("ftp://127.0.0.1/seven.png", "only http: and https:"),
        ("data:image/png;base64,AAAA", "only http: and https:"),
        ("http://me:secret@127.0.0.1/", r"leads to http://\*\*\*@127\.0\.0\.1/: an address with a user name"),
        ("http://a b/", "the address names no host"),
        ("http://[::1", "the answer is broken"),
        ("http://127.0.0.1:99999/", "the address is malformed"),
        ("", "answered 302 and does not say where"),
        ("http://10.0.0.1/" + "a" * 9_000, "which is no public address"),
        ("http://10.0.0.1/\x1b[31m\xff", "which is no public address"),
    ],
)
def test_redirect_is_checked_like_the_first_address(place: str, why: str, site: Site) -> None:
    site.pages["/a"] = to(place)
    assert "secret" not in refused(site.url("/a"), why, allow=loopback)


def test_redirect_without_a_place_is_refused(site: Site) -> None:
    site.pages["/a"] = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n"
    refused(site.url("/a"), "answered 301 and does not say where the picture is")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/seven.png", "only http: and https: are fetched"),
        ("file:///etc/passwd", "only http: and https: are fetched"),
        ("gopher://127.0.0.1:6379/_INFO", "only http: and https: are fetched"),
        ("seven.png", "only http: and https: are fetched"),
        ("", "only http: and https: are fetched"),
        ("http://me:secret@example.org/", r"http://\*\*\*@example.org/: an address with a user name or a password"),
        ("http://me@example.org/", "an address with a user name or a password"),
        ("http://example.org\\@127.0.0.1/", "an address with a user name or a password"),
        ("http://", "names no host"),
        ("http:///seven.png", "names no host"),
        ("http://a b/", "names no host"),
        ("http://exa%6dple.org/", "names no host"),
        ("http://[fe80::1%25eth0]/", "names no host"),
        ("http://[::1/", "malformed"),
        ("http://example.org:http/", "malformed"),
        ("http://example.org:65536/", "malformed"),
        ("http://a..b/", "malformed"),
        ("http://" + "a" * 64 + ".org/", "malformed"),
    ],
)
def test_address_that_cannot_be_used_is_refused(url: str, why: str) -> None:
    assert "secret" not in refused(url, why)


def test_unknown_host_is_refused() -> None:
    refused("http://nowhere.invalid/seven.png", "its host is not found", seconds=30)


def test_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    refused(f"http://127.0.0.1:{port}/seven.png", "cannot be reached: Connection refused")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 404 \x1b[31mGone\r\nContent-Length: 0\r\n\r\n", "the server answered 404 Not Found;"),
        (b"HTTP/1.1 500 Oh\r\n" + IMAGE + b"\r\n", "the server answered 500 Internal Server Error"),
        (b"HTTP/1.1 206 Part\r\n" + IMAGE + b"\r\nx", "the server answered 206"),
        (b"HTTP/1.1 304 Same\r\n\r\n", "the server answered 304"),
        (b"HTTP/1.1 799 New\r\n\r\n", "the server answered 799;"),
        (ok(PICTURE, b"Content-Type: text/html\r\n"), "calls it 'text/html', expected an image"),
        (ok(PICTURE, b"Content-Type: " + b"\x1b" * 999 + b"\r\n"), r"calls it '\\x1b"),
        (ok(PICTURE, b""), "calls it 'nothing', expected an image"),
        (ok(PICTURE, IMAGE + b"Content-Encoding: gzip\r\n"), "packed it as 'gzip', which was not asked for"),
        (ok(b""), "the answer is empty"),
        (b"HTTP/1.1 200 OK\r\n" + IMAGE + b"\r\n", "the answer is empty"),
        (b"HTTP/1.1 200 OK\r\n" + IMAGE + b"Content-Length: 99\r\n\r\nhalf", "broke off after 4 of 99 bytes"),
        (b"HTTP/1.1 200 OK\r\n" + IMAGE + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf", "the answer is broken"),
        (b"HTTP/1.1 200 OK\r\n" + IMAGE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf", "the answer is broken"),
        (b"HTTP/1.1 200 OK\r\n" + IMAGE + b"X: " + b"a" * 70_000, r"the answer is broken \(LineTooLong\)"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200 + b"\r\n", r"the answer is broken \(HTTPException\)"),
        (b"HTTP/1.1 200 OK\r\n" + IMAGE + b"Content-Length: 99999999\r\n\r\n", "larger than 10 MB"),
        (b"SSH-2.0-OpenSSH\r\n" + b"\x1b" * 9_000, r"the answer is broken \(BadStatusLine\)"),
        (b"", "Remote end closed connection|cannot be reached"),
    ],
)
def test_answer_that_holds_no_picture_is_refused(answer: bytes, why: str, site: Site) -> None:
    site.pages["/a"] = answer
    refused(site.url("/a"), why)


@pytest.mark.parametrize(
    "answer",
    [
        ok(PICTURE, b"Content-Type: image/x-unheard-of; charset=utf-8\r\n"),
        ok(PICTURE, b"content-type: IMAGE/PNG\r\nContent-Encoding: identity\r\n"),
        ok(PICTURE, b"Content-Type: application/octet-stream\r\n"),
        b"HTTP/1.1 200 OK\r\n" + IMAGE + b"\r\n" + PICTURE,
        b"HTTP/1.0 200 OK\r\n" + IMAGE + b"Content-Length: many\r\n\r\n" + PICTURE,
        b"HTTP/1.1 200 OK\r\n"
        + IMAGE
        + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(PICTURE), PICTURE),
        b"HTTP/1.1 100 Continue\r\n\r\n" + ok(PICTURE),
    ],
    ids=["other image", "capitals", "octets", "no length", "odd length", "chunks", "continue"],
)
def test_answer_may_take_any_shape_that_http_has(answer: bytes, site: Site) -> None:
    site.pages["/a"] = answer
    assert fetch_picture(site.url("/a"), allow=loopback) == PICTURE


def stream(head: bytes, piece: bytes, sent: list[int]) -> Answer:
    """Send a piece again and again until the client hangs up, and count the bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        while True:
            handler.wfile.write(piece)
            sent.append(len(piece))

    return answer


MEGABYTE = bytes(2**20)
CHUNKED = IMAGE + b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (IMAGE, MEGABYTE),
        (CHUNKED, b"100000\r\n" + MEGABYTE + b"\r\n"),
        (CHUNKED, b"1\r\nx\r\n" * 10_000),  # six bytes for one
        (CHUNKED + b"\r\n-1", b"\r\n" + MEGABYTE),  # Python takes the chunk of the size -1 for all there is
        (CHUNKED + b"\r\nfffffffffffff", b"\r\n" + MEGABYTE),
        (IMAGE + b"Content-Length: -1\r\n", MEGABYTE),
    ],
    ids=["no length", "chunks", "tiny chunks", "chunk of -1", "endless chunk", "length of -1"],
)
def test_endless_body_is_cut_off_at_the_limit(head: bytes, piece: bytes, site: Site) -> None:
    sent: list[int] = []
    site.pages["/a"] = stream(head, piece, sent)
    refused(site.url("/a"), "larger than 10 MB", seconds=60)
    assert sum(sent) < 40 * 2**20  # what lay ready in the buffers of both sides included


@pytest.mark.parametrize(("size", "fits"), [(MAX_FETCH_BYTES, True), (MAX_FETCH_BYTES + 1, False)])
@pytest.mark.parametrize("announced", [True, False])
def test_limit_is_ten_megabytes_to_the_byte(size: int, fits: bool, announced: bool, site: Site) -> None:
    body = bytes(size)
    site.pages["/a"] = ok(body) if announced else b"HTTP/1.1 200 OK\r\n" + IMAGE + b"\r\n" + body
    if fits:
        assert fetch_picture(site.url("/a"), allow=loopback) == body
    else:
        refused(site.url("/a"), "larger than 10 MB")


def drip(head: bytes, piece: bytes) -> Answer:
    """Send a little every twentieth of a second: each read is in time, the whole never is."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while True:
            handler.wfile.write(piece)
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"HTTP/1.1 200 OK\r\n" + IMAGE + b"\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\n" + IMAGE + b"Content-Length: 9999\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"\r\n", b"1\r\nx\r\n"),
        drip(b"HTTP/1.1 200 OK\r\n" + IMAGE + b"X: ", b"x"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"", b""),
    ],
    ids=["body", "body of known length", "chunks", "one header", "headers", "continue", "silence"],
)
def test_server_that_drips_is_left_in_time(answer: Answer, site: Site) -> None:
    site.pages["/a"] = answer
    refused(site.url("/a"), r"took longer than 0\.5 s", seconds=SECONDS)


def test_time_counts_over_all_redirects(site: Site) -> None:
    def late(place: str) -> Answer:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(0.4)
            handler.wfile.write(to(place))

        return answer

    site.pages |= {"/a": late("/b"), "/b": late("/c"), "/c": late("/seven.png")}
    refused(site.url("/a"), "took longer than 1 s", seconds=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate for localhost, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "certificate.pem", folder / "key.pem"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    try:
        subprocess.run(
            [*words.split(), "-addext", "subjectAltName=DNS:localhost", "-out", paths[0], "-keyout", paths[1]],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return paths


@pytest.fixture
def safe_site(certificate: tuple[Path, Path]) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with Site(context=context) as served:
        yield served


def secure(url: str) -> str:
    return url.replace("http:", "https:")


def test_picture_is_fetched_over_tls(
    safe_site: Site, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    url = secure(safe_site.url(host="localhost"))
    assert fetch_picture(url, allow=loopback) == PICTURE
    site.pages["/a"] = to(url)
    assert fetch_picture(site.url("/a"), allow=loopback) == PICTURE


def test_certificate_for_another_host_is_refused(
    safe_site: Site, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    refused(secure(safe_site.url()), "its certificate does not hold: IP address mismatch")
    assert safe_site.asked == []


def test_certificate_that_nobody_vouches_for_is_refused(safe_site: Site) -> None:
    refused(secure(safe_site.url(host="localhost")), "its certificate does not hold: self-signed certificate")
    assert safe_site.asked == []


def test_tls_with_a_server_that_knows_none_is_refused(site: Site) -> None:
    refused(secure(site.url()), "cannot be reached|the answer is broken")


def test_handshake_that_never_comes_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        refused(url, r"took longer than 0\.5 s", seconds=SECONDS)
