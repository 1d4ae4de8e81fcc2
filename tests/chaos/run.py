"""Breaks things under the real bot, and writes into docs/faults.md what that cost; see `--help`.

Time to recover, losses, duplicates, and the slowest ack, one line per promise. Nothing is shortened and no
clock is moved.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from storage.database import Database
from tests.chaos import table
from tests.chaos.promises import OWN, PROMISES, SMALL, Promise
from tests.support import postgres
from tests.support.arena import UNFINISHED, Arena
from tests.support.arena import arena as make
from tests.support.bots import ROOT, Mode
from tests.support.found import facts, posted_twice


def main() -> int:
    """Try what is asked for; the exit code is 0 whatever the results are."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--only", default="", help="those whose name has this in it; the other rows stay")
    parser.add_argument("--dry", action="store_true", help="print the rows and leave the page as it is")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    page = table.PAGE.read_text(encoding="utf-8")
    lines = {line.what: line for line in table.read(page)}
    for promise in PROMISES:
        if asked.only in promise.what:
            print(f"trying: {promise.what} …", file=sys.stderr)
            lines[promise.what] = line = tried(promise)
            print(
                f"{line.recovered} · lost {line.lost} · doubled {line.doubled} · {line.slowest_ack}",
                file=sys.stderr,
            )
    if not asked.dry:
        kept = [lines[each.what] for each in PROMISES if each.what in lines]
        table.PAGE.write_text(table.written(page, kept, _measured(load)), encoding="utf-8")
    return 0


def tried(promise: Promise) -> table.Line:
    """Try the promise; its row."""
    with _arena(promise) as arena:
        try:
            recovered = f"{promise.run(arena):.1f} s"
        except Exception as error:  # noqa: BLE001 - whatever breaks is a figure
            print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr)
            recovered = "**not recovered**"
        lost, doubled, slowest = _lost(arena), _doubled(arena), _slowest_ack(arena)
    return table.Line(
        promise.what, promise.where, recovered, f"{lost}", f"{doubled}", f"{1000 * slowest:.0f} ms"
    )


@contextmanager
def _arena(promise: Promise) -> Iterator[Arena]:
    mode: Mode = "socket" if promise.where == SMALL else "http"
    with TemporaryDirectory(dir=ROOT, prefix=".chaos-") as folder, _database(promise.where, folder) as url:
        database = Database(url)
        database.migrate()
        database.close()
        with make(url, mode, Path(folder), **promise.options) as arena:
            yield arena


@contextmanager
def _database(where: str, folder: str) -> Iterator[str]:
    if where == SMALL:
        # On a real disk: a temporary folder may be in memory.
        yield f"sqlite:///{folder}/muster.db"
    elif where == OWN:
        with postgres.private_server() as url:
            with psycopg.connect(url, autocommit=True) as connection:
                # A commit survives a crash with PostgreSQL's own default, which our tests' servers change.
                connection.execute("ALTER ROLE ALL SET synchronous_commit = on")
            yield url
    else:
        with postgres.databases() as found, found.fresh() as url:
            yield url


def _lost(arena: Arena) -> int:
    """The number of accepted incidents without a channel, messages in no timeline, and effects not done."""
    made = _count(arena, "SELECT count(channel_id) FROM incidents")
    written, stored = facts(arena)
    left = len(arena.rows(UNFINISHED)) + _count(arena, "SELECT count(*) FROM outbox WHERE state = 'dead'")
    return max(0, arena.accepted - made) + len(written.keys() - stored.keys()) + left


def _doubled(arena: Arena) -> int:
    """The number of incidents nobody declared, entries nobody wrote, and messages the bot posted twice."""
    made = _count(arena, "SELECT count(*) FROM incidents")
    written, stored = facts(arena)
    more = max(0, made - arena.accepted - arena.unsure)
    return more + len(stored.keys() - written.keys()) + len(posted_twice(arena))


def _count(arena: Arena, query: str) -> int:
    return int(arena.rows(query)[0][0])


def _slowest_ack(arena: Arena) -> float:
    """Seconds. Deliveries that nobody received, or that the sandbox held back, aren't counted."""
    deliveries = [each for each in arena.log() if each["kind"] == "delivery" and not each.get("fault")]
    return max((*arena.acks, *(each["took"] for each in deliveries if each["acked"])), default=0.0)


def _measured(load: float) -> str:
    cores, python = os.cpu_count(), platform.python_version()
    where = f"on {cores} cores with Python {python}"
    return f"Measured by `make chaos` {where}. The load was {load:.1f} before the run."
