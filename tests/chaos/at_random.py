"""People do random things on a bad day, in one workspace after another."""

from __future__ import annotations

import secrets
import sys

from storage.database import Database
from tests.support import records
from tests.support.arena import Arena
from tests.support.play import play

SECONDS = 120


def two_minutes(arena: Arena) -> float:
    """Seconds of the longest time until nothing was left to do, whatever people did until then."""
    number = secrets.randbelow(2**32)
    print(f"the seed is {number}", file=sys.stderr)
    # It has workspaces of its own, and so a database of its own; what the bots log is checked there, too.
    database = Database(f"sqlite:///{arena.folder / 'at_random.db'}")
    database.migrate()
    records.install()
    played = play(database, number, SECONDS)
    database.close()
    arena.acks.append(played.slowest_ack)
    return played.slowest_drain
