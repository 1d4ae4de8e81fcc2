"""Shorthand for what tests of faults do and look for."""

from __future__ import annotations

from tests.support.arena import Arena
from tests.support.people import eventually


def texts(arena: Arena) -> list[str]:
    """Every message in the timelines, in the order in which they were written."""
    query = "SELECT text FROM timeline_entries WHERE kind = 'message' ORDER BY at, id"
    return [row.text for row in arena.rows(query)]


def all_recorded(arena: Arena, count: int, seconds: float = 20.0) -> None:
    """Wait until that many messages are in the timeline."""
    query = "SELECT count(*) FROM timeline_entries WHERE kind = 'message'"
    eventually(lambda: arena.rows(query)[0][0] == count, seconds)


def changes(arena: Arena, to_value: str) -> int:
    """The number of timeline entries that record a change to that value."""
    query = "SELECT count(*) FROM timeline_entries WHERE to_value = :value"
    return int(arena.rows(query, value=to_value)[0][0])


def struck(arena: Arena) -> bool:
    """Whether every fault that is set has struck."""
    return all(fault["struck"] for fault in arena.workspace.get("faults")["faults"])


def incidents_channel(arena: Arena) -> None:
    """Wait until the preparations of each start are done."""
    eventually(lambda: any(each["name"] == "incidents" for each in arena.workspace.state()["channels"]))
    arena.settle()
