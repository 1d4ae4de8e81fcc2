"""Code that stores a change also plans what follows from it, through the one function that knows it all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.reads_code

OPERATIONS = Path(__file__).parents[2] / "bot" / "operations"
FOLLOW_UP = {
    "incidents": "incident_changed",
    "action_items": "item_changed",
    "five_whys": "session_changed",
    "meetings": "meeting_changed",
}
"""The nouns whose changes are followed by others, and the function that plans what follows."""
WRITES = frozenset({"add", "note_channel", "save"})
NOTHING_FOLLOWS = {
    "action_items/reminders.py: _look_at": "when the next reminder is due",
    "action_items/reminders.py: replan_everything_of": "when the next reminder is due",
    "action_items/manage.py: _snooze": "when the next reminder is due, and the last one is updated",
    "calendar/meetings.py: _add": "a new meeting is arranged, and there is nothing yet that shows it",
    "five_whys/manage.py: plan_nudges": "that the session was nudged, which its nudge says",
    "incidents/calls.py: made": "a call from the calendar has a list of its own, `after_call_made`",
    "incidents/channels.py: is_deleted": "a channel has a list of its own, `consequences/channels`",
    "incidents/declare.py: add_declared": "a declaration has a list of its own, `after_declare`",
    "privacy/manage.py: _become": "a conversion has a list of its own",
    "privacy/manage.py: _note": "what a conversion has heard of so far; `_become` acts on it",
    "outbox.py: finish": "the channel that was made; rows that wait for it follow by themselves",
}


def functions() -> Iterator[tuple[str, ast.FunctionDef, dict[str, ast.FunctionDef]]]:
    """Every function of the operations with its place, and the others of its file by name."""
    for path in sorted(OPERATIONS.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        by_name = {node.name: node for node in found}
        for node in found:
            yield f"{path.relative_to(OPERATIONS).as_posix()}: {node.name}", node, by_name


def calls(node: ast.FunctionDef) -> set[str]:
    """What the function calls, by name."""
    return {
        each.func.id
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
    }


def written_nouns(node: ast.FunctionDef) -> set[str]:
    """The nouns that the function itself stores."""
    return {
        each.func.value.id
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in WRITES
        and isinstance(each.func.value, ast.Name)
        and each.func.value.id in FOLLOW_UP
    }


def reached(node: ast.FunctionDef, by_name: dict[str, ast.FunctionDef]) -> set[str]:
    """The names of everything that the function calls, also through others of its file."""
    names, pending = set[str](), [node]
    while pending:
        for name in calls(pending.pop()) - names:
            names.add(name)
            if name in by_name:
                pending.append(by_name[name])
    return names


PLACES = [(place, node, by_name) for place, node, by_name in functions() if written_nouns(node)]


@pytest.mark.parametrize(("place", "node", "by_name"), PLACES, ids=[place for place, _, _ in PLACES])
def test_every_stored_change_has_its_follow_ups(
    place: str, node: ast.FunctionDef, by_name: dict[str, ast.FunctionDef]
) -> None:
    forgotten = {FOLLOW_UP[noun] for noun in written_nouns(node)} - reached(node, by_name)
    assert not forgotten or place in NOTHING_FOLLOWS, f"{place} stores a change and never calls {forgotten}"


def test_no_exception_is_out_of_date() -> None:
    assert set(NOTHING_FOLLOWS) <= {place for place, _, _ in PLACES}
