"""How the bot reaches others: which certificates it trusts, and which proxy a call goes through.

Every call to the outside opens its connection here, whichever library makes it: left alone, each library
would read other environment variables in another way.
"""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from urllib.request import (
    BaseHandler,
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    UnknownHandler,
)

import certifi

_SECURE = frozenset({"https", "wss"})
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})")
"""What Python's http.client says about a proxy that refuses ``CONNECT``."""

_ADVICE: Mapping[str, str] = {
    "proxy_403": "the proxy refuses to connect; have it allow this host",
    "proxy_407": "the proxy refuses the password; put it into HTTPS_PROXY, as in http://user:password@host:port",
}


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy."""

    host: str
    port: int
    credentials: str = field(default="", repr=False)
    """``user:password``, or empty."""

    @classmethod
    def parse(cls, url: str) -> Proxy | None:
        """The proxy with this URL, or ``None`` if it's empty; raises ``ValueError``."""
        if not url:
            return None
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme != "http" or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError("http://user:password@host:port")
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
        return cls(parts.hostname, parts.port or 80, known)

    @property
    def url(self) -> str:
        """The URL, with the credentials."""
        user, _, password = self.credentials.partition(":")
        known = f"{quote(user, safe='')}:{quote(password, safe='')}@" if self.credentials else ""
        return f"http://{known}{self.address}"

    @property
    def address(self) -> str:
        """The host and the port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a request to it needs."""
        if not self.credentials:
            return {}
        return {"Proxy-Authorization": f"Basic {base64.b64encode(self.credentials.encode()).decode()}"}


@dataclass(frozen=True)
class Network:
    """The network as the settings describe it."""

    ca: str = ""
    """The file or folder of the certificate authorities to trust; empty for the usual ones."""
    https_proxy: Proxy | None = None
    http_proxy: Proxy | None = None
    no_proxy: str = ""

    @property
    def tls(self) -> ssl.SSLContext:
        """What checks the certificates of others."""
        return trusting(self.ca)

    @cached_property
    def opener(self) -> OpenerDirector:
        """What opens requests of ``urllib``, to servers only: never a file."""
        made = OpenerDirector()
        for handler in (
            _Route(self),
            HTTPHandler(),
            HTTPSHandler(context=self.tls),
            HTTPRedirectHandler(),
            HTTPErrorProcessor(),
            HTTPDefaultErrorHandler(),
            UnknownHandler(),
        ):
            made.add_handler(handler)
        return made

    def proxy_for(self, url: str) -> Proxy | None:
        """The proxy that a call of the URL goes through, or ``None``. This machine is never behind one."""
        host, port, is_secure = _target(url)
        if is_loopback(host) or any(_is_exempt(each, host, port) for each in self._exemptions):
            return None
        return self.https_proxy if is_secure else self.http_proxy

    def connection(self, url: str, timeout: float) -> HTTPConnection:
        """A connection to the URL's host, not opened yet; through a proxy, it is a tunnel."""
        host, port, is_secure = _target(url)
        proxy = self.proxy_for(url)
        peer, door = (proxy.host, proxy.port) if proxy else (host, port)
        made = (
            _Secure(peer, door, timeout=timeout, context=self.tls)
            if is_secure
            else HTTPConnection(peer, door, timeout=timeout)
        )
        if proxy:
            made.set_tunnel(host, port, proxy.headers)
        return made

    @cached_property
    def _exemptions(self) -> list[str]:
        return self.no_proxy.lower().replace(",", " ").split()


class _Secure(HTTPSConnection):
    """Python's own, but it can be opened again after a certificate was refused."""

    def connect(self) -> None:
        """Connect; raises ``OSError``."""
        try:
            super().connect()
        except BaseException:
            # Otherwise it would keep a socket that no longer works.
            self.close()
            raise


class _Route(BaseHandler):
    """Sends each request of ``urllib``, redirected ones too, through its proxy."""

    handler_order = 100
    """Before the handlers that open connections."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def http_open(self, request: Request) -> None:
        """Only choose the route; another handler takes it."""
        proxy = self._network.proxy_for(request.full_url)
        if proxy is None:
            return
        for name, value in proxy.headers.items():
            # Not copied to the next request if this one is redirected.
            request.add_unredirected_header(name, value)
        request.set_proxy(proxy.address, "http")

    https_open = http_open


@cache
def trusting(ca: str) -> ssl.SSLContext:
    """What checks certificates against that file or folder, or else against the system's and certifi's.

    Raises ``OSError`` (of which ``ssl.SSLError`` is one) if there is no certificate in it.
    """
    if not ca:
        usual = ssl.create_default_context()
        usual.load_verify_locations(certifi.where())
        return usual
    if Path(ca).is_dir():
        if not any(Path(ca).glob("*.[0-9]")):
            raise FileNotFoundError(ca)
        return ssl.create_default_context(capath=ca)
    return ssl.create_default_context(cafile=ca)


def obstacle(error: BaseException) -> str | None:
    """What is in the way, if it isn't the peer: ``certificate``, or ``proxy_`` with the proxy's answer."""
    for each in _chain(error):
        if isinstance(each, ssl.SSLCertVerificationError):
            return "certificate"
        refused = isinstance(each, OSError) and _TUNNEL_REFUSED.search(str(each))
        if refused:
            return f"proxy_{refused[1]}"
    return None


def in_words(code: str) -> str:
    """What whoever runs the bot can do about a failure with this code, or an empty string."""
    peer, _, what = code.partition("_")
    if what == "certificate":
        name = peer.capitalize()
        return f"{name}'s certificate can't be verified; set SSL_CERT_FILE to your company's CA bundle"
    return _ADVICE.get(code, "")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    with suppress(ValueError):
        address = ip_address(host)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that caused it; urllib3 keeps the nearest cause as an argument."""
    yield error
    held = next((each for each in error.args if isinstance(each, BaseException)), None)
    earlier = error.__cause__ or error.__context__ or held
    if earlier is not None:
        yield from _chain(earlier)


def _target(url: str) -> tuple[str, int, bool]:
    """The URL's host, its port, and whether it's reached over TLS."""
    parts = urlsplit(url)
    is_secure = parts.scheme in _SECURE
    return (parts.hostname or "").rstrip("."), parts.port or (443 if is_secure else 80), is_secure


def _is_exempt(entry: str, host: str, port: int) -> bool:
    """Whether an entry of ``NO_PROXY`` means the host: ``*``, a domain, an address or a network.

    A domain includes everything below it, with or without a dot in front; a port may follow.
    """
    name, wanted = _without_port(entry)
    if wanted not in {"", str(port)}:
        return False
    if name == "*":
        return True
    with suppress(ValueError):
        return ip_address(host) in ip_network(name, strict=False)
    domain = name.removeprefix("*").strip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _without_port(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, rest.removeprefix(":")
    if entry.count(":") == 1:
        name, _, port = entry.partition(":")
        return name, port
    return entry, ""
