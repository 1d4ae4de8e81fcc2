"""Brings the people who are paged into an incident, and notices when they are seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.domain.incidents.model import ACTIVE, Incident
from bot.domain.incidents.timeline import PostedMessage, TimelineEntry, time_of
from bot.domain.pages.model import SEEN_WITHIN, Page
from bot.domain.pages.planned import after_page, refreshing, unseen_key
from bot.operations.consequences import postmortem
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import members, messages, pages


def paged(tx: Tx, incident: Incident, page: Page) -> None:
    """Invite, mention and message everybody; in a private incident, they may see it from now on."""
    if incident.is_private:
        for user_id in page.people:
            members.add(tx.connection, incident.id, user_id)
    enqueue(tx, after_page(incident, page))
    postmortem.follow(tx, incident, f"page/{page.id}")


def wrote(tx: Tx, numbers: Mapping[str, int], messages: Iterable[PostedMessage]) -> None:
    """Note the authors of these messages as seen; ``numbers`` is channel -> incident."""
    acts: dict[tuple[int, str], datetime] = {}
    for each in messages:
        if each.user_id:
            act = numbers[each.channel_id], each.user_id
            acts[act] = max(time_of(each.ts), acts.get(act, time_of(each.ts)))
    seen(tx, acts)


def seen(tx: Tx, acts: Mapping[tuple[int, str], datetime], cause: str = "seen") -> None:
    """Note people as seen who have done something since they were paged.

    ``acts`` is (incident, person) -> when they last did something. What they did before they were paged, and
    arrives later, doesn't count.
    """
    if not acts:
        return
    incidents, people = {number for number, _ in acts}, {user_id for _, user_id in acts}
    for each in pages.waiting(tx.connection, incidents, people):
        at = acts.get((each.incident_id, each.user_id))
        if at and at >= each.at:
            pages.note_seen(tx.connection, each.page_id, each.user_id, at)
            rows = refreshing(each.incident_id, each.page_id, [each.user_id], f"{cause}/{each.user_id}")
            enqueue(tx, rows)


def status_changed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """Show to everybody who hasn't been seen that they are no longer needed, or needed again."""
    if (entry.from_value in ACTIVE) is incident.is_active:
        return
    unseen: dict[int, list[str]] = {}
    for each in pages.waiting(tx.connection, [incident.id]):
        unseen.setdefault(each.page_id, []).append(each.user_id)
    for page_id, people in unseen.items():
        enqueue(tx, refreshing(incident.id, page_id, people, f"entry/{entry.id}"))
        if incident.is_active and _is_untold(tx, incident, page_id):
            pages.tell_later(tx.connection, page_id, tx.now + SEEN_WITHIN)


def _is_untold(tx: Tx, incident: Incident, page_id: int) -> bool:
    """Whether the person who paged was never told: the time for that may have come while it was over."""
    page = pages.get(tx.connection, incident.id, page_id)
    return page is not None and messages.where(tx.connection, unseen_key(page)) is None
