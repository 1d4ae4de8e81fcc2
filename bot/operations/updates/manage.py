"""Writes and corrects updates, nudges for the next one, and keeps who is subscribed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import (
    NothingToChange,
    NotYourUpdate,
    NoUpdateDue,
    OutdatedButton,
    UpdateCorrected,
    UpdatedMeanwhile,
    UpdateMissing,
    UpdateSent,
)
from bot.domain.kit.people import SYSTEM
from bot.domain.kit.text import clean_text, is_blank
from bot.domain.surface.forms import CorrectionInput, UpdateInput
from bot.domain.surface.shown import UpdateFormShown
from bot.domain.updates import planned as updates_planned
from bot.domain.updates.model import (
    AT_ANY_HOUR,
    KNOWN_LIMIT,
    MORE_LIMIT,
    SNOOZE_MINUTES,
    Update,
    due_after,
    interval,
    promised,
    words,
    works_now,
)
from bot.operations.consequences import updates as consequences_updates
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, is_double_click
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from bot.operations.updates.reads import whom_to_nudge
from storage import incidents, settings, subscriptions, timeline, updates
from storage.alarms import AT_ONCE


class IncidentUpdates(Operations):
    """Updates for people who wait; ``by`` and ``key`` are as for :class:`IncidentManager`."""

    @transaction
    def write(self, tx: Tx, filled: UpdateInput, *, by: str, key: str) -> Incident:
        """Send an update everywhere and promise the next one.

        Raises ``UpdateMissing``, ``TextTooLong``, and ``UpdatedMeanwhile`` if somebody has sent one that the
        form hasn't shown yet.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, filled.incident_id, by, lock=True)
        if not is_new:
            return incident
        before = updates.latest(tx.connection, incident.id, lock=True)
        if before and filled.seen is not None and before.number > filled.seen:
            raise UpdatedMeanwhile(by=before.by, name=namer(tx).person(before.by), number=before.number)
        minutes = _due_after(tx, incident) if filled.minutes is None else filled.minutes
        due_at = promised(minutes, tx.now, is_active=incident.is_active)
        made = Update(0, incident.id, 0, by, tx.now, *_texts(filled), due_at=due_at)
        _add(tx, incident, before, made)
        return incident

    @transaction
    def no_change(self, tx: Tx, incident_id: int, number: int, *, by: str, key: str) -> Incident:
        """Answer the nudge after update ``number``: tell everybody that nothing has changed.

        Raises ``UpdateSent`` if somebody has answered it, ``NoUpdateDue`` once the incident is over, and
        ``OutdatedButton`` if there is no such update.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        before = _awaited(tx, incident, number, by) if is_new else None
        if before:
            due_at = promised(interval(before) or _due_after(tx, incident), tx.now, is_active=True)
            made = Update(0, incident.id, 0, by, tx.now, "", due_at=due_at, is_unchanged=True)
            _add(tx, incident, before, made)
        return incident

    @transaction
    def snooze(self, tx: Tx, incident_id: int, number: int, *, by: str, key: str) -> Incident:
        """Postpone the nudge after update ``number``; raises what :meth:`no_change` does."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        before = _awaited(tx, incident, number, by) if is_new else None
        if before and before.nudge_at is None:
            until = tx.now + timedelta(minutes=SNOOZE_MINUTES)
            snoozed = updates.save(tx.connection, replace(before, nudge_at=until))
            consequences_updates.nudge_answered(tx, snoozed, f"snoozed/{until.timestamp()}")
        return incident

    @transaction
    def correct(self, tx: Tx, filled: CorrectionInput, *, by: str, key: str) -> Update:
        """Change what an update says, everywhere.

        Raises ``NotYourUpdate`` unless ``by`` wrote it or is the commander, ``UpdateCorrected`` if somebody
        else has changed it since the form was opened, ``UpdateMissing``, ``TextTooLong``,
        ``NothingToChange``, and ``OutdatedButton`` if there is no such update, or it has no text.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, filled.incident_id, by, lock=True)
        before = _correctable(tx, incident, filled.number, by, lock=True)
        if not is_new:
            return before
        if before.corrected_at and before.corrected_at.isoformat() != filled.was_corrected:
            other = before.corrected_by or before.by
            raise UpdateCorrected(by=other, name=namer(tx).person(other))
        known, doing, coming = _texts(filled)
        if (known, doing, coming) == (before.known, before.doing, before.next):
            raise NothingToChange(ref=f"Update {before.number} on {incident.ref}", what="text")
        changed = replace(before, known=known, doing=doing, next=coming)
        changed = updates.save(tx.connection, replace(changed, corrected_at=tx.now, corrected_by=by))
        if changed.entry_id:
            timeline.reword(tx.connection, changed.entry_id, words(changed))
        consequences_updates.corrected(tx, incident, changed, key)
        return changed

    @reading
    def correctable(self, tx: Tx, incident_id: int, number: int, *, viewer: str) -> Update:
        """The update, to be corrected by the viewer.

        Raises ``UnknownRef``, ``NotYourUpdate``, and ``OutdatedButton`` as :meth:`correct` does.
        """
        return _correctable(tx, existing_incident(tx, incident_id, viewer), number, viewer)

    @reading
    def latest(self, tx: Tx, incident_id: int, *, viewer: str) -> Update | None:
        """The incident's latest update, or ``None``; raises ``UnknownRef``."""
        return updates.latest(tx.connection, existing_incident(tx, incident_id, viewer).id)

    @reading
    def opening(self, tx: Tx, incident_id: int, *, viewer: str) -> UpdateFormShown:
        """What the form that writes an update opens with; raises ``UnknownRef``."""
        incident = existing_incident(tx, incident_id, viewer)
        latest = updates.latest(tx.connection, incident.id)
        return UpdateFormShown(incident, latest, _due_after(tx, incident))

    @transaction
    def subscribe(self, tx: Tx, incident_id: int, *, by: str, key: str) -> Incident:
        """Send somebody a direct message at each update and change of status from now on."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by)
        if is_new:
            subscriptions.add(tx.connection, incident.id, by, tx.now)
        return incident

    @transaction
    def unsubscribe(self, tx: Tx, incident_id: int, *, by: str, key: str) -> Incident:
        """Send somebody nothing more; what they have stays."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by)
        if is_new:
            subscriptions.remove(tx.connection, incident.id, by)
        return incident

    @transaction
    def plan_nudges(self, tx: Tx) -> int:
        """Plan some of the nudges whose promised time has come; returns how many updates were looked at."""
        due, calendars = updates.take_due(tx.connection, tx.now, AT_ONCE), Calendars(tx)
        for update in due:
            _look_at(tx, update, calendars)
        return len(due)


def _look_at(tx: Tx, update: Update, calendars: Calendars) -> None:
    """Nudge once, or later if it's after hours and not urgent.

    Nobody is nudged once the incident is over, or if the settings leave its severity out.
    """
    incident = incidents.get(tx.connection, update.incident_id, SYSTEM)
    latest = updates.latest(tx.connection, update.incident_id)
    is_current = latest is not None and latest.number == update.number
    if incident is None or not incident.is_active or not is_current or not _is_nudged(tx, incident):
        updates.save(tx.connection, replace(update, nudge_at=None))
        return
    calendar = calendars.of(whom_to_nudge(tx, incident, update))
    if incident.severity not in AT_ANY_HOUR and not works_now(calendar, tx.now):
        updates.save(tx.connection, replace(update, nudge_at=calendar.next_opening(tx.now)))
        return
    nudged = replace(update, nudge_at=None, nudges=update.nudges + 1)
    enqueue(tx, [updates_planned.nudging(incident.id, updates.save(tx.connection, nudged))])


def _is_nudged(tx: Tx, incident: Incident) -> bool:
    return incident.severity.value in tx.once(settings.get).nudged_at


def _due_after(tx: Tx, incident: Incident) -> int:
    return due_after(tx.once(settings.get), incident.severity)


def _add(tx: Tx, incident: Incident, before: Update | None, made: Update) -> None:
    number = before.number + 1 if before else 1
    entry = TimelineEntry(
        0, incident.id, EntryKind.UPDATE, tx.now, made.by, to_value=str(number), text=words(made)
    )
    entry_id = timeline.add(tx.connection, entry).id
    kept = replace(made, number=number, nudge_at=made.due_at, entry_id=entry_id)
    update = updates.add(tx.connection, kept)
    if before and before.nudge_at:
        before = updates.save(tx.connection, replace(before, nudge_at=None))
    consequences_updates.written(tx, incident, before, update)


def _awaited(tx: Tx, incident: Incident, number: int, by: str) -> Update | None:
    """The update whose successor is awaited; ``None`` after a double click, else raises what happened."""
    latest = updates.latest(tx.connection, incident.id, lock=True)
    if latest is None or number > latest.number:
        raise OutdatedButton
    if latest.number > number:
        if latest.by == by and is_double_click(tx, latest.at):
            return None
        raise UpdateSent(by=latest.by, number=latest.number, ref=incident.ref)
    if not incident.is_active:
        raise NoUpdateDue(ref=incident.ref, status=incident.status.value)
    return latest


def _correctable(tx: Tx, incident: Incident, number: int, by: str, *, lock: bool = False) -> Update:
    found = updates.get(tx.connection, incident.id, number, lock=lock)
    if found is None or found.is_unchanged:
        raise OutdatedButton
    if by not in {found.by, incident.commander_id}:
        raise NotYourUpdate(by=found.by, name=namer(tx).person(found.by), ref=incident.ref)
    return found


def _texts(filled: UpdateInput | CorrectionInput) -> tuple[str, str, str]:
    """What we know, what we're doing, and what comes next; raises ``UpdateMissing`` and ``TextTooLong``."""
    if is_blank(filled.known):
        raise UpdateMissing
    known = clean_text(filled.known, KNOWN_LIMIT, "known")
    more = ((filled.doing, "doing"), (filled.next, "next"))
    doing, coming = ("" if is_blank(text) else clean_text(text, MORE_LIMIT, field) for text, field in more)
    return known, doing, coming
