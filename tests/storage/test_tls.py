"""A real PostgreSQL with TLS and passwords: the options of the URL hold, and each refusal has its reason."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.reasons import reason
from tests.support import postgres
from tests.support.people import eventually

PASSWORD = "hunter2"
WHO_MAY = """
host all muster 127.0.0.1/32 trust
hostssl all encrypted 127.0.0.1/32 trust
hostssl all certified 127.0.0.1/32 cert
host all known 127.0.0.1/32 scram-sha-256
"""
"""https://www.postgresql.org/docs/current/auth-pg-hba-conf.html"""
ROLES = (
    f"CREATE ROLE encrypted LOGIN; CREATE ROLE certified LOGIN; CREATE ROLE known LOGIN PASSWORD '{PASSWORD}'"
)


def certificate() -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    start, end = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, end)
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return (
        made.public_bytes(pem).decode(),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode(),
    )


@pytest.fixture(scope="module")
def trusted() -> tuple[str, str]:
    return certificate()


@pytest.fixture(scope="module")
def server(trusted: tuple[str, str]) -> Iterator[str]:
    """The host and port of a server with TLS."""
    with postgres.private_server() as url:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(ROLES)
            files = {"server.crt": trusted[0], "server.key": trusted[1], "pg_hba.conf": WHO_MAY}
            for name, content in files.items():
                _write(admin, name, content)
            admin.execute("ALTER SYSTEM SET ssl = on")
            admin.execute("ALTER SYSTEM SET ssl_ca_file = 'server.crt'")
            admin.execute("SELECT pg_reload_conf()")
            eventually(lambda: _has_tls(url))
        yield urlsplit(url).netloc.partition("@")[2]


def _write(admin: psycopg.Connection, name: str, content: str) -> None:
    """Have the server write a file of its own, which has the owner and mode that it wants then."""
    [folder] = admin.execute("SHOW data_directory").fetchone() or [""]
    # Not COPY to a file, which everybody could read: the server refuses such a key.
    save = sql.Literal(f"umask 077; cat > {folder}/{name}")
    lines = sql.Literal(content.splitlines())
    admin.execute(sql.SQL("COPY (SELECT unnest({}::text[])) TO PROGRAM {}").format(lines, save))


def _has_tls(url: str) -> bool:
    try:
        psycopg.connect(f"{url}?sslmode=require").close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def authority(trusted: tuple[str, str], tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_text(trusted[0])
    return path


def is_encrypted(url: str) -> bool:
    asked = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    with closing(Database(url)) as database:
        return bool(database.read(lambda tx: tx.execute(asked).scalar_one()))


def why_not(url: str) -> str | None:
    with closing(Database(url)) as database, pytest.raises(DBAPIError) as failed:
        database.migrate()
    return reason(failed.value)


def test_the_options_of_the_url_decide_about_tls(server: str, authority: Path) -> None:
    verified = f"sslmode=verify-full&sslrootcert={authority}"
    assert is_encrypted(f"postgres://encrypted@{server}/postgres?{verified}")
    assert not is_encrypted(f"postgres://muster@{server}/postgres?sslmode=disable")
    bound = f"{verified}&channel_binding=require"
    assert is_encrypted(f"postgres://known:{PASSWORD}@{server}/postgres?{bound}")


def test_a_certificate_that_is_not_trusted_is_named(server: str, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_text(certificate()[0])
    for path in (other, tmp_path / "missing.pem"):
        url = f"postgres://muster@{server}/postgres?sslmode=verify-full&sslrootcert={path}"
        assert why_not(url) == "the certificate isn't trusted"


@pytest.mark.parametrize(
    ("who", "options", "why"),
    [
        ("encrypted", "sslmode=disable", "the server requires TLS"),
        ("certified", "sslmode=require", "the client's certificate can't be used"),
        ("muster", "sslmode=require&channel_binding=require", "the server has no channel binding"),
        ("known:wrong", "sslmode=require", "wrong password"),
        ("known", "sslmode=disable", "a password is needed"),
        ("stranger", "sslmode=require", "the server refuses this user"),
    ],
)
def test_every_refusal_has_its_reason(server: str, who: str, options: str, why: str) -> None:
    assert why_not(f"postgres://{who}@{server}/postgres?{options}") == why
