"""Empty text, bad quotes, 40,000 characters, emoji, right-to-left, NUL, lone surrogates, entities, SQL.

Promised: it is stored as it was typed, except for characters that no database can store; text that is too
long or empty is refused in a sentence; and it pings nobody. (How each place shows it:
tests/scenarios/test_hostile_text.py.)
"""

from __future__ import annotations

import pytest

from tests.support.arena import Arena
from tests.support.asking import all_recorded, texts
from tests.support.people import eventually, shown

KEPT = [
    "“unbalanced \" quotes' `",
    "🔥" * 500,
    "\u202eقاعدة البيانات\u202c",
    "&lt;!channel&gt; &amp; <b>",
    "'; DROP TABLE incidents;--",
    "{ref} %s \\ud800 $HOME",
]
REFUSED = ["", " \u200b\u2060 ", "x" * 40_000]


def test_messages_and_titles_are_stored_as_typed(arena: Arena) -> None:
    arena.bot()
    for number, text in enumerate(KEPT, start=1):
        assert arena.declare(text[:100], description=text)
        channel = arena.channel(number)
        arena.workspace.say(text, channel)
    all_recorded(arena, len(KEPT))
    assert [row.title for row in arena.rows("SELECT title FROM incidents ORDER BY id")] == [
        text[:100] for text in KEPT
    ]
    assert "<!channel>" not in shown(arena.workspace.asked("list all"))


@pytest.mark.parametrize("text", REFUSED, ids=["empty", "invisible", "40,000 characters"])
def test_an_invalid_title_is_refused_in_a_sentence(small: Arena, text: str) -> None:
    small.bot()
    small.declare("plain")
    told = small.workspace.command(f"rename INC-1 {text}")
    assert "title" in told.lower()
    assert small.rows("SELECT title FROM incidents")[0].title == "plain"


def test_characters_that_no_database_can_store_are_left_out(arena: Arena) -> None:
    arena.bot()
    arena.declare("NUL \x00 and \ud800half", description="a\x00b")
    arena.workspace.command("resolve INC-1 with \x00 a \udfff note")
    [row] = arena.rows("SELECT title, description FROM incidents")
    assert (row.title, row.description) == ("NUL and half", "ab")
    arena.workspace.command("fr\x00o\ud800b")
    arena.workspace.post("person", user="ben", name="ben\x00", real_name="B\ud800en \x00 Okoye")
    channel = arena.channel()
    arena.workspace.say("a \x00 fact, \udfffhalf", channel)
    all_recorded(arena, 1)
    assert texts(arena) == ["a  fact, half"]
    arena.workspace.say("@Muster sev\x00erity lo\ud800w for \x00 reasons", channel)
    eventually(lambda: arena.rows("SELECT severity FROM incidents")[0].severity == "low")
