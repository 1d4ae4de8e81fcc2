"""Declares, runs and closes incidents."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents import planned as incidents_planned
from bot.domain.incidents.model import (
    IMPOSSIBLE,
    NOTE_LIMIT,
    Incident,
    IncidentQuery,
    IncidentSeverity,
    IncidentStatus,
    NewIncident,
    can_follow,
    is_reopening,
    is_worse,
    resolved_at_after,
)
from bot.domain.incidents.names import clean_title
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import (
    AlreadySo,
    AlreadyThere,
    NothingToChange,
    ReasonMissing,
    WhyWithoutChange,
)
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.kit.text import clean_text, is_blank
from bot.domain.privacy.model import is_exposed
from bot.domain.surface.forms import DeclareInput, EditInput
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.incidents import comers
from bot.operations.incidents.changing import record_change
from bot.operations.incidents.command import give_command
from bot.operations.incidents.declare import declare
from bot.operations.incidents.declaring import declare_filled, since
from bot.operations.incidents.reads import named_or_here, with_timeline
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, is_double_click, require_candidate
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import incidents, members, people, timeline_reads


class IncidentManager(Operations):
    """Core incident management.

    ``by`` is the id of the person who acts, and has to pass the gate first (``NotAllowed``). ``key`` is the
    request's natural key: a redelivery changes nothing and answers like the first delivery. ``viewer`` is the
    person on whose behalf something is read: what they may not see doesn't exist for them (``UnknownRef``).
    """

    @transaction
    def declare_incident(self, tx: Tx, incident: NewIncident, *, by: str, key: str) -> Incident:
        """Store the incident, and plan its channel and messages as outbox rows.

        Raises ``TitleMissing``, ``TitleTooLong``, ``ProjectTooLong`` and ``TextTooLong``.
        """
        return declare(tx, incident, by, key)

    @transaction
    def declare_from_form(self, tx: Tx, filled: DeclareInput, *, by: str, key: str) -> Incident:
        """Declare the incident in the form; raises a :class:`BotError` that names its field.

        Raises ``DeclaredMeanwhile`` if somebody else has declared one that the form hasn't shown yet.
        """
        return declare_filled(tx, filled, by, key)

    @reading
    def declared_since(self, tx: Tx, newest: int, *, viewer: str) -> list[Incident]:
        """What others have declared after the incident ``newest``, latest first."""
        return since(tx, newest, viewer)

    @transaction
    def join(self, tx: Tx, incident_id: int, *, by: str, key: str) -> Incident:
        """Invite the person into the incident's channel; raises ``UnknownRef``."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by)
        if is_new:
            enqueue(tx, [incidents_planned.joining(incident, by, key)])
        return incident

    @transaction
    def update_status(
        self, tx: Tx, incident_id: int, status: IncidentStatus, *, by: str, key: str, note: str = ""
    ) -> Incident:
        """Change the status and record it.

        Raises ``AlreadySo``, or ``AlreadyThere`` if somebody else got there first, ``IllegalTransition``,
        ``TextTooLong``, and ``ReasonMissing`` for reopening without a note.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        note = clean_text(note, NOTE_LIMIT)
        if not is_new:
            return incident
        if incident.status is status:
            return _settled_already(tx, incident, by)
        if not can_follow(incident.status, status):
            raise IMPOSSIBLE[status](ref=incident.ref, status=incident.status.value)
        if is_reopening(incident.status, status) and is_blank(note):
            raise ReasonMissing(ref=incident.ref)
        resolved_at = resolved_at_after(status, incident.resolved_at, tx.now)
        changed = replace(incident, status=status, resolved_at=resolved_at, updated_at=tx.now)
        return record_change(tx, incident, changed, EntryKind.STATUS, by, note)

    @transaction
    def change_severity(
        self,
        tx: Tx,
        incident_id: int,
        severity: IncidentSeverity,
        *,
        by: str,
        key: str,
        why: str = "",
    ) -> Incident:
        """Change the severity and record why; raises ``NothingToChange`` and ``TextTooLong``."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return incident
        return _change_severity(tx, incident, severity, by, why)

    @transaction
    def rename(self, tx: Tx, incident_id: int, title: str, *, by: str, key: str) -> Incident:
        """Change the title, and with it the channel's name.

        Raises ``TitleMissing``, ``TitleTooLong`` and ``NothingToChange``.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return incident
        return _rename(tx, incident, title, by)

    @transaction
    def edit_from_form(self, tx: Tx, filled: EditInput, *, by: str, key: str) -> Incident:
        """Change title and severity together; a field left as the form showed it keeps its current value.

        Raises errors that name their field, e.g. ``WhyWithoutChange`` for a reason with nothing to explain.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, filled.incident_id, by, lock=True)
        if not is_new:
            return incident
        title, changes_severity = clean_title(filled.title), filled.severity is not filled.was_severity
        if not changes_severity and not is_blank(filled.why):
            raise WhyWithoutChange
        if title not in {filled.was_title, incident.title}:
            incident = _rename(tx, incident, title, by)
        if changes_severity and filled.severity is not incident.severity:
            incident = _change_severity(tx, incident, filled.severity, by, filled.why)
        return incident

    @transaction
    def assign_commander(
        self,
        tx: Tx,
        incident_id: int,
        commander: str,
        *,
        by: str,
        key: str,
        only_if_free: bool = False,
    ) -> Incident:
        """Make somebody commander; raises ``NobodyKnown`` unless they are a full member.

        Raises ``AlreadyCommander`` if they already are. With ``only_if_free``, a commander who can act stays:
        raises ``AlreadyLed``.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        require_candidate(tx, commander)
        if not is_new:
            return incident
        return give_command(tx, incident, commander, by, only_if_free=only_if_free)

    @reading
    def get_incident(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> Incident | None:
        """The incident with its whole timeline, or ``None`` if there is none that the viewer may see."""
        return with_timeline(tx, incident_id, viewer)

    @reading
    def get_incidents_for_project(
        self, tx: Tx, project_id: str | None, query: IncidentQuery | None = None, *, viewer: Viewer
    ) -> list[Incident]:
        """The project's matching incidents (all for ``None``) that the viewer may see, in query order."""
        asked = replace(query or IncidentQuery(), project_id=project_id)
        return incidents.find(tx.connection, asked, viewer)

    @reading
    def suggest_projects(self, tx: Tx, typed: str, limit: int, *, viewer: Viewer) -> list[str]:
        """Earlier projects whose names contain what was typed, most recently used first."""
        return incidents.projects(tx.connection, typed.strip(), limit, viewer)

    @reading
    def which(
        self,
        tx: Tx,
        incident_id: int | None,
        channel_id: str | None,
        command: str,
        *,
        viewer: Viewer,
        arguments: str = "",
    ) -> Incident:
        """The incident that a request is about: the one named, else the channel's own.

        The ``arguments`` are for the buttons that offer possible incidents: they run the command with them.

        Raises ``UnknownRef``, or ``WhichIncident`` and ``NoneOpen`` outside an incident's channel.
        """
        return named_or_here(tx, incident_id, channel_id, (command, arguments), viewer)

    @reading
    def in_channel(self, tx: Tx, channel_id: str, *, viewer: Viewer) -> Incident | None:
        """The incident whose channel this is, or ``None``."""
        return incidents.by_channel(tx.connection, channel_id, viewer)

    def note_member(self, channel_id: str, user_id: str, *, present: bool, event_ts: str) -> None:
        """Record that somebody joined or left a channel: only members may see its private incident.

        Many may join at once, nearly always where that makes no difference: then this never waits for a
        writer.
        """
        incident_id = self._hidden_in(channel_id, comes=present)
        if incident_id is not None:
            self._note_member(incident_id, user_id, present=present, event_ts=event_ts)

    @reading
    def _hidden_in(self, tx: Tx, channel_id: str, *, comes: bool) -> int | None:
        here = incidents.by_channel(tx.connection, channel_id, SYSTEM)
        # Anybody can join a public channel.
        makes_a_difference = here and here.is_private and not (comes and is_exposed(here))
        return here.id if here and makes_a_difference else None

    @transaction
    def _note_member(self, tx: Tx, incident_id: int, user_id: str, *, present: bool, event_ts: str) -> None:
        incident = existing_incident(tx, incident_id, SYSTEM)
        members.note(tx.connection, incident_id, user_id, present=present, event_ts=event_ts)
        consequences_calendar.members_changed(tx, incident, f"member/{user_id}/{event_ts}")


def _settled_already(tx: Tx, incident: Incident, by: str) -> Incident:
    """The incident after a double click; raises ``AlreadySo``, or ``AlreadyThere`` after another person."""
    entry = timeline_reads.last_of(tx.connection, incident.id, EntryKind.STATUS, incident.status.value)
    first = entry.by if entry and entry.by else incident.declared_by
    if first == by and is_double_click(tx, entry.at if entry else incident.declared_at):
        return incident
    if first == by:
        raise AlreadySo(ref=incident.ref, status=incident.status.value)
    person = tx.once(people.get, first)
    name = person.name if person else namer(tx).person(first)
    raise AlreadyThere(ref=incident.ref, status=incident.status.value, by=first, name=name)


def _change_severity(tx: Tx, incident: Incident, severity: IncidentSeverity, by: str, why: str) -> Incident:
    if incident.severity is severity:
        raise NothingToChange(ref=incident.ref, what="severity")
    note = clean_text(why, NOTE_LIMIT)
    changed = replace(incident, severity=severity, updated_at=tx.now)
    recorded = record_change(tx, incident, changed, EntryKind.SEVERITY, by, note)
    if is_worse(severity, incident.severity):
        comers.escalated(tx, recorded, by)
    return recorded


def _rename(tx: Tx, incident: Incident, title: str, by: str) -> Incident:
    cleaned = clean_title(title)
    if cleaned == incident.title:
        raise NothingToChange(ref=incident.ref, what="title")
    changed = replace(incident, title=cleaned, updated_at=tx.now)
    return record_change(tx, incident, changed, EntryKind.TITLE, by, "")
