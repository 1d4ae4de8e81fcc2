"""What a channel's history reports is recorded like what events report; the more recent news wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, FoundMessage, KeyMark, PostedMessage
from bot.domain.outbox.effects import CatchUp
from tests.support.examples import NOW
from tests.support.office import Office

TS = "1700000000.000100"
LATER = "1700000500.000100"
MESSAGE = PostedMessage("C1", TS, "BEN", None, "it is down")
NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident whose channel is C1."""
    declared = office.declare()
    office.perform_all()
    return declared


def is_key(office: Office, incident: Incident) -> bool:
    [entry] = office.entries(incident, EntryKind.MESSAGE)
    return entry.is_key


def test_messages_repeated_by_history_are_recorded_once_in_their_latest_wording(
    office: Office, incident: Incident
) -> None:
    office.recorder.record_message(MESSAGE)
    edited = replace(MESSAGE, text="it was down", edited_ts=LATER)
    other = replace(MESSAGE, ts=LATER, text="still down")
    for _ in range(2):
        found = [FoundMessage(edited, NOBODY), FoundMessage(other, NOBODY)]
        office.recorder.catch_up(incident.id, found, NOW)
    texts = [entry.text for entry in office.entries(incident, EntryKind.MESSAGE)]
    assert texts == ["it was down", "still down"]


def test_an_alert_that_its_bot_has_updated_is_news_although_it_is_not_marked_as_edited(
    office: Office, incident: Incident
) -> None:
    firing = replace(MESSAGE, user_id=None, source="Nightwatch", text="firing\x00")
    office.recorder.record_message(firing)
    resolved, now = FoundMessage(replace(firing, text="resolved"), NOBODY), NOW + timedelta(days=9999)
    assert office.recorder.news([FoundMessage(firing, NOBODY)], now) == []
    assert office.recorder.news([resolved], now) == [resolved]
    office.recorder.catch_up(incident.id, [resolved], now)
    assert [entry.text for entry in office.entries(incident, EntryKind.MESSAGE)] == ["resolved"]
    assert office.recorder.news([resolved], now) == []


def test_what_a_bot_wrote_after_the_history_was_fetched_stays(office: Office, incident: Incident) -> None:
    firing = replace(MESSAGE, user_id=None, source="Nightwatch", text="firing")
    after = f"{NOW.timestamp() + 60:.6f}"
    office.recorder.edit_message(replace(firing, text="resolved", edited_ts=after))
    office.recorder.record_message(firing)
    assert office.recorder.news([FoundMessage(firing, NOBODY)], NOW) == []
    office.recorder.catch_up(incident.id, [FoundMessage(firing, NOBODY)], NOW)
    assert [entry.text for entry in office.entries(incident, EntryKind.MESSAGE)] == ["resolved"]


def test_a_deleted_message_does_not_come_back(office: Office, incident: Incident) -> None:
    office.recorder.delete_message(MESSAGE)
    office.recorder.catch_up(incident.id, [FoundMessage(MESSAGE, frozenset({"ANA"}))], NOW)
    [entry] = office.entries(incident, EntryKind.MESSAGE)
    assert (entry.text, entry.is_deleted) == ("", True)


def test_marks_are_those_that_history_shows(office: Office, incident: Incident) -> None:
    def catch_up(*users: str) -> bool:
        found = FoundMessage(MESSAGE, frozenset(users))
        office.recorder.catch_up(incident.id, [found], NOW)
        return is_key(office, incident)

    assert [catch_up("GUEST"), catch_up("ANA"), catch_up(), catch_up("BEN", "ANA")] == [
        False,
        True,
        False,
        True,
    ]


def test_if_history_does_not_name_everybody_the_marks_stay(office: Office, incident: Incident) -> None:
    office.recorder.mark_key(KeyMark("C1", TS, "ANA", "reaction", present=True, event_ts=LATER))
    office.recorder.catch_up(incident.id, [FoundMessage(MESSAGE, None)], NOW)
    assert is_key(office, incident)


def test_an_event_newer_than_the_read_of_history_wins(office: Office, incident: Incident) -> None:
    asked = NOW
    after = f"{(asked + timedelta(seconds=1)).timestamp():.6f}"
    office.recorder.mark_key(KeyMark("C1", TS, "ANA", "reaction", present=False, event_ts=after))
    office.recorder.catch_up(incident.id, [FoundMessage(MESSAGE, frozenset({"ANA"}))], asked)
    assert not is_key(office, incident)


def test_at_each_start_only_open_incidents_catch_up(office: Office, incident: Incident) -> None:
    closed, without_channel = office.declare("over"), office.declare("new")
    held = office.perform_until(f"{without_channel.ref}/channel")
    office.step(closed, "resolved")
    office.perform_all()
    office.clock.move(seconds=1)
    office.startup.prepare("incidents")
    office.startup.prepare("incidents")
    rows = office.claim().values()
    assert [row.effect for row in rows if isinstance(row.effect, CatchUp)] == [CatchUp(incident.id)]
    assert held.key == f"{without_channel.ref}/channel"
