"""Reminds people to write postmortems."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.model import Incident, IncidentStatus
from bot.domain.kit.errors import ReasonMissing
from bot.domain.kit.people import SYSTEM, Person
from bot.domain.kit.text import clean_text, is_blank
from bot.domain.postmortems import planned as postmortems_planned
from bot.domain.postmortems.model import REASON_LIMIT
from bot.domain.postmortems.reminders import is_needed, reminder_at
from bot.operations.kit.access import existing_incident, participant
from bot.operations.kit.gate import begin
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import duties, incidents, postmortems, settings
from storage.alarms import AT_ONCE


class PostmortemDuties(Operations):
    """Reminds people of postmortems, and records that one isn't needed."""

    @transaction
    def plan(self, tx: Tx) -> int:
        """Plan some of the reminders that are due; returns how many incidents they are about."""
        calendars = Calendars(tx)
        due = duties.take_due(tx.connection, tx.now, AT_ONCE)
        for duty in due:
            _look_at(tx, duty, calendars)
        return len(due)

    @transaction
    def waive(self, tx: Tx, incident_id: int, why: str, *, by: str, key: str) -> None:
        """Record that no postmortem is needed, and why; raises ``ReasonMissing``."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if is_blank(why):
            error = ReasonMissing(ref=incident.ref)
            error.field = "despite"
            raise error
        if is_new:
            told = clean_text(why, REASON_LIMIT, "despite")
            duties.waive(tx.connection, incident_id, by, told)
            enqueue(tx, postmortems_planned.after_waiving(incident, key))

    @reading
    def get(self, tx: Tx, incident_id: int) -> duties.Duty | None:
        """The duty to write the incident's postmortem, or ``None`` if none is expected."""
        return duties.get(tx.connection, incident_id)


def _look_at(tx: Tx, duty: duties.Duty, calendars: Calendars) -> None:
    incident = incidents.get(tx.connection, duty.incident_id, SYSTEM)
    found = postmortems.of_incident(tx.connection, duty.incident_id, SYSTEM)
    if incident is None or duty.waived_by or (found and found.is_final):
        duties.save(tx.connection, replace(duty, remind_at=None))
        return
    person = _who(tx, incident, found.owner_id if found else None)
    calendar, number = calendars.of(person), duty.reminded + 1
    if not calendar.is_open(tx.now):
        duties.save(tx.connection, replace(duty, remind_at=calendar.next_opening(tx.now)))
        return
    if person and is_needed(number, has_begun=found is not None):
        enqueue(tx, [postmortems_planned.reminding(incident.id, person.id, number)])
    following = reminder_at(duty.resolved_at, number + 1, calendar)
    # After a long outage one reminder is enough: skip the others that have passed.
    while following <= tx.now:
        number += 1
        following = reminder_at(duty.resolved_at, number + 1, calendar)
    duties.save(tx.connection, replace(duty, remind_at=following, reminded=number))


def status_changed(tx: Tx, incident: Incident) -> None:
    """Expect a postmortem of a resolved incident if the settings name its severity; reopening undoes that."""
    if incident.status is IncidentStatus.RESOLVED:
        if (
            incident.severity.value in tx.once(settings.get).postmortems_for
            and duties.get(tx.connection, incident.id) is None
        ):
            calendar = Calendars(tx).of(_who(tx, incident, None))
            duties.add(tx.connection, duties.Duty(incident.id, tx.now, reminder_at(tx.now, 1, calendar)))
    elif incident.status is not IncidentStatus.CLOSED:
        duties.forget(tx.connection, incident.id)


def _who(tx: Tx, incident: Incident, owner_id: str | None) -> Person | None:
    asked = (owner_id, incident.commander_id, incident.declared_by)
    return next(filter(None, (participant(tx, user_id, incident) for user_id in asked)), None)
