"""Blocking time in people's calendars for working on an incident."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.codec import answer_to_json
from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.time_blocks import BlockPlan, BlockStatus, TimeBlock, check_minutes, extended
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import (
    BlockOver,
    NoAddress,
    NoCalendar,
    NotActive,
    NotYourBlock,
    OutsiderInvited,
    UnknownBlock,
)
from bot.domain.kit.people import SYSTEM, Person, Viewer
from bot.domain.outbox.effects import SendAnswer
from bot.domain.outbox.rows import Planned
from bot.domain.surface.answers import BlockTray
from bot.domain.surface.shown import BlockShown
from bot.operations.consequences.calendar import cut
from bot.operations.kit.access import existing
from bot.operations.kit.gate import require_candidate, require_member
from bot.operations.kit.links import channel_link
from bot.operations.kit.transaction import Operations, reading, transaction
from storage import calendar, handled_requests, incidents, outbox, people, time_blocks


class TimeBlocks(Operations):
    """Blocks time. Only the person whose calendar it is confirms, extends or frees a block.

    ``by`` is the person who acts, and passes the gate first (``NotAllowed``); ``key`` is the request's
    natural key. ``NoCalendar`` where none is connected, ``UnknownBlock`` where it can't be seen.
    """

    @transaction
    def block(self, tx: Connection, incident_id: int, minutes: int, *, by: str, key: str) -> TimeBlock:
        """Block one's own calendar from now on; one that is blocked already stays as it is.

        Raises ``BlockLength``, ``NotActive`` and ``NoAddress``.
        """
        incident = self._check(tx, incident_id, by, minutes)
        _require_address(require_member(tx, by))
        now = self.clock()
        mine = self._mine(tx, incident_id, by)
        on = next((each for each in mine if each.is_on(now)), None)
        if on or not handled_requests.first_time(tx, key, now):
            return on or (mine[-1] if mine else self._existing(tx, 0, by))
        asked = next((each for each in mine if each.status is BlockStatus.ASKED), None)
        made = asked or time_blocks.add(tx, incident.id, by, minutes, now, asked_by=by)
        return self._start(tx, made, minutes, key)

    @transaction
    def ask(
        self, tx: Connection, incident_id: int, minutes: int, user_ids: tuple[str, ...], *, by: str, key: str
    ) -> None:
        """Ask others to block their calendars; each of them is asked privately in the channel.

        Raises ``BlockLength``, ``NotActive``, ``NobodyKnown`` and ``OutsiderInvited``.
        """
        incident = self._check(tx, incident_id, by, minutes)
        for user_id in user_ids:
            person = require_candidate(tx, user_id)
            if incidents.get(tx, incident_id, user_id) is None:
                raise OutsiderInvited(person=user_id, name=person.name)
        now = self.clock()
        if not handled_requests.first_time(tx, key, now):
            return
        for user_id in user_ids:
            made = time_blocks.add(tx, incident_id, user_id, minutes, now, asked_by=by)
            answer = SendAnswer(user_id, incident.channel_id or "", None, answer_to_json(BlockTray(made.id)))
            outbox.add(tx, [Planned(answer, f"answer/{made.ref}", f"answer/{made.ref}")], now)

    @transaction
    def confirm(self, tx: Connection, block_id: int, *, by: str, key: str) -> TimeBlock:
        """Agree to a block that somebody else proposed, from now on; raises ``NoAddress``.

        It takes the place of a block that the person has on already, and lasts at least as long.
        """
        found = self._own(tx, block_id, by)
        self._check(tx, found.incident_id, by, found.minutes)
        _require_address(require_member(tx, by))
        if found.status is BlockStatus.OVER:
            raise BlockOver
        now = self.clock()
        if not handled_requests.first_time(tx, key, now) or found.status is BlockStatus.BLOCKED:
            return found
        minutes = found.minutes
        for other in self._mine(tx, found.incident_id, by):
            if other.is_on(now) and other.ends_at:
                minutes = max(minutes, math.ceil((other.ends_at - now) / timedelta(minutes=1)))
                cut(tx, other, now, f"{key}/{other.id}")
        return self._start(tx, found, minutes, key)

    @transaction
    def extend(self, tx: Connection, block_id: int, *, by: str, key: str) -> TimeBlock:
        """An hour more; raises ``BlockOver`` and ``BlockLength``."""
        found, now = self._own(tx, block_id, by), self.clock()
        if not handled_requests.first_time(tx, key, now):
            return found
        if found.status is not BlockStatus.BLOCKED:
            raise BlockOver
        return self._change(tx, found, key, ends_at=extended(found, now))

    @transaction
    def free(self, tx: Connection, block_id: int, *, by: str, key: str) -> TimeBlock:
        """End it now, or decline it."""
        found = self._own(tx, block_id, by)
        if not handled_requests.first_time(tx, key, self.clock()) or found.status is BlockStatus.OVER:
            return found
        return cut(tx, found, self.clock(), key)

    @reading
    def plan(self, tx: Connection, block_id: int) -> BlockPlan | None:
        """The block as it is now, or ``None``."""
        block = time_blocks.get(tx, block_id, SYSTEM)
        incident = incidents.get(tx, block.incident_id, SYSTEM) if block else None
        person = people.get(tx, block.user_id) if block else None
        if block is None or incident is None or person is None:
            return None
        key = calendar_planned.block_key(incident.id, block.id)
        known_as = calendar_planned.event_id(calendar.installation(tx), key)
        return BlockPlan(block, incident, person, known_as, channel_link(tx, incident))

    def _check(self, tx: Connection, incident_id: int, by: str, minutes: int) -> Incident:
        require_member(tx, by)
        incident = existing(tx, incident_id, by, lock=True)
        if calendar.connected(tx) is None:
            raise NoCalendar
        check_minutes(minutes)
        if not incident.is_active:
            raise NotActive(ref=incident.ref, status=incident.status.value)
        return incident

    def _mine(self, tx: Connection, incident_id: int, user_id: str) -> list[TimeBlock]:
        return [each for each in time_blocks.of_incident(tx, incident_id) if each.user_id == user_id]

    def _own(self, tx: Connection, block_id: int, by: str) -> TimeBlock:
        require_member(tx, by)
        found = self._existing(tx, block_id, by)
        if found.user_id != by:
            raise NotYourBlock
        return found

    def _existing(self, tx: Connection, block_id: int, viewer: Viewer) -> TimeBlock:
        found = time_blocks.get(tx, block_id, viewer, lock=True)
        if found is None:
            raise UnknownBlock
        return found

    def _start(self, tx: Connection, block: TimeBlock, minutes: int, cause: str) -> TimeBlock:
        start = self.clock().replace(second=0, microsecond=0)
        key = calendar_planned.block_key(block.incident_id, block.id)
        return self._change(
            tx,
            block,
            cause,
            status=BlockStatus.BLOCKED.value,
            minutes=minutes,
            starts_at=start,
            ends_at=start + timedelta(minutes=minutes),
            event_id=calendar_planned.event_id(calendar.installation(tx), key),
        )

    def _change(self, tx: Connection, block: TimeBlock, cause: str, **values: object) -> TimeBlock:
        changed = time_blocks.change(tx, block.id, **values, updated_at=self.clock())
        outbox.add(tx, [calendar_planned.time_block(changed, cause)], self.clock())
        return changed


def show_block(tx: Connection, answer: BlockTray, viewer: Viewer, now: datetime) -> BlockShown:
    """What the answer shows the viewer now; raises ``UnknownBlock``."""
    block = time_blocks.get(tx, answer.block_id, viewer)
    incident = incidents.get(tx, block.incident_id, viewer) if block else None
    if block is None or incident is None:
        raise UnknownBlock
    return BlockShown(block, incident, now)


def _require_address(person: Person) -> None:
    if person.email is None:
        raise NoAddress
