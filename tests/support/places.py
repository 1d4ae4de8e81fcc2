"""Where measurements are taken: a database of either engine, filled by SQL, and a bot that runs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, create_engine, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from tests.support.clients import Client, folder, running
from tests.support.histories import BY, STEP, TEXT
from tests.support.measures import Figure
from tests.support.postgres import databases
from tests.support.slackish import Slackish

UNFINISHED = "state IN ('waiting', 'running') AND kind <> 'SyncCalendar'"


class Place:
    """A migrated database."""

    def __init__(self, url: str) -> None:
        self.url = url
        database = Database(url)
        database.migrate()
        database.close()
        self._engine = create_engine(url)
        self.is_sqlite = self._engine.dialect.name == "sqlite"

    def rows(self, query: str, **values: Any) -> list[Row[Any]]:
        """The rows that the query finds."""
        with self._engine.connect() as connection:
            return list(connection.execute(text(query), values))

    def one(self, query: str, **values: Any) -> Any:
        """The one value that the query finds."""
        return self.rows(query, **values)[0][0]

    def run(self, *statements: str, **values: Any) -> None:
        """Run the statements in one transaction."""
        with self._engine.begin() as connection:
            for each in statements:
                connection.execute(text(each), values)

    def settings(self, *statements: str) -> None:
        """Run engine-specific statements outside any transaction, while no bot is running."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for each in statements:
                connection.execute(text(each))

    def numbers(self, count: int) -> str:
        """The SQL for a table ``s`` whose column ``n`` counts from 1."""
        if not self.is_sqlite:
            return f"generate_series(1, {count}) AS s(n)"
        ahead = f"SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}"
        return f"(WITH RECURSIVE c(n) AS ({ahead}) SELECT n FROM c) AS s"

    def json(self, expression: str) -> str:
        """The SQL that stores a text as JSON."""
        return expression if self.is_sqlite else f"CAST({expression} AS json)"

    def time(self, seconds: str, micros: int = 100) -> str:
        """The SQL for the time that many seconds after 1970, plus some microseconds."""
        if self.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S', {seconds}, 'unixepoch') || '.{micros:06}'"
        return f"to_timestamp({seconds}) + interval '{micros} microseconds'"

    def is_settled(self) -> bool:
        """Whether nothing is left to perform; a busy database is asked again later."""
        with suppress(DBAPIError):
            return not self.one(f"SELECT count(*) FROM outbox WHERE {UNFINISHED}")
        return False

    def close(self) -> None:
        """Disconnect from the database."""
        self._engine.dispose()


@contextmanager
def _sqlite() -> Iterator[Place]:
    with folder() as path:
        place = Place(f"sqlite:///{path}/muster.db")
        yield place
        place.close()


@contextmanager
def _postgresql() -> Iterator[Place]:
    with databases() as found, found.fresh() as url:
        place = Place(url)
        yield place
        place.close()


BOTH: tuple[tuple[str, Callable[[], AbstractContextManager[Place]]], ...] = (
    ("SQLite", _sqlite),
    ("PostgreSQL", _postgresql),
)


@contextmanager
def bot(server: Slackish, place: Place, **settings: str) -> Iterator[Client]:
    """Muster as `python app.py` runs it, connected, on that database; killed at the end."""
    known = {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_APP_TOKEN": "xapp-bench",
        "SLACK_API_URL": server.url,
        "DATABASE_URL": place.url,
        "MUSTER_ENV_FILE": "",
        **settings,
    }
    with running(server, ["app.py"], **known) as client:
        yield client


def fill_incidents(place: Place, count: int, status: str = "open") -> None:
    """Add incidents 1 to ``count`` with the channels ``C1`` and so on."""
    now = int(datetime.now(UTC).timestamp())
    at = place.time(str(now - 86_400))
    made = place.json("""'{"incident_id": ' || n || '}'""")
    place.run(
        "INSERT INTO incidents (id, project_id, title, severity, status, declared_at, declared_by,"
        " channel_id, channel_name, is_private, metadata, created_at, updated_at)"
        f" SELECT n, NULL, 'Incident ' || n, 'high', '{status}', {at}, '{BY}', 'C' || n, 'inc-' || n, false,"
        f" {place.json(repr('{}'))}, {at}, {at} FROM {place.numbers(count)}",
        # Everything else of an incident waits for this row.
        "INSERT INTO outbox (kind, payload, key, lane, is_refresh, incident_id, state, attempts, look_first,"
        f" not_before, created_at, finished_at) SELECT 'CreateChannel', {made}, 'INC-' || n || '/channel',"
        f" 'INC-' || n || '/channel', false, n, 'done', 1, true, {at}, {at}, {at}"
        f" FROM {place.numbers(count)}",
    )
    if not place.is_sqlite:
        place.run("SELECT setval(pg_get_serial_sequence('incidents', 'id'), max(id)) FROM incidents")


def fill_timeline(place: Place, incidents: int, begin: int, count: int, threads: int, replies: int) -> None:
    """Add to each incident's timeline what :class:`tests.support.histories.History` serves."""
    seconds, where = f"{begin} + {STEP} * s.n", f"FROM incidents i, {place.numbers(count)}"

    def message(micros: int, thread: str) -> str:
        return (
            "INSERT INTO timeline_entries (incident_id, kind, at, by, text, files, channel_id, ts, thread_ts,"
            f" is_seen, is_deleted) SELECT i.id, 'message', {place.time(seconds, micros)}, '{BY}',"
            f" '{TEXT} ' || s.n, {place.json(repr('[]'))}, i.channel_id, ({seconds}) || '.{micros:06}',"
            f" {thread}, true, false {where} WHERE i.id <= {incidents}"
        )

    thread = f"({seconds}) || '.000100'"
    statements = [message(100, "NULL")]
    statements += [f"{message(100 + n, thread)} AND s.n > {count - threads}" for n in range(1, replies + 1)]
    place.run(*statements)


def goal(name: str, ours: str, goal: str, *, is_met: bool, beside: str = "") -> Figure:
    """A line of the table."""
    return Figure(name, beside, ours, None, goal, "met" if is_met else "MISSED")
