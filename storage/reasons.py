"""Why the database failed, in our own words for the log: the database's may quote what people wrote."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.kit.errors import NotSaved

_NOT_UP = "the server is starting up or shutting down"
_BY_SQLSTATE: Mapping[str, str] = {
    "25006": "the server is read-only",
    "25P03": "idle for too long in a transaction",
    "28000": "the server refuses this user",
    "28P01": "wrong password",
    "3D000": "no such database",
    "40001": "too many transactions at once",
    "40P01": "deadlock",
    "42501": "this user has no permission for that",
    "53100": "disk full",
    "53200": "the server is out of memory",
    "53300": "too many connections",
    "55P03": "waited too long for a lock",
    "57014": "took too long",
    "57P01": "the server is shutting down",
    "57P02": "the server crashed",
    "57P03": _NOT_UP,
    "57P04": "the database was dropped",
    "57P05": "idle for too long",
}
"""PostgreSQL's error code -> why (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

_BY_WORDS: Sequence[tuple[str, str]] = (
    ("password authentication failed", "wrong password"),
    ("no password supplied", "a password is needed"),
    (r'role "[^"]*" (?:does not exist|is not permitted)', "no such user"),
    (r'database "[^"]*" does not exist', "no such database"),
    ("no encryption|SSL off|SSL required|requires? (?:SSL|TLS)", "the server requires TLS"),
    ("no pg_hba.conf entry|authentication failed", "the server refuses this user"),
    ("permission denied for database", "this user may not connect to the database"),
    ("does not support SSL", "the server has no TLS"),
    ("channel binding", "the server has no channel binding"),
    ("root certificate|certificate verify failed|does not match host name", "the certificate isn't trusted"),
    ("certificate|private key", "the client's certificate can't be used"),
    ("SSL", "TLS failed"),
    ("too many clients|too many connections|connection slots", "too many connections"),
    ("starting up|shutting down|recovery mode|not yet accepting", _NOT_UP),
    ("is (?:not )?read-only|in hot standby", "no server with the wanted target_session_attrs"),
    ("resolve host|translate host name", "host unknown"),
    ("Connection refused", "connection refused"),
    ("No such file or directory|Is the server running locally", "no server at this socket"),
    ("unreachable|No route to host", "host unreachable"),
    ("timeout expired|timed out", "no answer in time"),
    ("closed the connection|connection .*(?:reset|lost|closed|aborted)|terminating", "connection lost"),
    ("bad value for|invalid .*value", "an option of the URL has a value that can't be used"),
)
"""Words of libpq or psycopg -> why. A failed connection has no error code; the first row that fits counts."""

_BY_SQLITE_CODE: Mapping[int, str] = {
    sqlite3.SQLITE_BUSY: "locked by another process",
    sqlite3.SQLITE_LOCKED: "locked by another process",
    sqlite3.SQLITE_FULL: "disk full",
    # It couldn't enlarge a file that all connections share.
    sqlite3.SQLITE_IOERR_SHMSIZE: "disk full",
    sqlite3.SQLITE_IOERR: "the disk can't be read or written",
    sqlite3.SQLITE_READONLY: "the file can't be written",
    sqlite3.SQLITE_CANTOPEN: "the file can't be opened",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file isn't a database",
}
"""SQLite's extended or primary result code -> why (https://www.sqlite.org/rescode.html)."""


def reason(error: BaseException | None) -> str | None:
    """Why the database failed; ``None`` if the error isn't one of the database's, or can only be a defect."""
    if isinstance(error, NotSaved):
        return reason(error.__cause__) or "too much to save at once"
    if isinstance(error, PoolTimeoutError):
        return "no free connection"
    driver = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(driver, sqlite3.Error):
        code = getattr(driver, "sqlite_errorcode", 0)
        return _BY_SQLITE_CODE.get(code) or _BY_SQLITE_CODE.get(code & 0xFF)
    if not isinstance(error, DBAPIError):
        return None
    sqlstate = getattr(driver, "sqlstate", None)
    return _BY_SQLSTATE.get(sqlstate) if sqlstate else _by_words(error)


def _by_words(error: DBAPIError) -> str | None:
    said = str(error.orig)
    found = next((why for pattern, why in _BY_WORDS if re.search(pattern, said)), None)
    # A server may speak another language.
    return found or ("connection failed" if isinstance(error, OperationalError) else None)
