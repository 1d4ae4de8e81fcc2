"""What ``DATABASE_URL`` may say, and the one form in which the engine gets it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from sqlalchemy import URL, make_url

from storage import sqlite_file

_POSTGRESQL_DRIVER = "postgresql+psycopg"
_EXAMPLES = "sqlite:///muster.db or postgresql://user:password@host/name"
_SLASHES = (
    "a SQLite file in the current folder has three slashes, sqlite:///muster.db; "
    "one with its whole path has four, sqlite:////srv/muster.db; options after a ? aren't supported"
)
_ENCODING = "in a user name or password, write characters such as / and @ percent-encoded, e.g. %2F and %40"


class UnusableURL(Exception):
    """The URL can't be used; the text says why, without any part that may be secret."""


def parse(url: str) -> URL:
    """The URL for SQLAlchemy; raises :class:`UnusableURL`."""
    scheme, separator, _ = url.partition(":")
    if separator and (engine := _ENGINES.get(scheme.lower())):
        return engine(url)
    if named := re.match(r"[a-z][a-z0-9]*(?:\+[a-z0-9]+)?(?=://)", url, re.IGNORECASE):
        raise UnusableURL(f"{named.group()}:// isn't supported; write {_EXAMPLES}")
    raise UnusableURL(f"write {_EXAMPLES}")


def problem(url: str) -> str | None:
    """Why the URL can't be used, as far as that can be seen without changing anything; ``None`` if it can."""
    try:
        parsed = parse(url)
    except UnusableURL as error:
        return str(error)
    return sqlite_file.obstacle(Path(parsed.database or "")) if parsed.drivername == "sqlite" else None


def sqlite_path(url: str) -> Path | None:
    """The SQLite file that the URL names, or ``None`` if it names a server."""
    parsed = parse(url)
    return Path(parsed.database or "") if parsed.drivername == "sqlite" else None


def _sqlite(url: str) -> URL:
    _, _, place = url.partition(":")
    if not place.startswith("///") or place in {"///", "///:memory:"} or "?" in place:
        raise UnusableURL(_SLASHES)
    return make_url(f"sqlite:{place}")


def _postgresql(url: str) -> URL:
    """The URL as libpq reads it, with all of libpq's options.

    SQLAlchemy would misread several hosts, and pass on options that libpq doesn't know:
    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    from psycopg import ProgrammingError  # noqa: PLC0415 - SQLite needs neither psycopg nor its memory
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    plain = f"postgresql:{url.partition(':')[2]}"
    try:
        known = {name: str(value) for name, value in conninfo_to_dict(plain).items()}
    except (ProgrammingError, UnicodeError) as error:
        raise UnusableURL(_unknown_option(plain) or f"libpq can't read it; {_ENCODING}") from error
    _check_values(known)
    user, password, database = (known.pop(name, None) for name in ("user", "password", "dbname"))
    host, port = known.get("host", ""), known.get("port", "")
    if re.search("[,/]", host + port):
        # Several servers, or a socket's folder: SQLAlchemy passes those on as options.
        return URL.create(_POSTGRESQL_DRIVER, user, password, database=database, query=known)
    rest = {name: value for name, value in known.items() if name not in {"host", "port"}}
    return URL.create(
        _POSTGRESQL_DRIVER, user, password, host or None, int(port) if port else None, database, rest
    )


_ENGINES: Mapping[str, Callable[[str], URL]] = {
    "sqlite": _sqlite,
    "sqlite+pysqlite": _sqlite,
    "postgres": _postgresql,
    "postgresql": _postgresql,
    _POSTGRESQL_DRIVER: _postgresql,
}


def _unknown_option(url: str) -> str | None:
    """A sentence that names the options that libpq doesn't have; ``None`` if that isn't what is wrong."""
    from psycopg.pq import Conninfo  # noqa: PLC0415

    query = url.partition("?")[2]
    # If there is an @ in it, the ? may be part of a password.
    if "@" in query:
        return None
    known = {option.keyword.decode() for option in Conninfo.get_defaults()} | {"ssl"}
    unknown = [name for name, _ in parse_qsl(query, keep_blank_values=True) if name not in known]
    return f"PostgreSQL's client has no option {', '.join(unknown)}" if unknown else None


def _check_values(known: Mapping[str, str]) -> None:
    """Raise :class:`UnusableURL` if libpq refuses the value of an option, e.g. ``sslmode=yes``.

    libpq checks the options before it connects. Here it is given sockets that can't exist instead of the
    hosts: if it complains about anything but those, it refused an option.
    """
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415
    from psycopg.pq import PGconn  # noqa: PLC0415

    nowhere = ",".join([os.devnull] * (known.get("host", "").count(",") + 1))
    # These two concern the hosts that are left out here.
    options = {name: value for name, value in known.items() if name not in {"hostaddr", "gssencmode"}}
    attempt = PGconn.connect_start(make_conninfo(**{**options, "host": nowhere}).encode())
    said = attempt.error_message.decode(errors="replace")
    refused = [] if os.devnull in said else [name for name in known if name in said] or ["an option"]
    if not known.get("connect_timeout", "0").isdecimal():
        # The only option that libpq leaves to psycopg, which reads it too late for us.
        refused.append("connect_timeout")
    if refused == ["port"]:
        raise UnusableURL(f"its port can't be used; {_ENCODING}")
    if refused:
        raise UnusableURL(f"PostgreSQL's client can't use the value of {max(refused, key=len)}")
