"""A listener raises; an event arrives that nobody listens to.

Promised: the person gets a reference to the one error record, and the next request works; an event that
nobody listens to is acked and isn't redelivered.
"""

from __future__ import annotations

import re

from bot.bootstrap import Bot
from tests.support.arena import Arena
from tests.support.asking import incidents_channel
from tests.support.people import eventually


def test_an_error_in_a_listener_is_reported_with_a_reference(arena: Arena) -> None:
    arena.expected.errors.add("something broke")
    [bot] = arena.bots(1)
    incidents_channel(arena)
    answers, broken = bot.services.answers, _Broken(bot)
    with broken:
        told = arena.workspace.command("list")
    [reference] = re.findall(r"reference ([0-9a-f]{6})", told)
    [record] = [each for each in arena.records if each["event"] == "something broke"]
    assert record["reference"] == reference
    assert "No open incidents" in arena.workspace.command("list")
    assert answers is bot.services.answers


class _Broken:
    """Takes a table away from the database for a while."""

    def __init__(self, bot: Bot) -> None:
        self._engine = bot.database.engine

    def __enter__(self) -> None:
        self._rename("incidents", "away")

    def __exit__(self, *_: object) -> None:
        self._rename("away", "incidents")

    def _rename(self, old: str, new: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


def test_an_event_that_nobody_listens_to_is_acked_and_not_redelivered(arena: Arena) -> None:
    [bot] = arena.bots(1)
    listeners = bot.app._listeners
    kept = list(listeners)
    listeners[:] = [each for each in kept if "opened" not in each.ack_function.__name__]
    arena.workspace.post("open-home", user="ana")
    eventually(lambda: [each for each in _of(arena, "app_home_opened") if each["acked"]])
    listeners[:] = kept
    assert len(_of(arena, "app_home_opened")) == 1


def _of(arena: Arena, event_type: str) -> list[dict[str, object]]:
    return [each for each in arena.log() if each.get("event_type") == event_type]
