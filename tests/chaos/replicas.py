"""Several replicas on one PostgreSQL."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from time import monotonic

import psycopg
from sqlalchemy.exc import DBAPIError

from bot.domain.outbox.effects import PublishHome
from bot.domain.outbox.rows import Planned
from storage import outbox
from storage.database import Database
from tests.chaos.common import PATIENCE, recovered, said, started
from tests.support.arena import Arena
from tests.support.bots import deliver_to
from tests.support.people import eventually

ROWS = 300
_HELD = "SELECT id FROM outbox WHERE kind = 'PublishHome' AND state = 'running' AND owner LIKE :owner"
_DONE = "SELECT id FROM outbox WHERE kind = 'PublishHome' AND state = 'done'"


def killed_with_rows(arena: Arena) -> float:
    """Seconds from the kill until the other replicas have finished what the killed one had begun."""
    _, _, killed = started(arena, 3)
    arena.workspace.faults({"method": "views.publish", "effect": "delay", "seconds": 0.5})
    due = [Planned(PublishHome("U0ANA"), f"home/{number}", f"home/{number}") for number in range(ROWS)]
    database = Database(arena.database_url)
    database.run(lambda tx: outbox.add(tx, due, arena.clock()))
    database.close()
    its = f"%/{killed.pid}/%"
    eventually(lambda: arena.rows(_HELD, owner=its))
    killed.kill()
    at = monotonic()
    held = {row.id for row in arena.rows(_HELD, owner=its)}
    assert held
    eventually(lambda: held <= {row.id for row in arena.rows(_DONE)}, PATIENCE)
    took = monotonic() - at
    arena.workspace.faults()
    recovered(arena, at)
    return took


def database_restarts(arena: Arena) -> float:
    """Seconds from the crash until everything that people did before, during and after it is there."""
    arena.expected.unacked |= {"events_api", "slash_commands", "interactive"}
    bots = started(arena, 2)
    deliver_to(arena.sandbox, bots)
    arena.declare()
    channel = arena.channel()
    arena.settle()
    with suppress(psycopg.Error), psycopg.connect(arena.database_url) as connection:
        pid = connection.info.backend_pid
        at = monotonic()
        # The server then ends every other connection, and recovers as it does after a crash.
        os.kill(pid, signal.SIGKILL)
        connection.execute("SELECT 1")
    said(arena, 10, channel)
    eventually(lambda: _answers(arena), PATIENCE)
    return recovered(arena, at)


def duplicates(arena: Arena) -> float:
    """Seconds from the first duplicate until everything is there, once."""
    deliver_to(arena.sandbox, started(arena, 2))
    arena.workspace.open_form("declare")
    arena.workspace.faults({"envelope": "*", "effect": "duplicate", "copies": 3, "new_ids": True})
    began = monotonic()
    arena.submit(title="Database is slow")
    channel = arena.channel()
    said(arena, 30, channel)
    arena.workspace.told_everybody(lambda: arena.workspace.say("@Muster severity critical", channel), channel)
    arena.workspace.command("resolve", channel=channel)
    return recovered(arena, began)


def _answers(arena: Arena) -> bool:
    try:
        return bool(arena.rows("SELECT 1"))
    except DBAPIError:
        return False
