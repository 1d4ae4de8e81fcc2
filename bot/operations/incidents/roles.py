"""Gives people roles in incidents, and asks for a commander where one is missing."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Notice, telling
from bot.domain.incidents.roles import COMMANDER, Given, HeldRole, is_lost, key_of, lacks_commander
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import OneHolder, OutdatedButton, RoleGone, RoleHeld, RoleNotHeld, RoleTaken
from bot.domain.kit.people import Viewer
from bot.domain.outbox.rows import Planned
from bot.domain.settings import Role
from bot.domain.surface.answers import RolesTray
from bot.domain.surface.forms import HandOverRoleInput
from bot.domain.surface.role_line import RoleLine, giving_line, role_meant
from bot.domain.surface.shown import HandOverRoleShown, RolesShown
from bot.operations.consequences.changes import incident_changed
from bot.operations.incidents.command import free_command, give_command
from bot.operations.kit.access import existing_incident, participant
from bot.operations.kit.gate import begin, is_double_click, require_candidate
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import incident_roles, incidents, members, outbox_reads, timeline
from storage.alarms import AT_ONCE


class IncidentRoles(Operations):
    """Who does what in an incident.

    A role that was removed from the settings can be kept and given up, but not given (``RoleGone``).
    ``by`` is the person who acts, and has to pass the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a redelivery changes nothing. Raises ``UnknownRef`` if the person may not see the incident.
    """

    @transaction
    def give_from_line(
        self, tx: Tx, incident_id: int, line: RoleLine, typed: str, *, by: str, key: str
    ) -> Given:
        """Give the typed role to the person mentioned; without a mention, to the one who asks, if it's free.

        Raises ``OneHolder``, ``NobodyKnown`` unless they are a full member, ``RoleHeld`` if they already have
        it, and what :func:`role_meant` and :meth:`take` raise.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if len(line.people) > 1:
            raise OneHolder
        role = role_meant(line, typed, roles_in(tx, incident), incident)
        given = Given(incident, role, line.people[0] if line.people else by)
        if is_new:
            _give(tx, given, by, only_if_free=not line.people)
        return given

    @transaction
    def take(self, tx: Tx, incident_id: int, role: str, *, by: str, key: str) -> None:
        """Take the role with this key, unless somebody who can act has it.

        Raises ``RoleTaken`` or ``AlreadyLed`` then, ``RoleHeld`` or ``AlreadyCommander`` if they already have
        it, and ``OutdatedButton`` if there is no such role.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        given = Given(incident, _existing(tx, incident, role), by)
        if is_new:
            _give(tx, given, by, only_if_free=True)

    @transaction
    def hand_over(self, tx: Tx, filled: HandOverRoleInput, *, by: str, key: str) -> None:
        """Give the role to the person chosen.

        Raises ``NobodyKnown``, ``RoleHeld`` or ``AlreadyCommander`` if they already have it, ``RoleTaken`` if
        it has come to somebody else since the form was opened, and ``OutdatedButton`` if there is no such
        role.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, filled.incident_id, by, lock=True)
        given = Given(incident, _existing(tx, incident, filled.role), filled.user_id)
        holder = roles_in(tx, incident).holder(given.role)
        if not is_new:
            return
        if holder not in {None, filled.was, filled.user_id}:
            raise _taken(tx, given, holder or "")
        _give(tx, given, by, only_if_free=False)

    @transaction
    def give_up(self, tx: Tx, incident_id: int, role: str, *, by: str, key: str) -> None:
        """Leave the role without a holder; raises ``RoleNotHeld`` unless ``by`` has it."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return
        roles = roles_in(tx, incident)
        found = roles.named(role)
        if found is None or roles.holder(found) != by:
            raise RoleNotHeld(role=found.name if found else role, ref=incident.ref)
        if found == COMMANDER:
            free_command(tx, incident, by)
            return
        incident_roles.free(tx.connection, incident.id, role)
        _record(tx, Given(incident, found, by), by, None, by)

    @reading
    def handing_over(self, tx: Tx, incident_id: int, role: str, *, viewer: str) -> HandOverRoleShown:
        """What the form that hands the role over shows.

        Raises ``OutdatedButton`` if there is no such role, and ``RoleGone`` if its holder only keeps it.
        """
        incident = existing_incident(tx, incident_id, viewer)
        found = _existing(tx, incident, role)
        _require_existing(found, incident)
        return HandOverRoleShown(incident, found, roles_in(tx, incident).holder(found))

    @transaction
    def ask_for_commanders(self, tx: Tx) -> int:
        """Ask in some channels for a commander; returns for how many incidents that was due.

        Nobody is asked if the incident has been resolved or has a commander by then.
        """
        due = incidents.take_without_commander(tx.connection, tx.now, AT_ONCE)
        enqueue(tx, [_asking(tx, each) for each in due if lacks_commander(each)])
        return len(due)


def _asking(tx: Tx, incident: Incident) -> Planned:
    """Ask once; if that was planned before, it had become needless when its turn came."""
    first = telling(incident.id, Notice.NO_COMMANDER)
    was_needless = outbox_reads.is_done(tx.connection, first.key)
    return telling(incident.id, Notice.NO_COMMANDER, cause=f"{tx.now.timestamp()}") if was_needless else first


def show_roles(tx: Tx, asked: RolesTray, viewer: Viewer) -> RolesShown:
    """The incident's roles for an answer."""
    incident = existing_incident(tx, asked.incident_id, viewer)
    return RolesShown(incident, roles_in(tx, incident), viewer if isinstance(viewer, str) else "")


def _existing(tx: Tx, incident: Incident, key: str) -> Role:
    found = roles_in(tx, incident).named(key)
    if found is None:
        raise OutdatedButton
    return found


def _require_existing(role: Role, incident: Incident) -> None:
    if is_lost(role):
        raise RoleGone(role=role.name, ref=incident.ref)


def _give(tx: Tx, given: Given, by: str, *, only_if_free: bool) -> None:
    incident, role, user_id = given.incident, given.role, given.user_id
    _require_existing(given.role, incident)
    require_candidate(tx, user_id)
    if role == COMMANDER:
        give_command(tx, incident, user_id, by, only_if_free=only_if_free)
        return
    key = key_of(role.name)
    held = {each.role: each for each in incident_roles.of_incident(tx.connection, incident.id)}.get(key)
    if held and held.user_id == user_id:
        if user_id == by and is_double_click(tx, held.since):
            return
        raise RoleHeld(person=user_id, name=namer(tx).person(user_id), role=role.name, ref=incident.ref)
    if only_if_free and held and participant(tx, held.user_id, incident):
        raise _taken(tx, given, held.user_id)
    if incident.is_private:
        members.add(tx.connection, incident.id, user_id)
    incident_roles.save(tx.connection, HeldRole(incident.id, key, role.name, user_id, tx.now))
    _record(tx, given, held.user_id if held else None, user_id, by)


def _taken(tx: Tx, wanted: Given, holder: str) -> RoleTaken:
    """The error that says who was first, with a button that takes the role over all the same."""
    incident, role = wanted.incident, wanted.role
    error = RoleTaken(by=holder, name=namer(tx).person(holder), role=role.name, ref=incident.ref)
    error.offers = {"Take over": giving_line(incident, role, [wanted.user_id])}
    return error


def _record(tx: Tx, about: Given, before: str | None, after: str | None, by: str) -> None:
    incident, name = about.incident, about.role.name
    change = TimelineEntry(
        0, incident.id, EntryKind.ROLE, tx.now, by, from_value=before, to_value=after, text=name
    )
    incident_changed(tx, incident, timeline.add(tx.connection, change))
