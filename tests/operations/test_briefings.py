"""A briefing tells what has changed since somebody was last seen, and is offered to whoever comes late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import select

from bot.domain.action_items.model import NewActionItem
from bot.domain.action_items.planned import item_key
from bot.domain.checklists.planned import checklist_key
from bot.domain.incidents.briefing import MAX_CHANGES
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.incidents.timeline import EntryKind, KeyMark, PostedMessage
from bot.domain.kit.errors import NotAllowed, NotSaved, UnknownRef
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings
from bot.domain.surface.answers import Briefing
from bot.domain.surface.forms import EditInput, UpdateInput
from bot.domain.surface.shown import BriefingShown
from bot.operations.incidents.briefing import Briefings
from storage import messages, settings, timeline
from storage.tables import attendance
from tests.support.office import NOBODIES, Office, keys


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident of ANA's, an hour old, that has its channel."""
    declared = office.declare()
    office.perform_all()
    office.clock.move(hours=1)
    return declared


def brief(office: Office, by: str = "BEN", **more: str) -> Briefing:
    return office.briefings.brief(1, by=by, key=more.pop("key", next(keys)), **more)


def briefed(office: Office, by: str = "BEN", **more: str) -> BriefingShown:
    shown = office.answers.load(brief(office, by, **more), by)
    assert isinstance(shown, BriefingShown)
    return shown


def ts_of(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def say(office: Office, text: str, by: str = "ANA") -> str:
    office.clock.move(seconds=1)
    ts = ts_of(office.clock.now)
    office.recorder.record_message(PostedMessage("C1", ts, by, None, text))
    return ts


def mark(office: Office, ts: str, by: str = "ANA", *, present: bool = True) -> None:
    at = ts_of(office.clock.now)
    office.recorder.mark_key(KeyMark("C1", ts, by, "reaction", present, at))


def texts(shown: BriefingShown) -> list[str]:
    return [each.text or each.kind.value for each in shown.changes]


def test_somebody_who_was_never_there_reads_the_whole(office: Office, incident: Incident) -> None:
    office.step(incident, "investigating", note="It is the pool")
    mark(office, say(office, "500s since noon"))
    say(office, "Anybody?")
    shown = briefed(office)
    assert shown.since is None
    assert texts(shown) == ["declared", "It is the pool", "500s since noon"]
    assert (shown.total, shown.messages) == (3, 2)
    assert shown.noted
    assert shown.key_event
    assert (shown.noted.text, shown.key_event.text) == ("It is the pool", "500s since noon")
    assert shown.incident.status.value == "investigating"


def test_the_latest_update_comes_before_what_was_noted_since(office: Office, incident: Incident) -> None:
    office.updates.write(UpdateInput(incident.id, "Payments fail"), by="ANA", key=next(keys))
    office.clock.move(minutes=1)
    office.step(incident, "investigating", note="It is the pool")
    shown = briefed(office)
    assert shown.noted
    assert (shown.noted.kind, shown.noted.text) == (EntryKind.UPDATE, "Payments fail")
    assert len(texts(shown)) == 3


def _acts(office: Office, _incident: Incident) -> None:
    office.briefings.note_act("C1", "BEN")


SEEN: Mapping[str, Callable[[Office, Incident], object]] = {
    "a message": lambda o, _: say(o, "On it", "BEN"),
    "a change": lambda o, i: o.manager.change_severity(i.id, IncidentSeverity.LOW, by="BEN", key=next(keys)),
    "a mark": lambda o, _: mark(o, "1700000000.000100", "BEN"),
    "a mark that was removed": lambda o, _: mark(o, "1700000000.000100", "BEN", present=False),
    "a click": _acts,
    "a briefing": lambda o, _: brief(o),
}


@pytest.mark.parametrize("what", SEEN)
def test_it_begins_when_the_person_was_last_seen(office: Office, incident: Incident, what: str) -> None:
    say(office, "An hour before", "BEN")
    office.clock.move(hours=1)
    office.step(incident, "investigating", note="Before")
    office.clock.move(hours=1)
    SEEN[what](office, incident)
    seen = office.clock.now
    assert office.briefings.brief(1, by="CHEN", key=next(keys)).since == "", "nobody else was seen"
    office.clock.move(minutes=20)
    office.step(incident, "resolved", note="After")
    shown = briefed(office)
    assert shown.since == seen
    assert texts(shown) == ["After"]


def test_each_change_leads_to_the_message_that_shows_it(office: Office, incident: Incident) -> None:
    lists = (Checklist("First", (ChecklistLine("Look"),)),)
    office.database.run(partial(settings.save, settings=ReminderSettings(checklists=lists)))
    posted = office.checklists.post_named(1, "first", by="ANA", key=next(keys)).checklist
    item = office.items.create_action_item(NewActionItem(1, "Fix it"), by="ANA", key=next(keys))
    shown_by = {checklist_key(1, posted.id): "3.0", item_key(item.id): "4.0"}
    for key, ts in shown_by.items():
        office.database.run(partial(messages.save, key=key, channel_id="C1", ts=ts))
    office.checklists.tick(1, posted.lines[0].id, by="ANA", key=next(keys))
    office.clock.move(seconds=1)
    both = EditInput(1, "Slow pool", IncidentSeverity.LOW, "", incident.title, incident.severity)
    office.manager.edit_from_form(both, by="ANA", key=next(keys))
    [first] = office.entries(incident, EntryKind.TITLE)
    office.database.run(partial(timeline.show_at, entry_id=first.id, channel_id="C1", ts="5.0"))
    shown = briefed(office)
    assert [each.kind for each in shown.changes if each.ts is None] == []
    told = {each.kind: each.ts for each in shown.changes}
    assert (told[EntryKind.CHECKLIST], told[EntryKind.ACTION]) == ("3.0", "4.0")
    assert (told[EntryKind.TITLE], told[EntryKind.SEVERITY]) == ("5.0", "5.0")


def test_nothing_may_have_changed(office: Office, incident: Incident) -> None:
    office.step(incident, "investigating")
    brief(office)
    office.clock.move(minutes=1)
    say(office, "Anybody?")
    shown = briefed(office)
    assert (shown.changes, shown.total, shown.messages) == ((), 0, 1)


def test_a_redelivery_and_a_double_click_get_the_same_again(office: Office, incident: Incident) -> None:
    office.briefings.note_act("C1", "BEN")
    office.clock.move(hours=1)
    office.step(incident, "resolved", note="Over")
    first = brief(office, key="click/1")
    office.clock.move(seconds=3)
    assert brief(office, key="click/2") == first
    office.clock.move(hours=1)
    assert brief(office, key="click/1") == first
    assert brief(office, key="click/3") != first


def test_the_message_in_which_they_ask_does_not_count(office: Office, incident: Incident) -> None:
    say(office, "Lunch", "BEN")
    left = office.clock.now
    office.clock.move(hours=1)
    office.step(incident, "resolved", note="Over")
    asked = say(office, "<@BOT> catchup", "BEN")
    shown = briefed(office, asked_in=asked)
    assert (shown.since, texts(shown)) == (left, ["Over"])


def test_a_message_counts_from_when_it_was_marked(office: Office, incident: Incident) -> None:
    marked, unmarked, deleted = (say(office, text) for text in ("It is the pool", "Or not", "A password"))
    office.clock.move(minutes=1)
    brief(office)
    office.clock.move(minutes=1)
    for ts in (marked, unmarked, deleted):
        mark(office, ts)
    office.clock.move(minutes=1)
    mark(office, unmarked, present=False)
    office.recorder.delete_message(PostedMessage("C1", deleted, "ANA", None, ""))
    assert texts(briefed(office)) == ["It is the pool"]


def test_the_latest_ten_changes_are_named_and_all_are_counted(office: Office, incident: Incident) -> None:
    office.briefings.note_act("C1", "BEN")
    for number in range(MAX_CHANGES + 3):
        office.clock.move(minutes=1)
        office.items.create_action_item(NewActionItem(1, f"Item {number}"), by="ANA", key=next(keys))
    shown = briefed(office)
    assert len(shown.changes) == MAX_CHANGES
    assert shown.changes[-1].text.endswith(f"Item {MAX_CHANGES + 2}")
    assert shown.total == MAX_CHANGES + 3


def test_only_people_who_may_act_and_see_the_incident_are_briefed(office: Office) -> None:
    office.declare(is_private=True)
    office.perform_all()
    with pytest.raises(UnknownRef):
        brief(office, by="BEN")
    with pytest.raises(UnknownRef):
        office.answers.load(Briefing(1), "BEN")
    for nobody in NOBODIES:
        with pytest.raises(NotAllowed):
            brief(office, by=nobody)
    assert brief(office, by="ANA") == Briefing(1, office.clock.now.isoformat())


def offers(office: Office) -> list[str]:
    return sorted(key for key in office.rows() if "/briefing/" in key)


def test_whoever_joins_an_incident_that_is_not_new_is_offered_one(office: Office) -> None:
    office.declare()
    office.perform_all()
    office.clock.move(minutes=10)
    office.briefings.offer("C1", "BEN", "1.0")
    assert offers(office) == []
    office.clock.move(seconds=1)
    for _ in range(2):
        office.briefings.offer("C1", "BEN", "1.0")
    assert offers(office) == ["INC-1/briefing/BEN/1.0"]
    office.briefings.offer("C1", "BEN", "2.0")
    for other in NOBODIES:
        office.briefings.offer("C1", other, "3.0")
    office.briefings.offer("C0ELSEWHERE", "BEN", "4.0")
    assert offers(office) == ["INC-1/briefing/BEN/1.0", "INC-1/briefing/BEN/2.0"]


def test_only_members_are_offered_one_about_a_private_incident(office: Office) -> None:
    office.declare(is_private=True)
    office.perform_all()
    office.clock.move(hours=1)
    office.briefings.offer("C1", "BEN", "1.0")
    assert offers(office) == []
    office.manager.note_member("C1", "BEN", present=True, event_ts="1.0")
    office.briefings.offer("C1", "BEN", "1.0")
    assert offers(office) == ["INC-1/briefing/BEN/1.0"]


def test_what_happens_elsewhere_is_not_noted(office: Office, incident: Incident) -> None:
    office.briefings.note_act("C0ELSEWHERE", "BEN")
    office.briefings.note_act(incident.channel_id or "C1", "CHEN")
    noted = office.database.read(lambda tx: list(tx.execute(select(attendance.c.user_id)).scalars()))
    assert noted == ["CHEN"]


class Busy(Briefings):
    """Cannot store anything."""

    def _note_act(self, *_args: object) -> None:
        raise NotSaved


def test_a_note_that_cannot_be_stored_bothers_nobody(office: Office, incident: Incident) -> None:
    Busy(office.database, office.clock).note_act("C1", "BEN")
    assert brief(office) == Briefing(incident.id)
