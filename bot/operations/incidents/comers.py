"""Brings in the people who come to an incident: at once, or once somebody has agreed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.domain.incidents import planned as incidents_planned
from bot.domain.incidents.comers import Party, each_once, everybody, is_asked_first, named
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import EverybodyInvited
from bot.domain.kit.people import ERASED, SYSTEM
from bot.domain.settings import comers_at
from bot.operations.consequences import postmortem
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import (
    groups,
    incident_roles,
    members,
    outbox_reads,
    people,
    projects,
    settings,
    timeline,
    timeline_reads,
)


class Comers(Operations):
    """Who comes to incidents because of their project or their severity."""

    @transaction
    def invite(self, tx: Tx, incident_id: int, *, only_named: bool, by: str, key: str) -> None:
        """Bring in those who were offered: all of them, or only those who are named as people.

        Raises ``EverybodyInvited`` if they all are already, and ``UnknownRef``.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return
        parties = who_comes(tx, incident)
        chosen = named(parties) if only_named else parties
        if not everybody(chosen):
            raise EverybodyInvited(ref=incident.ref)
        _bring(tx, incident, chosen, by)
        enqueue(tx, [incidents_planned.offering(incident, f"invited/{key}")])

    @reading
    def offered(self, tx: Tx, incident_id: int) -> tuple[Party, ...]:
        """Those who would come to the incident and haven't been brought in."""
        return who_comes(tx, existing_incident(tx, incident_id, SYSTEM))


def declared(tx: Tx, incident: Incident, by: str) -> None:
    """Bring in those who come to a new incident, or ask first."""
    parties = who_comes(tx, incident)
    if is_asked_first(parties, is_private=incident.is_private):
        enqueue(tx, [incidents_planned.offering(incident, "declared")])
    elif parties:
        _bring(tx, incident, parties, by)


def escalated(tx: Tx, incident: Incident, by: str) -> None:
    """Bring in those who come to an incident of its new severity, or ask first.

    Others who were offered before and weren't chosen still don't come. Nobody comes once it is over.
    """
    if not incident.is_active:
        return
    parties = _new_ones(tx, incident, _by_severity(tx, incident))
    if is_asked_first(parties, is_private=incident.is_private):
        enqueue(tx, [incidents_planned.offering(incident, f"{incident.severity.value}/{tx.now.timestamp()}")])
    elif everybody(parties):
        _bring(tx, incident, parties, by)


def who_comes(tx: Tx, incident: Incident) -> tuple[Party, ...]:
    """Those who come to the incident and aren't known to be in it yet."""
    return _new_ones(tx, incident, _parties(tx, incident))


def _new_ones(tx: Tx, incident: Incident, parties: Iterable[Party]) -> tuple[Party, ...]:
    """The parties, without their people who are in the incident; for no parties, nothing else is read."""
    found = tuple(parties)
    return each_once(found, _present(tx, incident)) if found else ()


def _present(tx: Tx, incident: Incident) -> set[str]:
    held = incident_roles.of_incident(tx.connection, incident.id)
    present = {incident.declared_by, *(each.user_id for each in held)}
    if incident.commander_id:
        present.add(incident.commander_id)
    if incident.is_private:
        present |= members.present(tx.connection, incident.id)
    # The outbox forgets whom it has invited, by a page for example; the timeline keeps who was brought in.
    present.update(outbox_reads.invited(tx.connection, incident.id))
    return present | timeline_reads.brought_in(tx.connection, incident.id)


def _parties(tx: Tx, incident: Incident) -> Iterator[Party]:
    number = incident.project_number
    project = projects.get(tx.connection, number) if number else None
    if project and not project.is_archived:
        yield from _owners(tx, f"owners of {project.name}", project.name, project.people, project.groups)
    yield from _by_severity(tx, incident)


def _by_severity(tx: Tx, incident: Incident) -> Iterator[Party]:
    """Those whom the settings name for the incident's severity."""
    people_ids, group_ids = comers_at(tx.once(settings.get), incident.severity)
    what = f"{incident.severity.value} incidents"
    yield from _owners(tx, f"on the list for {what}", what, people_ids, group_ids)


def _owners(
    tx: Tx, reason: str, what: str, user_ids: Sequence[str], group_ids: Sequence[str]
) -> Iterator[Party]:
    named_ones = _able(tx, user_ids)
    if named_ones:
        yield Party(reason, named_ones)
    for group_id in group_ids:
        group = groups.get(tx.connection, group_id)
        if group is None or group.is_disabled:
            yield Party(f"a user group for {what} no longer exists", (), is_group=True)
            continue
        found = _able(tx, group.member_ids)
        empty = "" if found else ", is empty"
        yield Party(f"@{group.handle}, for {what}{empty}", found, is_group=True)


def _able(tx: Tx, user_ids: Sequence[str]) -> tuple[str, ...]:
    """Those who are full members, and those who aren't known yet: about them, Slack decides."""
    unable = people.unable_among(tx.connection, user_ids) | {ERASED}
    return tuple(each for each in user_ids if each not in unable)


def _bring(tx: Tx, incident: Incident, parties: Sequence[Party], by: str) -> None:
    entries = []
    for party in parties:
        ids = " ".join(party.user_ids) or None
        change = TimelineEntry(0, incident.id, EntryKind.PEOPLE, tx.now, by, to_value=ids, text=party.reason)
        entries.append(timeline.add(tx.connection, change))
    if incident.is_private:
        for user_id in everybody(parties):
            members.add(tx.connection, incident.id, user_id)
    enqueue(tx, incidents_planned.bringing_in(incident, everybody(parties), entries[0]))
    postmortem.follow(tx, incident, f"entry/{entries[0].id}")
