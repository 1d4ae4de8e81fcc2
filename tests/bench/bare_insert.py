"""The yardstick for acks: a Bolt app that acks each request after one INSERT that is as safe as Muster's.

Takes the server's URL and the database's.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable

import psycopg
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

TABLE = "CREATE TABLE IF NOT EXISTS requests (body TEXT NOT NULL)"
_mine = threading.local()


def main(base_url: str, database: str) -> None:
    """Serve until killed."""
    client = WebClient(token="xoxb-bench", base_url=base_url)
    app = App(client=client, process_before_response=True)
    insert = _sqlite(database) if database.startswith("sqlite") else _postgresql(database)

    @app.command("/incident")
    def command(ack: Ack, body: dict[str, object]) -> None:
        insert(str(body["trigger_id"]))
        ack()

    @app.view("declare")
    def submitted(ack: Ack, body: dict[str, object]) -> None:
        insert(str(body["view"]))
        ack()

    SocketModeHandler(app, "xapp-bench", web_client=client).start()  # type: ignore[no-untyped-call]


def _sqlite(database: str) -> Callable[[str], None]:
    """Uses the pragmas of :mod:`storage.database`."""
    path = database.removeprefix("sqlite:///")

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            made.execute(f"PRAGMA {pragma}").close()
        return made

    connect().execute(TABLE)

    def insert(body: str) -> None:
        if not hasattr(_mine, "connection"):
            _mine.connection = connect()
        _mine.connection.execute("BEGIN IMMEDIATE")
        _mine.connection.execute("INSERT INTO requests VALUES (?)", (body,))
        _mine.connection.execute("COMMIT")

    return insert


def _postgresql(database: str) -> Callable[[str], None]:
    with psycopg.connect(database) as connection:
        connection.execute(TABLE)

    def insert(body: str) -> None:
        if not hasattr(_mine, "connection"):
            _mine.connection = psycopg.connect(database, autocommit=True)
        _mine.connection.execute("INSERT INTO requests VALUES (%s)", (body,))

    return insert


if __name__ == "__main__":
    main(*sys.argv[1:])
