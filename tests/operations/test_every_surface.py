"""Whatever shows a thing is refreshed when what it shows of the thing changes.

To add a surface: its effect in the rows of ``SHOWN`` for everything that it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.domain.action_items.model import ActionItemStatus, NewActionItem
from bot.domain.calendar.meetings import EventNews, Meeting, MeetingStatus
from bot.domain.calendar.slots import Slot
from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.kit.bookings import Booking
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems.model import NewPostmortem, Section
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings
from bot.domain.surface.forms import CorrectionInput, MeetingInput, UpdateInput
from storage import settings
from storage.tables import outbox
from tests.support.office import Office, keys

TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
SLOT = Slot(TEN, TEN + timedelta(minutes=30))


@dataclass
class Everything:
    """A resolved incident with a checklist, a meeting, a postmortem, an item, a session and an update."""

    office: Office
    incident: Incident
    meeting: Meeting
    session: FiveWhysAnalysis
    item: int

    def planned_by(self, change: Callable[[Everything], object]) -> set[str]:
        """The kinds of effects that the change plans."""
        known = set(self.office.rows())
        change(self)
        query = select(outbox.c.key, outbox.c.kind)
        rows = self.office.database.read(lambda tx: tx.execute(query).all())
        return {row.kind for row in rows if row.key not in known}


@pytest.fixture
def everything(office: Office) -> Everything:
    office.connect_calendar()
    checklist = Checklist("First minutes", (ChecklistLine("Tell support"),), ("high",))
    office.database.run(lambda tx: settings.save(tx, ReminderSettings(checklists=(checklist,))))
    made = office.declare(by="ANA")
    office.perform_all()
    made = office.step(made, "resolved")
    office.postmortems.create_postmortem(made.id, NewPostmortem(owner_id="ANA"), by="ANA", key=next(keys))
    item = office.items.create_action_item(
        NewActionItem(made.id, "Raise the limit", assigned_to="BEN"), by="ANA", key=next(keys)
    )
    session = office.whys.conduct_five_whys(made.id, "ANA", by="ANA", key=next(keys))
    asked = office.meetings.ask(
        MeetingInput(made.id, ("ANA", "BEN"), (), 30, TEN.date(), TEN.date()), by="ANA", key=next(keys)
    )
    office.meetings.offer(asked, (SLOT,), 0)
    wanted = office.meetings.choose(asked.id, TEN, by="BEN", key=next(keys))
    stands = Booking(SLOT.start, SLOT.end, updated=office.clock.now, calendar_id="team@acme.example")
    office.meetings.booked(wanted, stands, SLOT)
    office.updates.write(UpdateInput(made.id, "It is slow"), by="ANA", key=next(keys))
    office.perform_all()
    return Everything(office, made, office.meetings.get_meeting(asked.id, viewer=SYSTEM), session, item.id)


POSTMORTEM = {"ShowPostmortem", "PublishPostmortem"}
INCIDENT = {"ShowCard", "SetTopic", "ShowAnnouncement", "PostUpdate", *POSTMORTEM}
ITEM = {"ShowActionItem", "TellAssignee", "PutDueDate", *POSTMORTEM}
UPDATE = {"ShowUpdate", "AnnounceUpdate", "ShowCard", *POSTMORTEM}


def _corrected(all_of: Everything) -> object:
    """An update that nobody had corrected yet; all that sending it has planned is done."""
    office, number = all_of.office, all_of.incident.id
    return office.updates.correct(
        CorrectionInput(number, 1, "It was back", "", "", ""), by="ANA", key=next(keys)
    )


SHOWN: dict[str, tuple[Callable[[Everything], object], set[str]]] = {
    "an incident's status": (
        lambda all_of: all_of.office.step(all_of.incident, "closed"),
        {*INCIDENT, "PutIncidentEvent"},
    ),
    "an incident's severity": (
        lambda all_of: all_of.office.manager.change_severity(
            all_of.incident.id, IncidentSeverity.LOW, by="ANA", key=next(keys)
        ),
        {*INCIDENT, "PutIncidentEvent"},
    ),
    "an incident's title": (
        lambda all_of: all_of.office.manager.rename(
            all_of.incident.id, "Disk is full", by="ANA", key=next(keys)
        ),
        {*INCIDENT, "PutIncidentEvent", "RenameChannel", "ArrangeMeeting", "ShowMeeting"},
    ),
    "an incident's commander": (
        lambda all_of: all_of.office.manager.assign_commander(
            all_of.incident.id, "BEN", by="ANA", key=next(keys)
        ),
        {*INCIDENT, "InvitePeople", "TellRole"},
    ),
    "another role in an incident": (
        lambda all_of: all_of.office.roles.take(all_of.incident.id, "scribe", by="BEN", key=next(keys)),
        {*INCIDENT, "InvitePeople", "TellRole"} - {"SetTopic"},
    ),
    "an incident's call": (
        lambda all_of: all_of.office.calls.set_call(
            all_of.incident.id, "https://meet.example.com/1", by="ANA", key=next(keys)
        ),
        {*INCIDENT - {"SetTopic"}, "BookmarkCall"},
    ),
    "an action item's status": (
        lambda all_of: all_of.office.items.update_action_item_status(
            all_of.item, ActionItemStatus.COMPLETED, by="ANA", key=next(keys)
        ),
        ITEM - {"PutDueDate"},
    ),
    "a meeting's cancellation": (
        lambda all_of: all_of.office.meetings.cancel(all_of.meeting.id, by="ANA", key=next(keys)),
        {"ArrangeMeeting", "ShowMeeting", *POSTMORTEM},
    ),
    "a meeting that was cancelled in the calendar": (
        lambda all_of: all_of.office.sync.hear([EventNews(all_of.meeting.event_id or "", is_cancelled=True)]),
        {"ShowMeeting", "TellMeetingNews", *POSTMORTEM},
    ),
    "a session's facilitator": (
        lambda all_of: all_of.office.whys.hand_over(all_of.session.id, "BEN", by="ANA", key=next(keys)),
        {"ShowAnalysis", "AskWhy", *POSTMORTEM},
    ),
    "an abandoned session": (
        lambda all_of: all_of.office.whys.abandon(all_of.session.id, by="ANA", key=next(keys)),
        {"ShowAnalysis", "AskWhy"},
    ),
    "another session": (
        lambda all_of: all_of.office.whys.conduct_five_whys(
            all_of.incident.id, "BEN", "Why so late?", by="ANA", key=next(keys)
        ),
        {"ShowAnalysis", "AskWhy", *POSTMORTEM},
    ),
    "an update": (
        lambda all_of: all_of.office.updates.write(
            UpdateInput(all_of.incident.id, "It is back"), by="ANA", key=next(keys)
        ),
        UPDATE,
    ),
    "a line of a checklist": (
        lambda all_of: all_of.office.checklists.tick(all_of.incident.id, 1, by="ANA", key=next(keys)),
        {"ShowChecklist", *POSTMORTEM},
    ),
    "a line of a checklist that becomes an action item": (
        lambda all_of: all_of.office.checklists.make_item(all_of.incident.id, 1, by="ANA", key=next(keys)),
        {"ShowChecklist", "ShowActionItem", *POSTMORTEM},
    ),
    "a corrected update": (_corrected, UPDATE),
    "a postmortem's section": (
        lambda all_of: all_of.office.postmortems.set_owner(
            all_of.incident.id, "BEN", by="ANA", key=next(keys)
        ),
        POSTMORTEM,
    ),
}


@pytest.mark.parametrize("what", SHOWN)
def test_a_change_refreshes_whatever_shows_it(what: str, everything: Everything) -> None:
    change, surfaces = SHOWN[what]
    assert surfaces <= everything.planned_by(change)


def test_a_draft_that_is_named_after_its_incident_is_renamed_with_it(everything: Everything) -> None:
    office, number = everything.office, everything.incident.id

    def rename(title: str) -> str:
        office.manager.rename(number, title, by="ANA", key=next(keys))
        return office.postmortems.document(number, viewer=SYSTEM).postmortem.title

    assert rename("Disk is full") == "Postmortem: Disk is full"
    last = office.postmortems.revisions(number, viewer=SYSTEM)[0]
    assert (last.section, last.by) == (Section.TITLE, "ANA")
    office.postmortems.complete(number, by="ANA", key=next(keys), despite="It is short")
    assert rename("Disk was full") == "Postmortem: Disk is full"


def test_a_postmortem_with_a_name_of_its_own_keeps_it(office: Office) -> None:
    made = office.declare(by="ANA")
    office.postmortems.create_postmortem(
        made.id, NewPostmortem(title="What we learned"), by="ANA", key=next(keys)
    )
    office.manager.rename(made.id, "Disk is full", by="ANA", key=next(keys))
    assert office.postmortems.document(made.id, viewer=SYSTEM).postmortem.title == "What we learned"


def test_a_completed_postmortems_announcement_counts_later_items(everything: Everything) -> None:
    everything.office.postmortems.complete(
        everything.incident.id, by="ANA", key=next(keys), despite="It is short"
    )
    everything.office.perform_all()
    added = everything.planned_by(
        lambda all_of: all_of.office.items.create_action_item(
            NewActionItem(all_of.incident.id, "Add an alert"), by="ANA", key=next(keys)
        )
    )
    assert "AnnouncePostmortem" in added


def test_a_meeting_that_is_over_keeps_the_title_that_it_had(everything: Everything) -> None:
    everything.office.clock.move(days=60)
    assert "ArrangeMeeting" not in everything.planned_by(SHOWN["an incident's title"][0])


def test_a_kept_booking_gets_the_title_that_changed_meanwhile(everything: Everything) -> None:
    office, meeting = everything.office, everything.meeting
    window = (TEN.date(), TEN.date())
    asked = MeetingInput(everything.incident.id, ("ANA",), (), 30, *window, meeting_id=meeting.id)
    office.meetings.ask(asked, by="ANA", key=next(keys))
    office.perform_all()
    planned = everything.planned_by(lambda _: office.meetings.keep(meeting.id, by="ANA", key=next(keys)))
    kept = office.meetings.get_meeting(meeting.id, viewer=SYSTEM)
    assert kept.status is MeetingStatus.BOOKED and "ArrangeMeeting" in planned
    assert replace(kept, updated_at=meeting.updated_at).booking == meeting.booking
