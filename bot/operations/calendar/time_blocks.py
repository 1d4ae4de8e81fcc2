"""Blocks time in people's calendars for working on an incident."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

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
from bot.operations.consequences.calendar import end_block
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, require_candidate, require_member
from bot.operations.kit.links import channel_link
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import calendar, incidents, people, time_blocks


class TimeBlocks(Operations):
    """Blocks time. Only the person whose calendar it is can confirm, extend or free it (``NotYourBlock``).

    ``by`` is the person who acts, and has to pass the gate first (``NotAllowed``); ``key`` is the request's
    natural key. Raises ``NoCalendar`` if none is connected, ``UnknownBlock`` if the person may not see it.
    """

    @transaction
    def block(self, tx: Tx, incident_id: int, minutes: int, *, by: str, key: str) -> TimeBlock:
        """Block the person's own calendar for ``minutes`` from now; a current block stays as it is.

        Raises ``BlockLength``, ``NotActive`` and ``NoAddress``.
        """
        is_new = begin(tx, by, key)
        _active_incident(tx, incident_id, by, minutes)
        _require_address(require_member(tx, by))
        mine = _mine(tx, incident_id, by)
        on = next((each for each in mine if each.is_on(tx.now)), None)
        if on or not is_new:
            return on or (mine[-1] if mine else _existing_block(tx, 0, by))
        asked = next((each for each in mine if each.status is BlockStatus.ASKED), None)
        made = asked or _ask(tx, incident_id, by, minutes, by)
        return _start(tx, made, minutes, key)

    @transaction
    def ask(
        self, tx: Tx, incident_id: int, minutes: int, user_ids: tuple[str, ...], *, by: str, key: str
    ) -> None:
        """Ask others to block their calendars, each privately in the incident's channel.

        Raises ``BlockLength``, ``NotActive``, ``NobodyKnown`` and ``OutsiderInvited``.
        """
        is_new = begin(tx, by, key)
        incident = _active_incident(tx, incident_id, by, minutes)
        for user_id in user_ids:
            person = require_candidate(tx, user_id)
            if incidents.get(tx.connection, incident_id, user_id) is None:
                raise OutsiderInvited(person=user_id, name=person.name)
        if not is_new:
            return
        for user_id in user_ids:
            made = _ask(tx, incident_id, user_id, minutes, by)
            answer = SendAnswer(user_id, incident.channel_id or "", None, answer_to_json(BlockTray(made.id)))
            enqueue(tx, [Planned(answer, f"answer/{made.ref}", f"answer/{made.ref}")])

    @transaction
    def confirm(self, tx: Tx, block_id: int, *, by: str, key: str) -> TimeBlock:
        """Accept a block that somebody proposed, starting now.

        It replaces the person's current block, if there is one, and lasts at least as long. Raises
        ``NoAddress``, ``BlockOver``, and ``NotActive`` once the incident is over.
        """
        is_new = begin(tx, by, key)
        found = _own(tx, block_id, by)
        _active_incident(tx, found.incident_id, by, found.minutes)
        _require_address(require_member(tx, by))
        if found.status is BlockStatus.OVER:
            raise BlockOver
        if not is_new or found.status is BlockStatus.BLOCKED:
            return found
        minutes = found.minutes
        for other in _mine(tx, found.incident_id, by):
            if other.is_on(tx.now) and other.ends_at:
                minutes = max(minutes, math.ceil((other.ends_at - tx.now) / timedelta(minutes=1)))
                end_block(tx, other, f"{key}/{other.id}")
        return _start(tx, found, minutes, key)

    @transaction
    def extend(self, tx: Tx, block_id: int, *, by: str, key: str) -> TimeBlock:
        """Extend the block by an hour; raises ``BlockOver`` and ``BlockLength``."""
        is_new = begin(tx, by, key)
        found = _own(tx, block_id, by)
        if not is_new:
            return found
        if found.status is not BlockStatus.BLOCKED:
            raise BlockOver
        return _save(tx, replace(found, ends_at=extended(found, tx.now)), key)

    @transaction
    def free(self, tx: Tx, block_id: int, *, by: str, key: str) -> TimeBlock:
        """End the block now, or decline it if it was only proposed."""
        is_new = begin(tx, by, key)
        found = _own(tx, block_id, by)
        if not is_new or found.status is BlockStatus.OVER:
            return found
        return end_block(tx, found, key)

    @reading
    def plan(self, tx: Tx, block_id: int) -> BlockPlan | None:
        """The block as it is now, with all that is needed to show it, or ``None`` if there is none."""
        block = time_blocks.get(tx.connection, block_id, SYSTEM)
        incident = incidents.get(tx.connection, block.incident_id, SYSTEM) if block else None
        person = tx.once(people.get, block.user_id) if block else None
        if block is None or incident is None or person is None:
            return None
        key = calendar_planned.block_key(incident.id, block.id)
        known_as = calendar_planned.event_id(tx.once(calendar.installation), key)
        return BlockPlan(block, incident, person, known_as, channel_link(tx, incident))


def _active_incident(tx: Tx, incident_id: int, by: str, minutes: int) -> Incident:
    incident = existing_incident(tx, incident_id, by, lock=True)
    if tx.once(calendar.connected) is None:
        raise NoCalendar
    check_minutes(minutes)
    if not incident.is_active:
        raise NotActive(ref=incident.ref, status=incident.status.value)
    return incident


def _mine(tx: Tx, incident_id: int, user_id: str) -> list[TimeBlock]:
    return [each for each in time_blocks.of_incident(tx.connection, incident_id) if each.user_id == user_id]


def _own(tx: Tx, block_id: int, by: str) -> TimeBlock:
    found = _existing_block(tx, block_id, by)
    if found.user_id != by:
        raise NotYourBlock
    return found


def _existing_block(tx: Tx, block_id: int, viewer: Viewer) -> TimeBlock:
    found = time_blocks.get(tx.connection, block_id, viewer, lock=True)
    if found is None:
        raise UnknownBlock
    return found


def _ask(tx: Tx, incident_id: int, user_id: str, minutes: int, by: str) -> TimeBlock:
    asked = TimeBlock(0, incident_id, user_id, BlockStatus.ASKED, minutes, by, tx.now, tx.now)
    return time_blocks.add(tx.connection, asked)


def _start(tx: Tx, block: TimeBlock, minutes: int, cause: str) -> TimeBlock:
    start = tx.now.replace(second=0, microsecond=0)
    key = calendar_planned.block_key(block.incident_id, block.id)
    begun = replace(
        block,
        status=BlockStatus.BLOCKED,
        minutes=minutes,
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
        event_id=calendar_planned.event_id(tx.once(calendar.installation), key),
    )
    return _save(tx, begun, cause)


def _save(tx: Tx, block: TimeBlock, cause: str) -> TimeBlock:
    saved = time_blocks.save(tx.connection, replace(block, updated_at=tx.now))
    enqueue(tx, [calendar_planned.time_block(saved, cause)])
    return saved


def _require_address(person: Person) -> None:
    if person.email is None:
        raise NoAddress
