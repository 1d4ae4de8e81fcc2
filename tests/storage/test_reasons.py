"""Why the database failed, in a few words: the real client, real servers, and one that refuses everybody."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from bot.domain.kit.errors import NotSaved
from storage.database import Database
from storage.reasons import reason
from tests.support.network import NetworkGuard
from tests.support.refusals import RefusingServer

PASSWORD = "hunter2"


def why_not(url: str) -> str | None:
    with closing(Database(url)) as database, pytest.raises(DBAPIError) as failed:
        database.migrate()
    found = reason(failed.value)
    assert PASSWORD not in str(found)
    return found


REFUSED = {
    'password authentication failed for user "muster"': "wrong password",
    'role "muster" does not exist': "no such user",
    'role "muster" is not permitted to log in': "no such user",
    'database "muster" does not exist': "no such database",
    'no pg_hba.conf entry for host "::1", user "u", no encryption': "the server requires TLS",
    'no pg_hba.conf entry for host "::1", user "u", SSL off': "the server requires TLS",
    'no pg_hba.conf entry for host "::1", user "u", SSL encryption': "the server refuses this user",
    "connection is insecure (try using `sslmode=require`): SSL required": "the server requires TLS",
    'Ident authentication failed for user "muster"': "the server refuses this user",
    "sorry, too many clients already": "too many connections",
    'too many connections for role "muster"': "too many connections",
    "remaining connection slots are reserved for roles with the SUPERUSER attribute": "too many connections",
    "the database system is starting up": "the server is starting up or shutting down",
    "the database system is not yet accepting connections": "the server is starting up or shutting down",
    "das Datenbanksystem startet": "connection failed",
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_the_server_says_becomes_a_few_words(message: str) -> None:
    with RefusingServer(message) as server:
        assert why_not(f"postgresql://muster:{PASSWORD}@{server.address}/muster") == REFUSED[message]


def test_a_server_that_is_not_there_is_one_that_refuses_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert why_not(f"postgresql://127.0.0.1:{port}/x") == "connection refused"
    assert why_not(f"postgresql://127.0.0.1:{port},127.0.0.1:{port}/x") == "connection refused"
    assert why_not("postgresql:///x?host=/nowhere") == "no server at this socket"


def test_a_server_that_says_nothing_does_not_answer_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert why_not(f"postgresql://127.0.0.1:{listening.getsockname()[1]}/x") == "no answer in time"


def test_a_host_without_an_address_is_unknown(network_guard: NetworkGuard) -> None:
    # The guard refuses the name as a resolver would.
    assert why_not("postgresql://nowhere.invalid/x") == "host unknown"
    network_guard.refused.clear()


def test_a_server_without_tls_is_named_if_the_url_requires_it() -> None:
    with RefusingServer("nobody comes in") as server:
        for option in ("sslmode=require", "sslmode=verify-full&sslrootcert=system"):
            assert why_not(f"postgresql://{server.address}/x?{option}") == "the server has no TLS"


def test_a_real_server_gives_the_same_reasons(postgresql_url: str) -> None:
    assert why_not(urlsplit(postgresql_url)._replace(path="/nowhere").geturl()) == "no such database"
    wanted = "no server with the wanted target_session_attrs"
    assert why_not(f"{postgresql_url}?target_session_attrs=read-only") == wanted


def test_a_defect_has_no_reason_even_if_it_quotes_one(postgresql_url: str, sqlite_url: str) -> None:
    for url in (postgresql_url, sqlite_url):
        with closing(Database(url)) as database, pytest.raises(DBAPIError) as failed:
            database.run(lambda tx: tx.execute(text("SELECT 'Connection refused' FROM nowhere")))
        assert reason(failed.value) is None


def test_an_error_of_postgresqls_has_its_reason_from_its_code(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database, database.engine.connect() as connection:
        connection.execute(text("CREATE ROLE muster_none; SET ROLE muster_none"))
        with pytest.raises(ProgrammingError) as failed:
            connection.execute(text("CREATE TABLE x (y int)"))
    assert reason(failed.value) == "this user has no permission for that"


def test_what_was_not_saved_has_the_reason_of_its_cause(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.WAIT_SECONDS", 0.1)
    path = sqlite_url.removeprefix("sqlite:///")
    with closing(Database(sqlite_url)) as database, closing(sqlite3.connect(path)) as other:
        database.migrate()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotSaved) as failed:
            database.run(lambda tx: tx.execute(text("SELECT 1")))
        assert reason(failed.value) == database.trouble == "locked by another process"
        other.rollback()
        assert database.run(lambda _tx: database.trouble) == "locked by another process"
        assert not database.trouble


def test_an_error_that_is_not_the_databases_has_no_reason() -> None:
    assert reason(NotSaved()) == "too much to save at once"
    assert reason(ValueError("Connection refused")) is None
