"""What is recorded when the bot starts: the workspace, its announcements channel, what to catch up on."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.incidents.planned import after_silence
from bot.domain.kit.errors import RestoreUnfinished
from bot.domain.outbox.effects import (
    ListNames,
    ListPeople,
    PrepareAnnouncements,
    TellLacking,
)
from bot.domain.outbox.rows import (
    Planned,
)
from bot.domain.privacy.planned import comparing
from bot.domain.surface import checkup
from bot.operations.action_items.reminders import monday_morning
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import (
    incidents,
    outbox,
    people,
    reminders,
    settings,
    workspace,
)


class Startup(Operations):
    """What is recorded when the bot starts or reconnects."""

    @reading
    def require_whole_restore(self, tx: Tx) -> None:
        """Raise ``RestoreUnfinished`` if a backup has been restored only in part."""
        if workspace.get(tx.connection, workspace.RESTORING) is not None:
            raise RestoreUnfinished

    @transaction
    def start_alone(self, tx: Tx) -> int:
        """Free the rows that a killed process held; returns how many. Only for a process that runs alone."""
        return outbox.free_all(tx.connection)

    @transaction
    def prepare(
        self,
        tx: Tx,
        announcements: str,
        default_zone: str = "UTC",
        calendar_id: str | None = None,
        *,
        makes_calls: bool = False,
    ) -> None:
        """Plan a start: list people and names, prepare the announcements channel, catch up on every incident.

        ``calendar_id`` is that of the connected calendar, if there is one, and ``makes_calls`` whether it can
        set up video calls.
        """
        # Noted again every minute; until then, the doctor should know that this bot has reached Slack.
        workspace.note_seen(tx.connection, {checkup.BEATING: tx.now}, tx.now)
        consequences_calendar.connected(tx, calendar_id, makes_calls=makes_calls)
        settings.save_default_zone(tx.connection, default_zone)
        reminders.expect_digest(
            tx.connection, reminders.CHANNEL, monday_morning(Calendars(tx).of(None), tx.now)
        )
        this_start = f"{tx.now.timestamp()}"
        rows = [
            Planned(ListPeople(), f"people/{this_start}", lane="people", coalesce=True),
            Planned(ListNames(), f"names/{this_start}", lane="names", coalesce=True),
        ]
        if not workspace.get(tx.connection, workspace.announcements_key(announcements)):
            lane = f"announcements/{announcements}"
            prepares = PrepareAnnouncements(announcements)
            rows.append(Planned(prepares, f"{lane}/{this_start}", lane, coalesce=True))
        enqueue(tx, [*rows, comparing(this_start), *_catching_up(tx, this_start)])

    @transaction
    def catch_up(self, tx: Tx) -> None:
        """Plan to fetch what was written in the channels while the bot was offline."""
        cause = f"{tx.now.timestamp()}"
        enqueue(tx, [comparing(cause), *_catching_up(tx, cause)])

    @transaction
    def note_team(self, tx: Tx, team_id: str, url: str) -> None:
        """Store the workspace's id, by which strangers are recognised, and its URL, used in permalinks."""
        workspace.save(tx.connection, workspace.TEAM_ID, team_id)
        workspace.save(tx.connection, workspace.TEAM_URL, url)

    @transaction
    def note_scopes(self, tx: Tx, granted: Collection[str]) -> None:
        """Notify each admin of the scopes that the bot needs and lacks, once until those change.

        At the very first start nobody is known yet; then it is called again once everybody has been listed.
        """
        missing, admins = checkup.lacking(granted), people.admins(tx.connection)
        said = " ".join(missing)
        if said == (workspace.get(tx.connection, workspace.LACKING) or "") or (missing and not admins):
            return
        workspace.save(tx.connection, workspace.LACKING, said)
        cause = f"lacking/{tx.now.timestamp()}"
        if missing:
            enqueue(
                tx, [Planned(TellLacking(each, missing), f"{cause}/{each}", lane=cause) for each in admins]
            )

    @reading
    def announcements_channel(self, tx: Tx, name: str) -> str | None:
        """The id of the announcements channel, or ``None`` until it is known."""
        return workspace.get(tx.connection, workspace.announcements_key(name)) or None

    @transaction
    def note_announcements_channel(self, tx: Tx, name: str, channel_id: str) -> None:
        """Post announcements in this channel from now on."""
        workspace.save(tx.connection, workspace.announcements_key(name), channel_id)


def _catching_up(tx: Tx, cause: str) -> list[Planned]:
    return [after_silence(number, cause) for number in incidents.active_with_channel(tx.connection)]
