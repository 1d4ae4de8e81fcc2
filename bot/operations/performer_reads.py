"""What performers need to know before they call Slack, and where the bot's messages are."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import Roles
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.people import SYSTEM
from bot.domain.projects.model import Link
from bot.domain.updates.model import Update
from bot.operations.failures import Report, note_told, report_to
from bot.operations.kit.access import participant
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import (
    calendar,
    incidents,
    members,
    messages,
    outbox_reads,
    people,
    projects,
    timeline_reads,
    updates,
    workspace,
)


class PerformerReads(Operations):
    """What performers read, and where they record the places of messages."""

    @reading
    def incident(self, tx: Tx, incident_id: int) -> Incident | None:
        """The incident as it is now, without its timeline."""
        return incidents.get(tx.connection, incident_id, SYSTEM)

    @reading
    def roles(self, tx: Tx, incident: Incident) -> Roles:
        """The incident's roles with the people who have them now."""
        return roles_in(tx, incident)

    @reading
    def links(self, tx: Tx, incident: Incident) -> tuple[Link, ...]:
        """The links of the incident's project."""
        number = incident.project_number
        project = projects.get(tx.connection, number) if number else None
        return project.links if project else ()

    @reading
    def entry(self, tx: Tx, entry_id: int) -> TimelineEntry | None:
        """One timeline entry."""
        return timeline_reads.get(tx.connection, entry_id)

    @reading
    def latest_update(self, tx: Tx, incident_id: int) -> Update | None:
        """The incident's latest update for people who wait, if there is one."""
        return updates.latest(tx.connection, incident_id)

    @reading
    def changed_with(self, tx: Tx, entry: TimelineEntry) -> list[TimelineEntry]:
        """The changes that the same form made, in order; the entry is one of them."""
        return timeline_reads.together(tx.connection, entry)

    @reading
    def declaration(self, tx: Tx, incident_id: int) -> TimelineEntry | None:
        """The timeline entry of the incident's declaration."""
        return timeline_reads.last_of(tx.connection, incident_id, EntryKind.DECLARED)

    @reading
    def may_see(self, tx: Tx, incident_id: int, user_id: str) -> bool:
        """Whether somebody may see the incident."""
        return incidents.get(tx.connection, incident_id, user_id) is not None

    @reading
    def belonging(self, tx: Tx, incident: Incident, user_ids: Sequence[str]) -> tuple[str, ...]:
        """Those of the people who belong in a private incident's channel: its members and role holders."""
        insiders = members.present(tx.connection, incident.id)
        insiders |= {user_id for _, user_id in roles_in(tx, incident).held}
        return tuple(each for each in user_ids if each in insiders)

    @reading
    def where(self, tx: Tx, key: str) -> tuple[str, str] | None:
        """(channel, ts) of the bot's message known by ``key``."""
        return messages.where(tx.connection, key)

    @reading
    def is_done(self, tx: Tx, key: str) -> bool | None:
        """Whether the row was done, not given up (or long gone); ``None`` while that is open."""
        return outbox_reads.is_done(tx.connection, key)

    @transaction
    def forget(self, tx: Tx, key: str) -> None:
        """Record that the bot's message known by ``key`` is gone."""
        messages.forget(tx.connection, key)

    @reading
    def failures(self, tx: Tx, incident: Incident, user_id: str, key: str) -> Report:
        """What this person is told of the incident's failures; ``key`` is their report's key."""
        return report_to(tx, incident, user_id, key)

    @transaction
    def has_told(self, tx: Tx, key: str, said: frozenset[str]) -> None:
        """Record what the report says now."""
        note_told(tx, key, said)

    @reading
    def trouble_in(self, tx: Tx, lane: str) -> tuple[str, bool] | None:
        """What keeps the lane's work from being done, and whether that was given up; ``None`` if nothing."""
        return outbox_reads.trouble_in(tx.connection, lane)

    @reading
    def whom_to_tell(self, tx: Tx, incident: Incident) -> list[str]:
        """Whom to notify of failures: commander, then declarer, if they may act and see the incident."""
        concerned = (incident.commander_id, incident.declared_by)
        return [each for each in concerned if each and participant(tx, each, incident)]

    @reading
    def is_calendar_connected(self, tx: Tx) -> bool:
        """Whether there is a calendar to book and block time in."""
        return calendar.connected(tx.connection) is not None

    @reading
    def team_url(self, tx: Tx) -> str:
        """The workspace's URL; empty before the first contact with Slack."""
        return tx.once(workspace.get, workspace.TEAM_URL) or ""

    @reading
    def direct_channel(self, tx: Tx, user_id: str) -> str | None:
        """The id of somebody's direct message channel, or ``None`` until Slack has returned it."""
        return people.direct_channel(tx.connection, user_id)

    @transaction
    def note_direct_channel(self, tx: Tx, user_id: str, channel_id: str) -> None:
        """Use this channel for direct messages to somebody from now on."""
        people.note_direct_channel(tx.connection, user_id, channel_id)

    @transaction
    def forget_direct_channel(self, tx: Tx, channel_id: str) -> None:
        """Forget a channel that Slack doesn't have; it's asked for again before the next message."""
        people.forget_direct_channel(tx.connection, channel_id)
