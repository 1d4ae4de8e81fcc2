"""`DATABASE_URL`: each spelling that hosts hand out works, and each other one gets a sentence."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.pq import Conninfo
from sqlalchemy import text

from storage.database import Database
from storage.urls import UnusableURL, parse, problem

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d", "postgresql+psycopg://u:p@h:5433/d"),
        ("postgresql+psycopg://u:p%40%2F@h/d", "postgresql+psycopg://u:p%40%2F@h/d"),
        ("POSTGRES://h/d", "postgresql+psycopg://h/d"),
        ("postgresql://u:p@[::1]:5432/d", "postgresql+psycopg://u:p@[::1]:5432/d"),
        ("postgresql:///d", "postgresql+psycopg:///d"),
        ("postgres://h/d?ssl=true", "postgresql+psycopg://h/d?sslmode=require"),
        ("postgres://a:1,b:2/d", "postgresql+psycopg:///d?host=a%2Cb&port=1%2C2"),
        ("postgres:///d?host=/run/pg", "postgresql+psycopg:///d?host=%2Frun%2Fpg"),
        ("sqlite:///muster.db", "sqlite:///muster.db"),
        ("sqlite+pysqlite:////srv/muster.db", "sqlite:////srv/muster.db"),
    ],
)
def test_every_spelling_of_a_host_means_the_same(url: str, same: str) -> None:
    assert parse(url).render_as_string(hide_password=False) == same


OPTIONS = "sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&channel_binding=require"


def test_every_option_of_the_url_reaches_the_driver() -> None:
    url = parse(f"postgres://h/d?{OPTIONS}&application_name=muster&connect_timeout=9")
    assert url.query == {
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
        "sslcert": "/c.pem",
        "sslkey": "/k.pem",
        "channel_binding": "require",
        "application_name": "muster",
        "connect_timeout": "9",
    }


def test_no_option_that_libpq_knows_is_unknown() -> None:
    for option in Conninfo.get_defaults():
        found = problem(f"postgres://h/d?{option.keyword.decode()}=x")
        assert "has no option" not in (found or "")


def test_options_for_the_server_hold_next_to_ours(postgresql_url: str) -> None:
    with closing(Database(f"{postgresql_url}?options=-c%20work_mem%3D7MB&application_name=ours")) as database:
        assert [_shown(database, name) for name in ("work_mem", "application_name")] == ["7MB", "ours"]


def _shown(database: Database, name: str) -> str:
    return str(database.read(lambda tx: tx.execute(text(f"SHOW {name}")).scalar_one()))


WRONG = {
    "": "write sqlite:///muster.db or postgresql://user:password@host/name",
    " ": "write sqlite:///muster.db",
    "muster.db": "write sqlite:///muster.db",
    SECRET: "write sqlite:///muster.db",
    "jdbc:postgresql://h/d": "write sqlite:///muster.db",
    "sqlite:muster.db": "has three slashes, sqlite:///muster.db",
    "sqlite:/muster.db": "has three slashes, sqlite:///muster.db",
    "sqlite://muster.db": "has three slashes, sqlite:///muster.db",
    "sqlite:///": "has three slashes, sqlite:///muster.db",
    "sqlite:///:memory:": "has three slashes, sqlite:///muster.db",
    "sqlite:///muster.db?mode=ro": "options after a ? aren't supported",
    f"mysql://u:{SECRET}@h/d": "mysql:// isn't supported; write",
    f"postgresql+asyncpg://u:{SECRET}@h/d": "postgresql+asyncpg:// isn't supported; write",
    f"postgres://u:{SECRET}@h/d?pgbouncer=true&sslmode=require": "has no option pgbouncer",
    f"postgres://u:{SECRET}@h/d?sslmode": "libpq can't read it",
    f"postgres://u:{SECRET}@h/d?sslmode=yes": "can't use the value of sslmode",
    f"postgres://u:{SECRET}@h/d?connect_timeout=soon": "can't use the value of connect_timeout",
    f"postgres://u:{SECRET}@h/d?sslmode=require&sslrootcert=system": "can't use the value of sslrootcert",
    f"postgres://u:{SECRET}@h:port/d": "its port can't be used",
    f"postgres://u:{SECRET}@h:70000/d": "its port can't be used",
    f"postgres://u:{SECRET}/x@h/d": "write characters such as / and @ percent-encoded",
    f"postgres://u:{SECRET}%zz@h/d": "write characters such as / and @ percent-encoded",
    f"postgres://u:x?{SECRET}=1/@h/d": "write characters such as / and @ percent-encoded",
    f"postgres://u:{SECRET}@[x?y=z/d": "has no option y",
    "postgres:": "libpq can't read it",
}


@pytest.mark.parametrize("url", WRONG)
def test_every_other_spelling_gets_a_sentence_without_its_secrets(url: str) -> None:
    with pytest.raises(UnusableURL) as refused:
        parse(url)
    assert WRONG[url] in str(refused.value)
    assert SECRET not in str(refused.value)
    assert problem(url) == str(refused.value)


SCHEMES = st.sampled_from(["", "sqlite:", "sqlite:///", "postgres://", "postgres://u:p@h/d?", "mysql://"])
# Whatever an environment variable can hold, bytes that aren't UTF-8 included.
ANYTHING = st.text(st.characters(exclude_categories=(), exclude_characters="\0"))


@given(SCHEMES, ANYTHING)
def test_nothing_that_can_be_set_ends_in_a_traceback(scheme: str, rest: str) -> None:
    found = problem(f"{scheme}{rest}")
    assert found is None or found


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert problem(f"sqlite:///{tmp_path}") == f"{tmp_path} is a folder"
    assert problem(f"sqlite:///{tmp_path}/file/x/muster.db") == f"{tmp_path}/file isn't a folder"
    long = f"{tmp_path}/{'x' * 300}"
    assert problem(f"sqlite:///{long}") == f"{long} can't be used (File name too long)"


def test_a_place_where_a_file_can_be_made_is_left_alone(tmp_path: Path) -> None:
    assert problem(f"sqlite:///{tmp_path}/new/folder/muster.db") is None
    assert list(tmp_path.iterdir()) == []
