"""Plain text names people, channels and user groups, and never shows an id."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.timeline import EntryKind
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.text import plain_from_markup, references_in
from tests.support.examples import KNOWN, NAMES, entry

IDS = st.from_regex(r"[A-Z][A-Z0-9]{6,9}", fullmatch=True)
LABELS = st.sampled_from(["", "|", "|@ops", "|general", "|ana"])
SIGNS = st.sampled_from(["@", "#", "!subteam^"])


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ("<@U0BEN>", "@Ben Baker"),
        ("<@U0BEN|benny>", "@Ben Baker"),
        ("<@U0NEW|new>", "@new"),
        ("<@U0NEW>", "somebody"),
        ("<!subteam^S0ONCALL>", "@oncall"),
        ("<!subteam^S0ONCALL|@former>", "@oncall"),
        ("<!subteam^S0NEW|@ops>", "@ops"),
        ("<!subteam^S0NEW>", "a group"),
        ("<#C0RANDOM>", "#random"),
        ("<#C0RANDOM|>", "#random"),
        ("<#C0RANDOM|former>", "#random"),
        ("<#C0NEW|general>", "#general"),
        ("<#C0NEW|>", "a private channel"),
        ("<#C0SECRET|layoffs>", "a private channel"),
        ("<!here> <!here|here> <!channel|@channel> <!everyone>", "@here @here @channel @everyone"),
    ],
)
def test_what_a_message_refers_to_is_called_by_its_name(markup: str, told: str) -> None:
    assert plain_from_markup(markup, NAMES) == told


@given(SIGNS, IDS, LABELS)
def test_no_id_is_ever_shown(sign: str, target: str, label: str) -> None:
    assert target not in plain_from_markup(f"ask <{sign}{target}{label}>", NAMES)


@pytest.mark.parametrize("kind", EntryKind)
def test_no_entry_of_a_timeline_shows_an_id(kind: EntryKind) -> None:
    values = {
        EntryKind.COMMANDER: {"to_value": "U0LEFT"},
        EntryKind.MESSAGE: {"text": "<@U0LEFT> <!subteam^S0>"},
    }
    told = entry_words(entry(kind, by="U0GONE", **values.get(kind, {"to_value": "open"})), NAMES)
    assert not re.search(r"\b[US]0", told)


def test_a_text_says_what_it_refers_to() -> None:
    text = "<@U0BEN|b> <#C0RANDOM> <!subteam^S0ONCALL> <!here> <https://x.example> <!date^1^{date}|then>"
    wanted = {each for each in KNOWN if each[1] in {"U0BEN", "C0RANDOM", "S0ONCALL"}}
    assert references_in(text) == wanted
