"""kill -9 in the middle of purging what is old: the next process purges the rest, and nothing else."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert

from storage.database import Database
from storage.tables import inbound, outbox
from tests.support.arena import Arena
from tests.support.people import eventually

OLD, KEPT = 150, {"export/0", "export/1"}


def fill(tx: Connection) -> None:
    at = datetime.now(UTC) - timedelta(days=30)
    fixed = {"payload": {}, "is_refresh": False, "state": "done", "attempts": 1, "look_first": True}
    times = {"not_before": at, "created_at": at, "finished_at": at}
    kinds = [("SendExport", key) for key in KEPT] + [("SendDigest", f"old/{number}") for number in range(OLD)]
    rows = [{"kind": kind, "key": key, "lane": key, **fixed, **times} for kind, key in kinds]
    tx.execute(insert(outbox), rows)
    tx.execute(insert(inbound), [{"key": f"click/{number}", "received_at": at} for number in range(OLD)])


def test_the_next_process_purges_the_rest(arena: Arena) -> None:
    with closing(Database(arena.database_url)) as database:
        database.run(fill)

    def left() -> int:
        effects = arena.rows("SELECT count(*) FROM outbox WHERE key LIKE 'old/%'")[0][0]
        return int(effects + arena.rows("SELECT count(*) FROM inbound WHERE key LIKE 'click/%'")[0][0])

    bot = arena.process()
    bot.start()
    eventually(lambda: left() < 2 * OLD, 20)
    bot.kill()
    assert left() > 0
    bot.start()
    arena.declare()
    arena.channel()
    eventually(lambda: left() == 0, 40)
    kept = {row.key for row in arena.rows("SELECT key FROM outbox WHERE key LIKE 'export/%'")}
    assert kept == KEPT
