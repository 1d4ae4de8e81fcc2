"""Who is told what failed, and what they have been told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from bot.domain.incidents.model import Incident
from bot.domain.incidents.planned import after_giving_up, failures_key, telling_asker
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import Effect, ReportFailures, TellAsker, kind_of
from bot.domain.outbox.hearers import Hearer
from bot.domain.outbox.rows import Stuck
from bot.operations.kit.access import can_see
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import (
    action_items,
    duties,
    five_whys,
    incidents,
    meetings,
    messages,
    outbox_reads,
    pages,
    postmortems,
    privacy,
    time_blocks,
    workspace,
)

_DIGEST_BYTES = 4
_REPORTS = (ReportFailures.__name__, TellAsker.__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What one person is told about an incident's failures."""

    dead: tuple[Stuck, ...]
    trying: tuple[Stuck, ...]
    said: frozenset[str]
    """What it says was given up, and why, each as a short digest."""
    has_news: bool
    """Whether the last report didn't say all of that."""


def report_to(tx: Tx, incident: Incident, user_id: str, key: str) -> Report:
    """What this person is told; ``key`` is their report's key."""
    dead = _heard_by(tx, incident, user_id, outbox_reads.dead(tx.connection, SYSTEM, incident.id))
    trying = _heard_by(tx, incident, user_id, outbox_reads.trying_again(tx.connection, incident.id))
    said = frozenset(map(_digest, dead))
    told = (workspace.get(tx.connection, _told(key)) or "").split()
    return Report(dead, trying, said, bool(said.difference(told)))


def note_told(tx: Tx, key: str, said: frozenset[str]) -> None:
    """Record what the report says now."""
    if said:
        workspace.save(tx.connection, _told(key), " ".join(sorted(said)))
    else:
        workspace.forget(tx.connection, _told(key))


def report(tx: Tx, incident_id: int, effect: Effect | None, cause: str) -> None:
    """Tell whoever hears of it that an effect was given up; ``cause`` is unique."""
    incident = incidents.get(tx.connection, incident_id, SYSTEM)
    if incident is None or (effect is not None and kind_of(effect).hearer is Hearer.DOCTOR):
        return
    hearer, leader = _hearer(tx, incident, effect), _leader(tx, incident)
    if hearer is None or hearer == leader:
        enqueue(tx, [after_giving_up(incident_id, cause)])
    else:
        enqueue(tx, [telling_asker(incident_id, hearer, cause)])


def refresh(tx: Tx, incident_id: int, cause: str) -> None:
    """Update the reports that people have or are about to get, because something is retried or done."""
    key = failures_key(incident_id)
    # First those that are just being sent: by the next statement, their messages may be stored.
    known = outbox_reads.lanes_in_progress(tx.connection, incident_id, _REPORTS)
    known |= {personal for personal, _, _ in privacy.below(tx.connection, f"{key}/")}
    if key in known or messages.where(tx.connection, key):
        enqueue(tx, [after_giving_up(incident_id, cause)])
    people = sorted(each.rpartition("/")[2] for each in known if each != key)
    enqueue(tx, [telling_asker(incident_id, each, cause) for each in people])


def _heard_by(tx: Tx, incident: Incident, user_id: str, rows: Iterable[Stuck]) -> tuple[Stuck, ...]:
    leader = _leader(tx, incident)
    return tuple(row for row in rows if (_hearer(tx, incident, row.effect) or leader) == user_id)


def _leader(tx: Tx, incident: Incident) -> str | None:
    concerned = (incident.commander_id, incident.declared_by)
    return next((each for each in concerned if can_see(tx, incident, each)), None)


def _hearer(tx: Tx, incident: Incident, effect: Effect | None) -> str | None:
    """The person whose wish it was, if they may see the incident; ``None`` for whoever leads it."""
    if effect is None:
        return None
    asker = _ASKED[kind_of(effect).hearer](tx, effect)
    return asker if can_see(tx, incident, asker) else None


def _item(tx: Tx, effect: Any) -> str | None:
    found = action_items.get(tx.connection, effect.item_id, SYSTEM)
    return found.created_by if found else None


def _facilitator(tx: Tx, effect: Any) -> str | None:
    found = five_whys.get(tx.connection, effect.analysis_id, SYSTEM)
    return found.facilitator_id if found else None


def _owner(tx: Tx, effect: Any) -> str | None:
    found = postmortems.of_incident(tx.connection, effect.incident_id, SYSTEM)
    return (found.owner_id or found.created_by) if found else None


def _waiver(tx: Tx, effect: Any) -> str | None:
    found = duties.get(tx.connection, effect.incident_id)
    return found.waived_by if found else None


def _meeting(tx: Tx, effect: Any) -> str | None:
    found = meetings.get(tx.connection, effect.meeting_id, SYSTEM)
    return found.asked_by if found else None


def _block(tx: Tx, effect: Any) -> str | None:
    found = time_blocks.get(tx.connection, effect.block_id, SYSTEM)
    return found.asked_by if found else None


def _page(tx: Tx, effect: Any) -> str | None:
    found = pages.get(tx.connection, effect.incident_id, effect.page_id)
    return found.by if found else None


def _nobody(_tx: Tx, _effect: Any) -> None:
    return None


_ASKED: Mapping[Hearer, Callable[[Tx, Any], str | None]] = {
    Hearer.INCIDENT: _nobody,
    Hearer.ASKER: lambda _tx, effect: str(effect.user_id),
    Hearer.ITEM: _item,
    Hearer.FACILITATOR: _facilitator,
    Hearer.OWNER: _owner,
    Hearer.WAIVER: _waiver,
    Hearer.MEETING: _meeting,
    Hearer.BLOCK: _block,
    Hearer.PAGE: _page,
    Hearer.DOCTOR: _nobody,
}
"""Who hears of it -> how to find that person; ``None`` for whoever leads the incident."""


def _digest(row: Stuck) -> str:
    told = f"{row.what}: {row.last_error}".encode()
    return blake2s(told, digest_size=_DIGEST_BYTES).hexdigest()


def _told(key: str) -> str:
    """The fact that holds what a report says."""
    return f"told:{key}"[:64]
