"""What is recorded when the bot starts: the workspace, its announcements channel, what to catch up with."""

from __future__ import annotations

from bot.domain.incidents.planned import after_silence
from bot.domain.incidents.privacy_planned import comparing
from bot.domain.outbox.effects import (
    ListPeople,
    PrepareAnnouncements,
)
from bot.domain.outbox.rows import (
    Planned,
)
from bot.operations.action_items.reminders import monday_morning
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import (
    incidents,
    outbox,
    reminders,
    settings,
    workspace,
)


class Startup(Operations):
    """What is recorded when the bot starts or reconnects."""

    @transaction
    def start_alone(self, tx: Tx) -> int:
        """Free what a killed process held, where no other process can be at work; how many rows that were."""
        return outbox.free_all(tx.connection)

    @transaction
    def prepare(
        self,
        tx: Tx,
        announcements: str,
        default_zone: str = "UTC",
        calendar_id: str | None = None,
    ) -> None:
        """At a start: learn who is here, see to an announcements channel, catch up with every incident.

        ``calendar_id`` is that of the connected calendar, if there is one.
        """
        consequences_calendar.connected(tx, calendar_id)
        settings.put_default_zone(tx.connection, default_zone)
        reminders.expect_digest(
            tx.connection, reminders.CHANNEL, monday_morning(Calendars(tx).of(None), tx.now)
        )
        this_start = f"{tx.now.timestamp()}"
        rows = [Planned(ListPeople(), f"people/{this_start}", lane="people", coalesce=True)]
        if not workspace.get(tx.connection, workspace.announcements_key(announcements)):
            lane = f"announcements/{announcements}"
            prepares = PrepareAnnouncements(announcements)
            rows.append(Planned(prepares, f"{lane}/{this_start}", lane, coalesce=True))
        enqueue(tx, [*rows, comparing(this_start), *_catching_up(tx, this_start)])

    @transaction
    def catch_up(self, tx: Tx) -> None:
        """After a time in which nothing was heard: fetch what was written in the channels meanwhile."""
        cause = f"{tx.now.timestamp()}"
        enqueue(tx, [comparing(cause), *_catching_up(tx, cause)])

    @transaction
    def note_team(self, tx: Tx, team_id: str, url: str) -> None:
        """Keep the workspace's id, which tells strangers, and its address, of which permalinks are made."""
        workspace.put(tx.connection, workspace.TEAM_ID, team_id)
        workspace.put(tx.connection, workspace.TEAM_URL, url)

    @reading
    def announcements_channel(self, tx: Tx, name: str) -> str | None:
        """The id of the announcements channel, once it is known."""
        return workspace.get(tx.connection, workspace.announcements_key(name)) or None

    @transaction
    def note_announcements_channel(self, tx: Tx, name: str, channel_id: str) -> None:
        """Announcements go there from now on."""
        workspace.put(tx.connection, workspace.announcements_key(name), channel_id)


def _catching_up(tx: Tx, cause: str) -> list[Planned]:
    return [after_silence(number, cause) for number in incidents.active_with_channel(tx.connection)]
