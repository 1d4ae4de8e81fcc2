"""The network of a company: its own certificate authority, and a proxy that is the only way out."""

from __future__ import annotations

import base64
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "slack.corp"
"""A name that no resolver knows: without the proxy, it can't be reached."""
GOOGLE = "google.corp"


class Authority:
    """A certificate authority; `file` holds its certificate."""

    def __init__(self, folder: Path, name: str = "Acme CA") -> None:
        folder.mkdir(exist_ok=True)
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self._own = _builder(self._name, self._name, self._key.public_key())
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        made = (
            self._own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "ca.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def server(self, names: Sequence[str] = (HOST, GOOGLE)) -> ssl.SSLContext:
        """What a server with these names needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        others = [x509.DNSName(each) for each in names]
        known = x509.SubjectAlternativeName([*others, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        made = (
            _builder(_named(names[0]), self._name, key.public_key())
            .add_extension(known, critical=False)
            .add_extension(own, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self._folder / "server.pem"
        path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )


class CompanyProxy:
    """Leads every host to one port on this machine, and records what it was asked for in `seen`.

    With `credentials` (`user:password`) it refuses everybody else; with `status` it refuses everything.
    """

    def __init__(self, port: int, credentials: str = "", status: int = 200) -> None:
        self._port, self._credentials, self._status = port, credentials, status
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.seen: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Its URL, as it is written into `HTTPS_PROXY`."""
        return f"http://{self._credentials}@{self.address}" if self._credentials else f"http://{self.address}"

    def close(self) -> None:
        """Accept nothing more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._guarded, args=(peer,), daemon=True).start()

    def _guarded(self, peer: socket.socket) -> None:
        with suppress(OSError), peer:
            self._handle(peer)

    def _handle(self, peer: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = peer.recv(65536)
            if not chunk:
                return
            head += chunk
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        self.seen.append(target)
        status = self._answer(head)
        if status != 200:
            peer.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return
        with socket.create_connection(("127.0.0.1", self._port)) as other:
            if method == "CONNECT":
                peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                other.sendall(head)
            back = threading.Thread(target=_copy, args=(other, peer), daemon=True)
            back.start()
            _copy(peer, other)
            back.join()

    def _answer(self, head: bytes) -> int:
        known = base64.b64encode(self._credentials.encode())
        if self._credentials and b"proxy-authorization: basic " + known.lower() not in head.lower():
            return 407
        return self._status


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def proxy(port: int, credentials: str = "", status: int = 200) -> Iterator[CompanyProxy]:
    """A running :class:`CompanyProxy`."""
    made = CompanyProxy(port, credentials, status)
    try:
        yield made
    finally:
        made.close()
