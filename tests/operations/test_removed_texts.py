"""Old texts are removed if a team wants that, and nothing that Slack reports brings them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, FoundMessage, KeyMark, PostedMessage, TimelineEntry
from bot.domain.outbox.effects import FindMarkedMessage
from bot.domain.postmortems.model import Curated, NewPostmortem
from bot.domain.postmortems.planned import message_key
from bot.domain.settings import ReminderSettings
from bot.domain.surface.answers import Timeline
from bot.operations.retention import Position, Retention
from bot.views.answers import render
from bot.views.postmortems.exports import as_json
from storage import messages, settings
from tests.support.office import Office, keys
from tests.support.rows import effects

TS = "1770000000.000100"
FILES = ({"name": "graph.png", "permalink": "https://x"},)
MESSAGE = PostedMessage("C1", TS, "BEN", None, "it is down", FILES)
DAYS = 90


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident whose channel is C1, in a workspace that keeps texts for 90 days."""
    office.database.run(partial(settings.save, settings=ReminderSettings(texts_kept=DAYS)))
    declared = office.declare()
    office.perform_all()
    return declared


def pass_by(office: Office, days: float = DAYS + 1) -> None:
    """Let time pass, and the purge work through the tables."""
    office.clock.move(days=days)
    retention, at = Retention(office.database, office.clock, timedelta(days=7)), Position()
    while following := retention.purge(at):
        at = following


def only(office: Office, incident: Incident) -> TimelineEntry:
    [entry] = office.entries(incident, EntryKind.MESSAGE)
    return entry


def removed(office: Office, incident: Incident) -> TimelineEntry:
    """The entry of a message whose text was removed."""
    office.recorder.record_message(MESSAGE)
    office.step(incident, "resolved", note="A note")
    pass_by(office)
    return only(office, incident)


def test_an_old_text_goes_and_the_entry_stays(office: Office, incident: Incident) -> None:
    entry = removed(office, incident)
    assert (entry.text, entry.files, entry.by, entry.ts) == ("", (), "BEN", TS)
    assert entry.removed == "removed after 90 days"
    [change] = office.entries(incident, EntryKind.STATUS)
    assert change.text == "A note", "what people decided stays"


def test_texts_stay_while_the_incident_is_open_or_was_resolved_recently(
    office: Office, incident: Incident
) -> None:
    office.recorder.record_message(MESSAGE)
    pass_by(office)
    assert only(office, incident).text
    office.step(incident, "resolved")
    pass_by(office, DAYS - 1)
    assert only(office, incident).text
    office.step(incident, "open", note="It is back")
    pass_by(office)
    assert only(office, incident).text


def test_what_was_written_recently_stays_however_old_the_incident_is(
    office: Office, incident: Incident
) -> None:
    office.step(incident, "resolved")
    office.clock.move(days=DAYS)
    office.recorder.record_message(replace(MESSAGE, ts=f"{office.clock.now.timestamp():.6f}"))
    pass_by(office, 1)
    assert only(office, incident).text


def test_texts_are_kept_for_good_unless_somebody_says_otherwise(office: Office, incident: Incident) -> None:
    office.database.run(partial(settings.save, settings=ReminderSettings()))
    assert removed(office, incident).text


def test_a_redelivery_an_edit_and_a_deletion_bring_nothing_back(office: Office, incident: Incident) -> None:
    before = removed(office, incident)
    office.recorder.record_message(MESSAGE)
    office.recorder.record_messages([MESSAGE])
    office.recorder.edit_message(replace(MESSAGE, text="it was down", edited_ts="1900000000.000100"))
    assert only(office, incident) == before
    office.recorder.delete_message(MESSAGE)
    assert only(office, incident).text == ""


@pytest.mark.parametrize("message", [MESSAGE, replace(MESSAGE, user_id=None, source="Nightwatch")])
def test_catching_up_brings_nothing_back(office: Office, incident: Incident, message: PostedMessage) -> None:
    office.recorder.record_message(message)
    office.step(incident, "resolved")
    pass_by(office)
    before = only(office, incident)
    for text, edited_ts in (("it is down", None), ("it was down", "1900000000.000100")):
        found = [FoundMessage(replace(message, text=text, edited_ts=edited_ts), frozenset())]
        assert office.recorder.news(found, office.clock.now) == []
        office.recorder.catch_up(incident.id, found, office.clock.now)
    assert only(office, incident) == before


def test_an_edit_that_arrived_without_its_message_is_removed_for_good(
    office: Office, incident: Incident
) -> None:
    office.recorder.edit_message(replace(MESSAGE, edited_ts="1770000001.000100"))
    office.step(incident, "resolved")
    pass_by(office)
    office.recorder.record_message(MESSAGE)
    assert only(office, incident).text == ""


def test_what_a_postmortem_shows_stays_and_what_it_hides_goes(office: Office, incident: Incident) -> None:
    shown, hidden, plain, chosen, reply = (
        replace(MESSAGE, ts=f"177000000{number}.000100", text=text)
        for number, text in enumerate(("shown", "hidden", "plain", "chosen", "reply"))
    )
    place = ("C1", "1770000009.000100")
    office.step(incident, "resolved")
    office.postmortems.create_postmortem(incident.id, NewPostmortem(), by="ANA", key=next(keys))
    office.database.run(
        partial(messages.save, key=message_key(incident.id), channel_id=place[0], ts=place[1])
    )
    for each in (shown, hidden, plain, chosen, replace(reply, thread_ts=place[1])):
        office.recorder.record_message(each)
    for each in (shown, hidden):
        mark = KeyMark("C1", each.ts, "ANA", "reaction", present=True, event_ts="1900000000.000100")
        office.recorder.mark_key(mark)
    by_text = {each.text: each.id for each in office.entries(incident, EntryKind.MESSAGE)}
    for text, is_shown in (("hidden", False), ("chosen", True)):
        how = Curated(is_shown=is_shown)
        office.postmortems.curate(incident.id, by_text[text], how, by="ANA", key=next(keys))
    pass_by(office)
    left = [each.text for each in office.entries(incident, EntryKind.MESSAGE) if each.text]
    assert left == ["shown", "chosen", "reply"]


def test_a_pass_removes_any_number_of_texts_of_any_number_of_incidents(office: Office) -> None:
    office.database.run(partial(settings.save, settings=ReminderSettings(texts_kept=DAYS)))
    declared = [office.declare(f"Number {number}") for number in range(25)]
    office.perform_all()
    for incident, count in ((declared[3], 120), (declared[24], 2)):
        for number in range(count):
            written = replace(MESSAGE, channel_id=f"C{incident.id}", ts=f"1770000{number:03}.000100")
            office.recorder.record_message(written)
        office.step(incident, "resolved")
    pass_by(office)
    for incident in (declared[3], declared[24]):
        assert not any(each.text for each in office.entries(incident, EntryKind.MESSAGE))


def test_every_surface_says_that_a_text_was_removed(office: Office, incident: Incident) -> None:
    removed(office, incident)
    asked = Timeline(incident.id, everything=True, page=1)
    shown = office.answers.load(asked, viewer="ANA")
    assert "<@BEN>: _removed after 90 days_" in str(render(shown).blocks)
    mark = KeyMark("C1", TS, "ANA", "reaction", present=True, event_ts="1900000000.000100")
    office.recorder.mark_key(mark)
    office.postmortems.create_postmortem(incident.id, NewPostmortem(), by="ANA", key=next(keys))
    document = office.postmortems.document(incident.id, viewer="ANA")
    assert "Ben: (removed after 90 days)" in [each.event for each in document.postmortem.timeline]
    assert f'"removed_after": {DAYS}' in as_json(document)


def test_an_item_can_still_be_made_from_the_message_in_slack(office: Office, incident: Incident) -> None:
    removed(office, incident)
    office.items.create_from_mark("C1", TS, by="ANA")
    assert FindMarkedMessage(incident.id, TS, "ANA") in effects(office.database)
