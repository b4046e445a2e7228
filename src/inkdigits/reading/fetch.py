"""A picture from the open Internet, and from nowhere else: the only file that touches the network."""

import io
import re
import socket
import ssl
import string
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from http.client import HTTPConnection, HTTPException, HTTPResponse, responses
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from inkdigits.errors import InputError
from inkdigits.reading.sources import short_name
from inkdigits.version import __version__

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Address: TypeAlias = IPv4Address | IPv6Address
Place: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]  # Any: address, port, and what the family adds

FETCH_SECONDS = 10.0  # for the whole fetch: look-ups, connections, redirects and body together
MAX_FETCH_BYTES = 10 * 2**20  # a phone's photo has 2 to 8 MB
TOO_LONG = f"larger than {MAX_FETCH_BYTES // 2**20} MB"
MAX_FRAMING_BYTES = 2**20  # headers and chunk sizes around the picture
MAX_REDIRECTS = 3
PORTS = {"http": 80, "https": 443}  # where the address names none
# Source: IANA's registries of special-purpose addresses. `is_global` differs from one Python to the next.
NOT_PUBLIC = tuple(map(ip_network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)))  # fmt: skip
PUBLIC_IPV6 = ip_network("2000::/3")  # all that IANA has given out; loopback, local and multicast lie outside
TRANSLATED_IPV4 = ip_network("64:ff9b::/96")  # how a network without IPv4 reaches it (RFC 6052)


def is_public(address: Address) -> bool:
    """Say whether an address lies in the open Internet; one that wraps an IPv4 address counts as that."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in TRANSLATED_IPV4:
            address = IPv4Address(address.packed[-4:])
        elif address not in PUBLIC_IPV6:
            return False
    return not any(address in block for block in NOT_PUBLIC)


def fetch_picture(
    url: str, *, allow: Callable[[Address], bool] = is_public, timeout_seconds: float = FETCH_SECONDS
) -> bytes:
    """Fetch a picture over http or https, from any port.

    Each hop looks its host up once, checks every address found, and connects to one of those, so that a name which
    changes its address in between leads nowhere else. Proxies that the environment names are not used.

    Args:
        url: without user name and password; at most 3 redirects are followed, each checked like the first address.
        allow: which addresses may be reached.
        timeout_seconds: for the whole fetch.

    Raises:
        InputError: it is refused, cannot be reached, is not an image, or is larger than 10 MB.
    """
    deadline = monotonic() + timeout_seconds
    hop, name = url, short_name(url)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            answer = _get(hop, allow, deadline)
        except (OSError, HTTPException, ValueError) as error:
            why = f"took longer than {timeout_seconds:g} s" if isinstance(error, TimeoutError) else _reason(error)
            raise InputError(f"{name}: {why}; download the picture and read the file") from error
        if isinstance(answer, bytes):
            return answer
        hop, name = answer, f"{short_name(url)} leads to {short_name(answer)}"
    raise InputError(f"{name}: more than {MAX_REDIRECTS} redirects; download the picture and read the file")


def _reason(error: Exception) -> str:
    match error:
        case InputError():
            return str(error)
        case ssl.SSLCertVerificationError():
            return f"its certificate does not hold: {error.verify_message}"
        case socket.gaierror():
            return f"its host is not found: {error.strerror}"
        case OSError():
            return f"cannot be reached: {error.strerror}" if error.strerror else str(error)
    return f"the answer is broken ({type(error).__name__})"  # its text would be the server's, of any length


def _get(url: str, allow: Callable[[Address], bool], deadline: float) -> bytes | str:
    """Ask once; return the picture, or the address that a redirect leads to."""
    parts, host, port = _checked(url)
    named = f"[{host}]" if ":" in host else host
    headers = {
        "Host": named if port == PORTS[parts.scheme] else f"{named}:{port}",
        "User-Agent": f"inkdigits/{__version__}",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    target = quote(f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}", safe=string.punctuation)
    with _connect(host, port, allow, deadline) as plain, _channel(plain, parts.scheme, host, deadline) as channel:
        connection = HTTPConnection(host, port)
        connection.sock = _TimedSocket(channel, deadline)
        connection.request("GET", target, headers=headers)
        with connection.getresponse() as response:
            return _redirect(response, url) or _picture(response)


def _checked(url: str) -> tuple[SplitResult, str, int]:
    """Take an address apart into its parts, its host in ASCII, and its port."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError as error:
        raise InputError("the address is malformed") from error
    if parts.scheme not in PORTS:
        raise InputError("only http: and https: are fetched")
    if "@" in parts.netloc:
        raise InputError("an address with a user name or a password is not fetched")
    if not re.fullmatch("[a-z0-9._:-]+", host):
        raise InputError("the address names no host that can be looked up")
    return parts, host, PORTS[parts.scheme] if port is None else port


def _connect(host: str, port: int, allow: Callable[[Address], bool], deadline: float) -> socket.socket:
    """Connect to the first address of a host that answers, once all have been checked."""
    found = _look_up(host, port, deadline)
    for _, place in found:
        if not allow(address := ip_address(place[0])):
            raise InputError(f"{host} lies at {address}, which is no public address")
    failure = OSError("no address")
    for tried, (family, place) in enumerate(found):
        channel = socket.socket(family)
        try:
            channel.settimeout(_left(deadline) / (len(found) - tried))
            channel.connect(place)
        except OSError as error:
            channel.close()
            failure = error
        else:
            return channel
    raise failure


def _look_up(host: str, port: int, deadline: float) -> list[Place]:
    """Look a host up, in a thread since the system's resolver knows no deadline."""
    found: list[Place] = []
    failures: list[Exception] = []

    def look_up() -> None:
        try:
            found.extend([(each[0], each[4]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, ValueError) as error:
            failures.append(error)

    thread = Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if not found:
        raise failures[0] if failures else TimeoutError
    return found


def _channel(plain: socket.socket, scheme: str, host: str, deadline: float) -> AbstractContextManager[socket.socket]:
    """Return the socket itself, or TLS over it, with the certificate checked against the host's name."""
    if scheme == "http":
        return nullcontext(plain)
    plain.settimeout(_left(deadline))
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _redirect(response: HTTPResponse, url: str) -> str | None:
    if response.status not in (301, 302, 303, 307, 308):
        return None
    place = response.headers["Location"]
    if not place:
        raise InputError(f"the server answered {response.status} and does not say where the picture is")
    return urljoin(url, quote(place, safe=string.punctuation, encoding="latin-1"))


def _picture(response: HTTPResponse) -> bytes:
    if response.status != 200:
        raise InputError(f"the server answered {response.status} {responses.get(response.status, '')}".rstrip())
    kind = (response.headers["Content-Type"] or "nothing").partition(";")[0].strip().lower()
    if not kind.startswith("image/") and kind != "application/octet-stream":
        raise InputError(f"the server calls it {kind[:40]!r}, expected an image")
    coding = response.headers["Content-Encoding"] or "identity"
    if coding.strip().lower() != "identity":
        raise InputError(f"the server packed it as {coding[:40]!r}, which was not asked for")
    announced = response.length
    if announced is not None and announced > MAX_FETCH_BYTES:
        raise InputError(TOO_LONG)
    content = response.read(MAX_FETCH_BYTES + 1)
    if len(content) > MAX_FETCH_BYTES:
        raise InputError(TOO_LONG)
    if announced is not None and len(content) < announced:
        raise InputError(f"it broke off after {len(content):,} of {announced:,} bytes")
    if not content:
        raise InputError("the answer is empty")
    return content


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _TimedSocket(io.RawIOBase):
    """What http.client needs of a socket, with a deadline and a size over all that is read.

    A socket's own timeout starts anew at every read, which a server that drips may renew for ever; and http.client
    reads a chunk of the size -1 to its end, however far that is.
    """

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self.channel, self.deadline = channel, deadline
        self.room = MAX_FETCH_BYTES + MAX_FRAMING_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self.channel.settimeout(_left(self.deadline))
        count = self.channel.recv_into(buffer)
        self.room -= count
        if self.room < 0:
            raise OSError(TOO_LONG)  # an InputError is a ValueError, which http.client takes for a damaged chunk
        return count

    def sendall(self, content: bytes) -> None:
        self.channel.settimeout(_left(self.deadline))
        self.channel.sendall(content)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        """Do nothing: http.client closes the socket before the answer is read, and who opened it closes it."""
