"""A real PgBouncer for tests: found, or installed by `python -m tests.support.pgbouncer`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest

from tests.support import packages
from tests.support.postgres import START_SECONDS, SUPERVISOR, account, free_port

Pooling = Literal["session", "transaction"]
"""How long a client keeps a server connection."""
CONFIGURATION = """
[databases]
* = host={host} port={server_port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {pooling}
default_pool_size = {size}
"""


def find() -> str:
    """The path of PgBouncer. Without one, the test is skipped with the reason; in CI it fails."""
    # Debian's package puts it where only root's PATH leads.
    path = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")
    if path is None:
        missing = "no PgBouncer on the PATH; install it, or run `python -m tests.support.pgbouncer`"
        if os.environ.get("CI") == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return path


@contextmanager
def pooled(url: str, pooling: Pooling, size: int = 20) -> Iterator[str]:
    """The URL under which PgBouncer serves the database, over at most ``size`` connections to its server."""
    program, parts = find(), urlsplit(url)
    folder, port, who = Path(tempfile.mkdtemp(prefix="muster-pgbouncer-")), free_port(), account()
    (folder / "users.txt").write_text(f'"{parts.username}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        CONFIGURATION.format(
            host=parts.hostname, server_port=parts.port, port=port, folder=folder, pooling=pooling, size=size
        )
    )
    if who:
        for each in (folder, *folder.iterdir()):
            shutil.chown(each, who["user"], who["group"])
    command = [str(folder), "KILL", program, "-q", str(folder / "pgbouncer.ini")]
    process = subprocess.Popen(
        ["/bin/sh", "-c", SUPERVISOR, "supervisor", *command],
        cwd=folder,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **who,
    )
    try:
        _await_answer(port)
        yield parts._replace(netloc=f"{parts.username}@127.0.0.1:{port}").geturl()
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(START_SECONDS)


def _await_answer(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline, "PgBouncer doesn't answer"
            time.sleep(0.05)


def main() -> None:
    """Install PgBouncer unless there is one. Never fails: the tests themselves report that it's missing."""
    if shutil.which("pgbouncer") is None and not Path("/usr/sbin/pgbouncer").exists():
        print("Installing PgBouncer for the tests with PostgreSQL.", flush=True)
        packages.install("pgbouncer")


if __name__ == "__main__":
    main()
