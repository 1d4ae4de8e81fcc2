"""Emoji codes become emoji where Slack doesn't draw them, and nothing else changes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar.events import IncidentEvent
from bot.views.action_items.forms import edit_item_form, parse_edit_item
from bot.views.calendar.events import incident_event
from bot.views.incidents.card import card
from bot.views.incidents.forms import edit_form, parse_edit
from bot.views.kit.emoji import with_emoji
from tests.support.examples import incident, item


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        (":fire: is out", "🔥 is out"),
        ("a :+1::tada:", "a 👍🎉"),
        (":wave::skin-tone-3:", "👋🏼"),
        (":flag-de: :de: :large_blue_circle: :octagonal_sign:", "🇩🇪 🇩🇪 🔵 🛑"),
        (":rotating_light:*down*", "🚨*down*"),
        (":acme_logo: :no such: :", ":acme_logo: :no such: :"),
        (
            "10:30:00 std::fire::x feature:on:prod fe80::100:1",
            "10:30:00 std::fire::x feature:on:prod fe80::100:1",
        ),
        ("`:fire:` ```\n:fire:``` :fire:", "`:fire:` ```\n:fire:``` 🔥"),
        ("https://x.example/:fire:/a :fire:", "https://x.example/:fire:/a 🔥"),
        ("", ""),
    ],
)
def test_codes_are_drawn_like_this(typed: str, drawn: str) -> None:
    assert with_emoji(typed) == drawn


@given(st.text())
def test_text_without_codes_stays_as_it_is(text: str) -> None:
    if ":" not in text:
        assert with_emoji(text) == text
    assert with_emoji(with_emoji(text)) == with_emoji(text)


def test_the_tables_are_not_loaded_before_they_are_needed() -> None:
    code = (
        "import sys; import bot.bootstrap; from bot.views.kit.emoji import with_emoji;"
        "with_emoji('at 10:30, no emoji: none'); assert 'emoji' not in sys.modules;"
        "with_emoji(':fire:'); assert 'emoji' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_plain_text_fields_show_emoji_and_saving_them_unchanged_changes_nothing() -> None:
    found = incident(title=":fire: pool")
    form = edit_form(found)
    [title] = [each for each in form["blocks"] if each["block_id"] == "title"]
    shown = title["element"]["initial_value"]
    assert shown == "🔥 pool"
    state = {"values": {"title": {"title": {"value": shown}}}}
    assert parse_edit({**form, "state": state}).title == ":fire: pool"
    edited = edit_item_form(item(title=":fire: pool"))
    assert parse_edit_item({**edited, "state": state}).now["title"] == ":fire: pool"
    assert card(found).blocks[0]["text"]["text"].endswith("🔥 pool")


def test_calendars_show_emoji() -> None:
    event = incident_event(IncidentEvent(incident(title=":fire: pool"), "e1", None))
    assert event.title.endswith("🔥 pool")
