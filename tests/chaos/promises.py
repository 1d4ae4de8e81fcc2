"""What `make chaos` tries, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import at_random, breaking, heaps, killing, replicas
from tests.support.arena import Arena

SMALL, LARGE, OWN = "SQLite, Socket Mode", "PostgreSQL, HTTP mode", "PostgreSQL of its own, HTTP mode"


@dataclass(frozen=True)
class Promise:
    """A row: what happens, where, and the function that does it and returns the seconds until recovery."""

    what: str
    where: str
    run: Callable[[Arena], float]
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the sandbox."""


PROMISES = (
    Promise(
        "`kill -9` after a declaration is committed and before its channel exists, then a start",
        SMALL,
        killing.before_the_channel,
    ),
    Promise(
        "`kill -9` right after the acks of 60 messages, then a start, three times",
        SMALL,
        killing.after_acks,
    ),
    Promise(
        "`SIGTERM` while messages arrive and a declaration is under way, then a start",
        SMALL,
        killing.sigterm,
    ),
    Promise(
        "three replicas, and one is killed while it holds rows: until those are done",
        LARGE,
        replicas.killed_with_rows,
    ),
    Promise("PostgreSQL crashes and restarts under two replicas", OWN, replicas.database_restarts),
    Promise("every envelope arrives four times, at two replicas at once", LARGE, replicas.duplicates),
    Promise(
        "429 on every third call of a declaration and two changes, with `Retry-After` 2 s",
        SMALL,
        breaking.every_third_call,
    ),
    Promise(
        "Slack answers everything with 503 for ten seconds: from its recovery", SMALL, breaking.slack_away
    ),
    Promise("the socket goes silent: until the messages sent into it are stored", SMALL, breaking.silence),
    Promise("Slack closes the connection while messages arrive", SMALL, breaking.disconnect),
    Promise("1,000 messages in a burst: from the last one", SMALL, heaps.burst),
    Promise(
        "1,000 rows due at once among 200,000 finished ones, with stale statistics", LARGE, heaps.due_rows
    ),
    Promise(
        "a restart with five incidents, each with 1,000 known and 20 missed messages, while people work",
        SMALL,
        heaps.restart,
    ),
    Promise(
        "people do random things for two minutes while calls fail, answers are lost and the bot is killed:"
        " the longest time until everything is shown as it is stored",
        SMALL,
        at_random.two_minutes,
    ),
)
