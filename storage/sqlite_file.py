"""The file of a SQLite database: whether it can be used at all, and who may read it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bot.domain.kit.errors import DatabaseUnusable

log = structlog.get_logger(__name__)

_SUFFIXES = ("", "-wal", "-shm", ".lock")
"""What SQLite, and our lock, add to the file's name."""
_OTHERS = 0o077
_NO_WAL = (
    "SQLite can't keep a write-ahead log for {path}, as on many network disks; "
    "use a disk of this machine, or PostgreSQL"
)
_READ_ONLY = "{path} can't be written"
_REFUSALS: Mapping[int, str] = {
    sqlite3.SQLITE_NOTADB: "{path} isn't a SQLite database",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged",
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_PROTOCOL: _NO_WAL,
    sqlite3.SQLITE_IOERR_SHMMAP: _NO_WAL,
    sqlite3.SQLITE_IOERR_SHMOPEN: _NO_WAL,
    sqlite3.SQLITE_IOERR_SHMLOCK: _NO_WAL,
    sqlite3.SQLITE_IOERR_LOCK: _NO_WAL,
}
"""Result codes with which no start can succeed (https://www.sqlite.org/rescode.html) -> why."""


def obstacle(path: Path) -> str | None:
    """Why there can't be a database here, as far as can be seen without touching anything, or ``None``."""
    try:
        if path.is_dir():
            return f"{path} is a folder"
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            return _READ_ONLY.format(path=path)
        folder = next(each for each in path.absolute().parents if each.exists())
    except OSError as error:
        return f"{path} can't be used ({error.strerror})"
    if not folder.is_dir():
        return f"{folder} isn't a folder"
    # SQLite makes and deletes other files next to its own.
    return None if os.access(folder, os.W_OK | os.X_OK) else f"the folder {folder} can't be written"


def make(path: Path) -> None:
    """Make the file, and its folder if necessary, so that only their owner can read them.

    Left to itself, SQLite lets everybody read the file. It gives its other files the same mode. Raises
    ``DatabaseUnusable``.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in (path, _named(path, ".lock")):
            with suppress(FileExistsError):
                os.close(os.open(each, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseUnusable(why=f"{path} can't be made ({error.strerror})") from error


def make_private(path: Path) -> None:
    """Let only the owner read the files of an earlier database that others could read; the log says so."""
    files = [each for suffix in _SUFFIXES if _is_open_to_others(each := _named(path, suffix))]
    for each in files:
        with suppress(OSError):
            each.chmod(stat.S_IMODE(each.stat().st_mode) & ~_OTHERS)
    still = [each.name for each in files if _is_open_to_others(each)]
    if still:
        log.warning("other accounts can read the database, and we can't change that", files=still)
    elif files:
        names = [each.name for each in files]
        log.warning("other accounts could read the database; now only its owner can", files=names)


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Raise ``DatabaseUnusable`` for errors that waiting can't fix.

    Others may pass, e.g. if the disk is full or another process holds the file.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        code = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlite_errorcode", 0)
        why = _REFUSALS.get(code) or _REFUSALS.get(code & 0xFF)
        if why:
            raise DatabaseUnusable(why=why.format(path=path)) from error


def check(engine: Engine, path: Path) -> None:
    """Raise ``DatabaseUnusable`` unless the file can be written, with a write-ahead log.

    Without the log nothing could be promised, so the bot doesn't start. SQLite's documentation says that a
    write-ahead log doesn't work over a network file system (https://www.sqlite.org/wal.html). A rollback
    journal instead would be worse: locks and syncs of network file systems often don't do what they say, so
    commits may be lost and the file damaged (https://www.sqlite.org/useovernet.html), and readers would wait
    for writers, beyond Slack's three seconds. We trust what SQLite says, and don't guess from the kind of
    file system: some network disks do all that SQLite needs for the one process that we allow.
    """
    with refusals(path), engine.connect() as connection, connection.begin():
        mode = connection.execute(text("PRAGMA journal_mode")).scalar_one()
        if mode != "wal":
            raise DatabaseUnusable(why=_NO_WAL.format(path=path))


def _named(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _is_open_to_others(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & _OTHERS)
