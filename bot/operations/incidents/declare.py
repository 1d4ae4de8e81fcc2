"""Declares incidents."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents import planned as incidents_planned
from bot.domain.incidents.calls import call_of
from bot.domain.incidents.model import DESCRIPTION_LIMIT, Incident, NewIncident, declared
from bot.domain.incidents.names import channel_name, clean_project, clean_title, title_or_made_up
from bot.domain.incidents.sources import source_of
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.text import clean_text
from bot.domain.projects.model import Project, chosen_id
from bot.domain.surface.forms import DeclareInput
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.consequences import checklists, commander
from bot.operations.incidents import comers
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import handled_requests, incidents, members, messages, projects, settings, timeline, workspace


def new_from_form(tx: Tx, filled: DeclareInput) -> NewIncident:
    """The incident that was typed into the form; raises a :class:`BotError` that names its field."""
    description = clean_text(filled.description, DESCRIPTION_LIMIT, field="description")
    return NewIncident(
        title=title_or_made_up(filled.title, description),
        severity=filled.severity,
        project_id=filled.project,
        description=description,
        metadata=_source(tx, filled),
        is_private=filled.is_private,
    )


def declare(tx: Tx, new: NewIncident, by: str, key: str) -> Incident:
    """Store the incident and plan all that follows; a redelivery returns the one that is already stored."""
    if not begin(tx, by, key):
        return declared_before(tx, by, key)
    return add_declared(tx, new, by, key)


def declared_before(tx: Tx, by: str, key: str) -> Incident:
    """What an earlier delivery of the request declared."""
    return existing_incident(tx, handled_requests.result_of(tx.connection, key) or 0, by)


def add_declared(tx: Tx, new: NewIncident, by: str, key: str) -> Incident:
    """Store the incident of a request that has begun, and plan all that follows."""
    project = _project(tx, new.project_id)
    new = replace(
        new,
        title=clean_title(new.title),
        project_id=project.name if project else clean_project(new.project_id),
        description=clean_text(new.description, DESCRIPTION_LIMIT, field="description") or None,
    )
    made = incidents.add(tx.connection, declared(new, by, tx.now))
    incident = incidents.save(tx.connection, _with_number(tx, made, project))
    handled_requests.led_to(tx.connection, key, incident)
    if incident.is_private:
        members.add(tx.connection, incident.id, by)
    entry = TimelineEntry(
        0, incident.id, EntryKind.DECLARED, incident.declared_at, by, to_value=incident.severity.value
    )
    timeline.add(tx.connection, entry)
    enqueue(tx, incidents_planned.after_declare(incident, len(project.links) if project else 0))
    consequences_calendar.declared(tx, incident)
    commander.declared(tx, incident)
    comers.declared(tx, incident, by)
    checklists.declared(tx, incident)
    return incident


def _with_number(tx: Tx, made: Incident, project: Project | None) -> Incident:
    """The incident with what follows from its number and its project."""
    is_made = consequences_calendar.gets_call(tx, made)
    return replace(
        made,
        channel_name=channel_name(made.id, made.title),
        call_url=None if is_made else call_of(tx.once(settings.get).call_link, made.ref),
        project_number=project.id if project else None,
        home_channel=project.home_channel if project else None,
    )


def _project(tx: Tx, chosen: str | None) -> Project | None:
    """The project that was chosen from the menu, or whose name was typed; or ``None``."""
    number = chosen_id(chosen)
    found = projects.keep(tx.connection, number) if number else None
    named = projects.named(tx.connection, chosen) if chosen and not found else None
    return found or (projects.keep(tx.connection, named.id) if named else None)


def _source(tx: Tx, filled: DeclareInput) -> dict[str, object]:
    """Metadata that says which message the incident was declared from; empty if there is none."""
    if not filled.source_channel or not filled.source_ts:
        return {}
    kept = messages.get_source(tx.connection, filled.source_channel, filled.source_ts)
    if kept is None:
        return {}
    return source_of(kept, tx.once(workspace.get, workspace.TEAM_URL) or "")
