"""The outbox's life: claimed, performed elsewhere, then finished, retried or given up; a transaction each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.domain.calendar import planned as calendar_planned
from bot.domain.incidents.model import Incident
from bot.domain.incidents.planned import after_another_card, after_giving_up, after_silence, failures_key
from bot.domain.incidents.privacy import is_exposed
from bot.domain.incidents.privacy_planned import comparing
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import NothingToRetry
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import (
    ArrangeMeeting,
    ListPeople,
    PrepareAnnouncements,
    ReportFailures,
    ShowCard,
)
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.retry import Failure, FailureKind, GiveUp, RetryAt, decide
from bot.domain.outbox.rows import (
    AnnouncementsPlaced,
    ChannelMade,
    Claimed,
    Figures,
    Found,
    MessagePosted,
    Outcome,
    Planned,
    Position,
    Stuck,
)
from bot.operations.action_items.reminders import monday_morning
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.kit.gate import require_member
from bot.operations.kit.transaction import Operations, reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import (
    claims,
    handled_requests,
    incidents,
    leases,
    members,
    messages,
    outbox,
    people,
    reminders,
    settings,
    timeline,
    workspace,
)
from storage.leases import LEASE
from storage.metrics import incidents_by_status

__all__ = ["LEASE", "Deliveries"]

KEPT = timedelta(days=7)
"""How long finished rows stay on record."""
PURGED_TOGETHER = 500
_ON_RECORD = frozenset({"PublishHome", "SendAnswer", "SendExport"})
"""Never purged: if an incident becomes private, we must know who was shown it."""
_WATCHED = frozenset(Queue) - {Queue.CALENDAR}
"""Overdue rows of these queues raise an alarm. A calendar that doesn't answer only delays itself."""


class Deliveries(Operations):
    """What the worker asks of the database, and what performers read of it."""

    @transaction
    def start_alone(self, tx: Connection) -> int:
        """Free what a killed process held, where no other process can be at work; how many rows that were."""
        return outbox.free_all(tx)

    @reading
    def look(
        self,
        tx: Connection,
        owner: str,
        held: Collection[int],
        room: Mapping[Queue, int],
        after: Mapping[Queue, Position] | None = None,
    ) -> Found:
        """Rows of the queues with ``room`` that could be claimed; ``after`` is what the last poll returned.

        ``held`` are the ids of the rows that the owner knows it holds.
        """
        return claims.look(tx, claims.Looker(owner, self.clock(), held), room, after)

    @reading
    def look_in(self, tx: Connection, incident_id: int) -> list[int]:
        """The ids of an incident's rows that could be claimed, if there are any: the first few."""
        return claims.look_in(tx, incident_id, self.clock())

    @transaction
    def claim(
        self,
        tx: Connection,
        owner: str,
        ids: Collection[int],
        held: Collection[int],
        room: Mapping[Queue, int],
    ) -> list[Claimed]:
        """Claim up to ``room`` rows of each queue, if they can still be claimed.

        Rows that this version can't read are given up.
        """
        now = self.clock()
        claimed, unreadable = claims.claim(tx, claims.Looker(owner, now, held), ids, room)
        for row in unreadable:
            # A report that can't be delivered isn't reported: the doctor lists it.
            if row.incident_id is not None and row.kind != ReportFailures.__name__:
                cause = f"{row.id}/{now.timestamp()}"
                outbox.add(tx, [after_giving_up(row.incident_id, cause)], now)
        return claimed

    @transaction
    def renew(self, tx: Connection, owner: str, ids: Collection[int]) -> frozenset[int]:
        """Renew the leases of those rows that nobody else has taken."""
        return leases.renew(tx, owner, ids)

    @transaction
    def keep_progress(self, tx: Connection, row: Claimed, progress: Mapping[str, Any]) -> None:
        """Record how far the row's effect got, for the next attempt to find in ``progress``."""
        outbox.keep_progress(tx, row, progress)

    @transaction
    def purge(self, tx: Connection, after_id: int = 0) -> int | None:
        """Purge some rows finished long ago; returns the id to continue after, or ``None`` at the end."""
        before = self.clock() - KEPT
        handled_requests.purge(tx, before, PURGED_TOGETHER)
        return outbox.purge(tx, before, after_id, PURGED_TOGETHER, _ON_RECORD)

    @transaction
    def wait_no_longer(self, tx: Connection) -> None:
        """After the clock was set back, make rows wait at most a minute for their retry."""
        now = self.clock()
        outbox.wait_no_longer(tx, now, now + timedelta(minutes=1))

    @transaction
    def release(self, tx: Connection, owner: str) -> int:
        """Give back what this worker has claimed and will not perform."""
        return outbox.free(tx, owner)

    @transaction
    def finish(self, tx: Connection, row: Claimed, outcome: Outcome) -> None:
        """Mark the row as done and store what it has brought about."""
        if not outbox.finish(tx, row, self.clock()):
            return
        if row.has_failed_before:
            self._refresh_report(tx, row)
        match outcome:
            case ChannelMade():
                now = self.clock()
                incidents.change(
                    tx, outcome.incident_id, now, channel_id=outcome.channel_id, channel_name=outcome.name
                )
            case MessagePosted():
                stood = messages.where(tx, outcome.key)
                messages.save(tx, outcome.key, outcome.channel_id, outcome.ts)
                if isinstance(row.effect, ShowCard) and stood and stood[1] != outcome.ts:
                    outbox.add(tx, [after_another_card(row.effect.incident_id, outcome.ts)], self.clock())
                if outcome.entry_id is not None:
                    timeline.show_at(tx, outcome.entry_id, outcome.channel_id, outcome.ts)
            case AnnouncementsPlaced():
                workspace.put(tx, workspace.announcements_key(outcome.name), outcome.channel_id)
            case None:
                pass

    @transaction
    def fail(self, tx: Connection, row: Claimed, failure: Failure) -> RetryAt | GiveUp:
        """Decide what becomes of a row whose attempt failed, store it, and return the decision."""
        now = self.clock()
        decision = decide(failure, row.attempt, now)
        if isinstance(decision, RetryAt):
            look = row.look_first or failure.may_be_applied
            counts = failure.kind is not FailureKind.NOT_YET
            outbox.retry_later(tx, row, decision.time, failure.code, look_first=look, counts=counts)
            self._show_trouble(tx, row, failure.code)
            return decision
        incident_id: int | None = getattr(row.effect, "incident_id", None)
        given_up = outbox.give_up(tx, row, failure.told, now)
        self._show_trouble(tx, row, f"{failure.code}/{now.timestamp()}")
        # A report that can't be delivered isn't reported on: the doctor lists it.
        if given_up and incident_id is not None and not isinstance(row.effect, ReportFailures):
            outbox.add(tx, [after_giving_up(incident_id, f"{row.id}/{now.timestamp()}")], now)
        return decision

    @transaction
    def retry(self, tx: Connection, incident_id: int | None, *, by: str) -> None:
        """Try everything again that was given up, for one incident or at all; raises ``NothingToRetry``."""
        require_member(tx, by)
        now = self.clock()
        if not outbox.revive(tx, now, incident_id, by):
            raise NothingToRetry
        if incident_id is not None:
            outbox.add(tx, [after_giving_up(incident_id, f"retry/{now.timestamp()}")], now)

    @transaction
    def prepare(
        self,
        tx: Connection,
        announcements: str,
        default_zone: str = "UTC",
        calendar_id: str | None = None,
    ) -> None:
        """At a start: learn who is here, see to an announcements channel, catch up with every incident.

        ``calendar_id`` is that of the connected calendar, if there is one.
        """
        now = self.clock()
        consequences_calendar.connected(tx, calendar_id, now)
        settings.put_default_zone(tx, default_zone)
        reminders.expect_digest(tx, reminders.CHANNEL, monday_morning(Calendars(tx).of(None), now))
        this_start = f"{now.timestamp()}"
        rows = [Planned(ListPeople(), f"people/{this_start}", lane="people", coalesce=True)]
        if not workspace.get(tx, workspace.announcements_key(announcements)):
            lane = f"announcements/{announcements}"
            prepares = PrepareAnnouncements(announcements)
            rows.append(Planned(prepares, f"{lane}/{this_start}", lane, coalesce=True))
        outbox.add(tx, [*rows, comparing(this_start), *_catching_up(tx, this_start)], now)

    @transaction
    def set_members(
        self, tx: Connection, incident_id: int, user_ids: frozenset[str], since: datetime
    ) -> None:
        """A private incident's channel has exactly these people in it, as of ``since``."""
        incident = incidents.get(tx, incident_id, SYSTEM)
        if incident is None or is_exposed(incident):
            # People have made the channel public: anybody can join it.
            return
        before = members.present(tx, incident_id)
        members.replace(tx, incident_id, user_ids, f"{since.timestamp():.6f}")
        if members.present(tx, incident_id) != before:
            now = self.clock()
            consequences_calendar.members_changed(tx, incident_id, f"members/{now.timestamp()}", now)

    @transaction
    def catch_up(self, tx: Connection) -> None:
        """After a time in which nothing was heard: fetch what was written in the channels meanwhile."""
        now = self.clock()
        cause = f"{now.timestamp()}"
        outbox.add(tx, [comparing(cause), *_catching_up(tx, cause)], now)

    @reading
    def oldest_due(self, tx: Connection) -> datetime | None:
        """Since when the row has been due that has waited longest and could be performed, or ``None``.

        What a calendar that doesn't answer holds up isn't counted: all else goes on.
        """
        return claims.oldest_due(tx, claims.Looker("", self.clock()), _WATCHED)

    @reading
    def figures(self, tx: Connection) -> Figures:
        """How many rows there are that aren't done, and how many incidents that aren't private."""
        return Figures(tuple(outbox.depths(tx)), incidents_by_status(tx))

    @transaction
    def note_team(self, tx: Connection, team_id: str, url: str) -> None:
        """Keep the workspace's id, which tells strangers, and its address, of which permalinks are made."""
        workspace.put(tx, workspace.TEAM_ID, team_id)
        workspace.put(tx, workspace.TEAM_URL, url)

    @reading
    def team_url(self, tx: Connection) -> str:
        """The workspace's address, or nothing before the first contact with Slack."""
        return workspace.get(tx, workspace.TEAM_URL) or ""

    @reading
    def direct_channel(self, tx: Connection, user_id: str) -> str | None:
        """Somebody's direct message channel, if Slack has named it."""
        return people.direct_channel(tx, user_id)

    @transaction
    def note_direct_channel(self, tx: Connection, user_id: str, channel_id: str) -> None:
        """Use this channel for direct messages to somebody from now on."""
        people.note_direct_channel(tx, user_id, channel_id)

    @transaction
    def forget_direct_channel(self, tx: Connection, channel_id: str) -> None:
        """Slack has no such channel: ask for it again before the next message."""
        people.forget_direct_channel(tx, channel_id)

    @reading
    def announcements_channel(self, tx: Connection, name: str) -> str | None:
        """The id of the announcements channel, once it is known."""
        return workspace.get(tx, workspace.announcements_key(name)) or None

    @transaction
    def note_announcements_channel(self, tx: Connection, name: str, channel_id: str) -> None:
        """Announcements go there from now on."""
        workspace.put(tx, workspace.announcements_key(name), channel_id)

    @reading
    def incident(self, tx: Connection, incident_id: int) -> Incident | None:
        """The incident as it is now, without its timeline."""
        return incidents.get(tx, incident_id, SYSTEM)

    @reading
    def entry(self, tx: Connection, entry_id: int) -> TimelineEntry | None:
        """One timeline entry."""
        return timeline.get(tx, entry_id)

    @reading
    def declaration(self, tx: Connection, incident_id: int) -> TimelineEntry | None:
        """The entry with which the incident's timeline begins."""
        return timeline.last_of(tx, incident_id, EntryKind.DECLARED)

    @reading
    def where(self, tx: Connection, key: str) -> tuple[str, str] | None:
        """(channel, ts) of the bot's message known by ``key``."""
        return messages.where(tx, key)

    @transaction
    def forget(self, tx: Connection, key: str) -> None:
        """The bot's message known by ``key`` is gone."""
        messages.forget(tx, key)

    @reading
    def failures(self, tx: Connection, incident_id: int) -> tuple[list[Stuck], list[Stuck]]:
        """What was given up for the incident, and what is being tried again."""
        return outbox.dead(tx, SYSTEM, incident_id), outbox.trying_again(tx, incident_id)

    @reading
    def whom_to_tell(self, tx: Connection, incident: Incident) -> list[str]:
        """Who is told of failures, the first of them: commander and declarer, if they may see it still."""
        concerned = (incident.commander_id, incident.declared_by)
        return [each for each in concerned if each and incidents.get(tx, incident.id, each)]

    @reading
    def may_see(self, tx: Connection, incident_id: int, user_id: str) -> bool:
        """Whether somebody may know of the incident."""
        return incidents.get(tx, incident_id, user_id) is not None

    @reading
    def trouble_in(self, tx: Connection, lane: str) -> tuple[str, bool] | None:
        """What keeps the lane's work from being done, and whether it was given up; ``None`` if nothing."""
        return outbox.trouble_in(tx, lane)

    def _show_trouble(self, tx: Connection, row: Claimed, what: str) -> None:
        """Whoever waits for a meeting sees, once for each reason, why nothing comes."""
        effect = row.effect
        if isinstance(effect, ArrangeMeeting):
            cause = f"trouble/{row.id}/{what}"
            shows = calendar_planned.showing_number(effect.incident_id, effect.meeting_id, cause)
            outbox.add(tx, [shows], self.clock())

    def _refresh_report(self, tx: Connection, row: Claimed) -> None:
        """Where people were told that this had failed, tell them that it is done now."""
        incident_id: int | None = getattr(row.effect, "incident_id", None)
        if incident_id is None or isinstance(row.effect, ReportFailures):
            return
        if messages.where(tx, failures_key(incident_id)):
            now = self.clock()
            outbox.add(tx, [after_giving_up(incident_id, f"{row.id}/{now.timestamp()}")], now)


def _catching_up(tx: Connection, cause: str) -> list[Planned]:
    return [after_silence(number, cause) for number in incidents.active_with_channel(tx)]
