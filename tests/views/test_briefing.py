"""A briefing is five lines, what has changed, and where to read the rest."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.roles import SCRIBE
from bot.domain.incidents.timeline import EntryKind
from bot.domain.surface.shown import BriefingShown
from bot.views.incidents.briefing import briefing_message, offer_message
from tests.support.examples import NAMES, NOW, entry, incident
from tests.views.screens import action_ids, check, shown

TEAM = "https://acme.slack.com/"
EXPLAINED = entry(
    EntryKind.STATUS,
    from_value="open",
    to_value="investigating",
    text="It is the pool",
    channel_id="C0INC",
    ts="1700000000.000100",
)
KEY = entry(text="500s since noon", is_key=True)
AWAY = BriefingShown(incident(commander_id="U0BEN"), NOW, EXPLAINED, KEY, (EXPLAINED, KEY), 2, 3, TEAM, NAMES)


def test_it_says_in_five_lines_where_the_incident_is() -> None:
    message = briefing_message(AWAY)
    check(message)
    lines = message.blocks[0]["text"]["text"].splitlines()
    assert lines[:3] == ["*INC-12 · Database is slow*", "🟠 High · Open", "Commander: <@U0BEN>"]
    assert lines[3].endswith("by <@U0ANA>")
    assert lines[4].startswith("Latest note: ")
    assert lines[4].endswith("Open → *Investigating*: It is the pool")
    assert lines[5].startswith("Latest key event: 📌 ")
    assert len(lines) == 6


def test_it_names_who_has_which_role() -> None:
    message = briefing_message(replace(AWAY, supporting=((SCRIBE, "U0ANA"),)))
    assert message.blocks[0]["text"]["text"].splitlines()[2] == "Commander: <@U0BEN> · Scribe: <@U0ANA>"


def test_it_names_the_latest_update() -> None:
    sent = entry(EntryKind.UPDATE, to_value="3", text="Payments fail")
    message = briefing_message(replace(AWAY, noted=sent))
    check(message)
    line = message.blocks[0]["text"]["text"].splitlines()[4]
    assert line.startswith("Latest update: ")
    assert line.endswith("sent update 3: Payments fail")


def test_a_line_that_says_nothing_is_left_out() -> None:
    message = briefing_message(replace(AWAY, noted=None, key_event=None, incident=incident()))
    lines = message.blocks[0]["text"]["text"].splitlines()
    assert lines[2:3] == ["Commander: nobody yet"]
    assert len(lines) == 4


def test_it_names_each_change_with_its_link_and_counts_the_rest() -> None:
    message = briefing_message(replace(AWAY, total=9))
    assert "What has changed since you were last seen here" in shown(message)
    assert "/archives/C0INC/p1700000000000100" in message.blocks[2]["text"]["text"]
    assert "7 earlier changes on the timeline · 3 messages in the channel" in shown(message)
    assert action_ids(list(message.blocks)) == ["show_timeline"]


def test_it_says_so_if_nothing_has_changed() -> None:
    message = briefing_message(replace(AWAY, changes=(), total=0, messages=0))
    check(message)
    assert "*Nothing has changed since you were last seen here" in shown(message)
    assert len(message.blocks) == 3


def test_a_newcomer_reads_everything_in_shorter_lines() -> None:
    story = replace(AWAY, since=None, changes=(replace(EXPLAINED, text="x" * 900),), total=1)
    told = shown(briefing_message(story))
    assert "What has happened so far" in told
    assert "x" * 121 not in told


def test_the_offer_says_how_old_the_incident_is() -> None:
    message = offer_message(incident())
    check(message)
    assert "INC-12 was declared" in shown(message)
    assert action_ids(list(message.blocks)) == ["catch_up"]
