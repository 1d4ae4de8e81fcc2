"""An incident on screen: Slack takes it, it is complete, and hostile text stays text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.model import NEXT_STEPS, Incident, IncidentSeverity, IncidentStatus
from bot.domain.incidents.timeline import PART_CHANGES, STATE_CHANGES, EntryKind
from bot.domain.kit.text import storable
from bot.views.answers import tray
from bot.views.incidents.card import announcement, card, declared_privately, purpose, source_link, topic
from bot.views.incidents.changes import change_line, update
from bot.views.kit.labels import SEVERITY, STATUS
from bot.views.kit.message import Message
from tests.support.examples import HOSTILE, NOW, entry, incident
from tests.views.screens import action_ids, check, foreign, shown, texts

SOURCE = {
    "source": {"permalink": "https://acme.slack.com/archives/C1/p1700000000000100?thread_ts=1.0&cid=C1"}
}
CALL = "https://acme.slack.com/call?a=1&b=2"
LONG = ("&" * 200, "<" * 200, "x" * 200, "wörd " * 40, "🔥" * 200, "'\"`" * 66)
VIEWS: tuple[Callable[[Incident], Message], ...] = (
    card,
    announcement,
    tray,
    declared_privately,
    source_link,
)

typed = (st.sampled_from([*HOSTILE, *LONG]) | st.text(max_size=200)).map(storable).filter(bool)
incidents = st.builds(
    incident,
    id=st.integers(1, 10**9),
    title=typed,
    severity=st.sampled_from(IncidentSeverity),
    status=st.sampled_from(IncidentStatus),
    description=st.none() | typed.map(lambda text: (text * 20)[:3000]),
    project_id=st.none() | typed.map(lambda text: text[:75]),
    commander_id=st.none() | st.just("U0BEN"),
    channel_id=st.none() | st.just("C0INC"),
    call_url=st.none() | st.just(CALL) | st.just(CALL + "x" * 1900),
    resolved_at=st.none() | st.just(NOW + timedelta(hours=1)),
    metadata=st.sampled_from([{}, SOURCE]),
)


def test_the_sources_thread_shows_what_the_incident_has_come_to() -> None:
    resolved = incident(severity=IncidentSeverity.LOW, status=IncidentStatus.RESOLVED, resolved_at=NOW)
    told = str(source_link(resolved).arguments())
    assert SEVERITY[IncidentSeverity.LOW] in told
    assert f"{STATUS[IncidentStatus.RESOLVED]} · resolved <!date" in told


@pytest.mark.parametrize(
    ("by", "before", "after", "said"),
    [
        ("BOB", "BOB", "CAROL", "<@BOB> gave command to <@CAROL>"),
        ("BOB", None, "CAROL", "<@BOB> gave command to <@CAROL>"),
        ("ANA", "BOB", "CAROL", "<@ANA> gave command to <@CAROL>, replacing <@BOB>"),
        ("CAROL", "BOB", "CAROL", "<@CAROL> took command, replacing <@BOB>"),
        ("CAROL", None, "CAROL", "<@CAROL> took command"),
        ("BOB", "BOB", None, "<@BOB> gave up command"),
    ],
)
def test_whoever_gives_command_away_is_named_once(
    by: str, before: str | None, after: str | None, said: str
) -> None:
    changed = entry(EntryKind.COMMANDER, by=by, from_value=before, to_value=after, text="")
    assert change_line(changed) == said
    other = replace(changed, kind=EntryKind.ROLE, text="Scribe")
    assert change_line(other) == said.replace("command", "the role *Scribe*")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
@given(incidents)
def test_slack_accepts_every_incident_and_nothing_in_it_pings_or_links(
    view: Callable[[Incident], Message], example: Incident
) -> None:
    check(view(example))


def test_card_and_announcement_lead_to_the_call() -> None:
    link = "<https://acme.slack.com/call?a=1&amp;b=2|Join the call>"
    for view in (card, announcement):
        assert link in str(view(incident(call_url=CALL)).arguments())
        assert "Join the call" not in str(view(incident()).arguments())


@given(incidents)
def test_topic_and_purpose_fit_whatever_the_title(example: Incident) -> None:
    for text in (topic(example), purpose(example)):
        assert 0 < len(text) <= 250
        assert not foreign(text)
    assert topic(example).startswith(example.ref)


@pytest.mark.parametrize("status", IncidentStatus)
@pytest.mark.parametrize("commander", [None, "U0BEN"])
def test_the_cards_buttons_are_the_currently_possible_steps(
    status: IncidentStatus, commander: str | None
) -> None:
    buttons = action_ids(list(card(incident(status=status, commander_id=commander)).blocks))
    forward = [f"status_{step}" for step in NEXT_STEPS[status]]
    over = status in {IncidentStatus.RESOLVED, IncidentStatus.CLOSED}
    for step in IncidentStatus:
        is_forward = f"status_{step}" in forward and not (over and step in {"open", "investigating"})
        assert (f"status_{step}" in buttons) == is_forward
    assert ("reopen_incident" in buttons) == over
    assert ("take_command" in buttons) == (not over and commander is None)
    assert ("show_roles" in buttons) == (not over)
    assert ("show_people" in buttons) == (not over)
    assert ("edit_incident" in buttons) == (status is not IncidentStatus.CLOSED)
    assert "show_timeline" in buttons
    assert len(set(buttons)) == len(buttons)


@pytest.mark.parametrize("severity", IncidentSeverity)
@pytest.mark.parametrize("status", IncidentStatus)
def test_the_card_shows_severity_status_declarer_and_commander(
    severity: IncidentSeverity, status: IncidentStatus
) -> None:
    text = shown(
        card(incident(severity=severity, status=status, commander_id="U0BEN", project_id="checkout"))
    )
    for part in (SEVERITY[severity], STATUS[status], "<@U0ANA>", "<@U0BEN>", "checkout"):
        assert part in text


@pytest.mark.parametrize("hostile", [storable(text) for text in HOSTILE])
def test_a_hostile_title_is_read_verbatim(hostile: str) -> None:
    example = incident(title=hostile, description=hostile)
    assert hostile in "\n".join(texts(list(card(example).blocks), "plain_text"))
    assert hostile.replace("\n", "\n> ") in shown(card(example))
    assert hostile in shown(announcement(example))
    assert hostile in shown(tray(example))


def test_a_descriptions_lines_are_quoted_line_by_line() -> None:
    assert "> first\n> \n> last" in shown(card(incident(description="first\n\nlast")))


@pytest.mark.parametrize("status", IncidentStatus)
def test_the_announcement_follows_the_status(status: IncidentStatus) -> None:
    resolved = NOW if status in {IncidentStatus.RESOLVED, IncidentStatus.CLOSED} else None
    text = shown(announcement(incident(status=status, resolved_at=resolved)))
    assert STATUS[status] in text
    assert ("resolved <!date" in text) == (resolved is not None)


def test_an_incident_without_a_channel_yet_is_shown_with_its_future_name() -> None:
    assert "#inc-12-database-is-slow" in shown(announcement(incident(channel_id=None)))


VALUES = {
    EntryKind.CALL: CALL,
    EntryKind.STATUS: "resolved",
    EntryKind.SEVERITY: "low",
    EntryKind.DECLARED: "high",
    EntryKind.PAGE: "U0BEN U0CHEN",
}


@pytest.mark.parametrize("kind", sorted(STATE_CHANGES))
@given(typed, typed.map(lambda text: (text * 20)[:2000]))
def test_slack_accepts_every_change_with_whatever_note(kind: EntryKind, value: str, note: str) -> None:
    if kind in PART_CHANGES:
        value = "U0BEN"
    if kind is EntryKind.PEOPLE:
        value = " ".join(["U0BEN"] * 300)
    value = VALUES.get(kind, value)
    check(update(incident(), entry(kind, from_value=value, to_value=value, text=note)))


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"kind": EntryKind.DECLARED, "to_value": "high"}, "<@U0BEN> declared it as 🟠 High"),
        (
            {"kind": EntryKind.STATUS, "from_value": "open", "to_value": "resolved", "text": "a <fix>"},
            "<@U0BEN>: Open → *Resolved*: a &lt;fix&gt;",
        ),
        (
            {"kind": EntryKind.SEVERITY, "from_value": "low", "to_value": "critical"},
            "<@U0BEN>: 🔵 Low → *🔴 Critical*",
        ),
        (
            {"kind": EntryKind.TITLE, "from_value": "a", "to_value": "b & c"},
            "<@U0BEN> renamed it to *b &amp; c*",
        ),
        ({"kind": EntryKind.COMMANDER, "to_value": "U0BEN"}, "<@U0BEN> took command"),
        (
            {"kind": EntryKind.CALL, "to_value": "https://a.example/?a=1&b"},
            "📞 <@U0BEN> set the call: <https://a.example/?a=1&amp;b|Join the call>",
        ),
        (
            {"kind": EntryKind.CALL, "from_value": "https://a.example", "to_value": "https://b.example"},
            "📞 <@U0BEN> changed the call: <https://b.example|Join the call>",
        ),
        ({"kind": EntryKind.CALL, "from_value": "https://a.example"}, "📞 <@U0BEN> removed the call"),
        ({"kind": EntryKind.COMMANDER, "to_value": "U0CHEN"}, "<@U0BEN> gave command to <@U0CHEN>"),
        (
            {"kind": EntryKind.COMMANDER, "from_value": "U0ANA", "to_value": "U0BEN"},
            "<@U0BEN> took command, replacing <@U0ANA>",
        ),
    ],
)
def test_changes_read_like_this(values: dict[str, Any], line: str) -> None:
    assert change_line(entry(**values)) == line


def test_the_changes_of_one_form_are_lines_of_one_message() -> None:
    renamed = entry(EntryKind.TITLE, from_value="Down", to_value="Cache", text="")
    lowered = entry(EntryKind.SEVERITY, from_value="high", to_value="low", text="less")
    [line, *_] = update(incident(), renamed, also=[lowered]).blocks
    told = line["elements"][0]["text"].splitlines()
    assert ["*Cache*" in told[0], "*🔵 Low*: less" in told[1]] == [True, True]
