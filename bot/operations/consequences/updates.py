"""Brings updates to everybody who waits for them, and follows what happens to their incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.incidents.model import ACTIVE, Incident
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.updates import planned as updates_planned
from bot.domain.updates.model import Update, interval, is_put_off
from bot.operations.consequences import postmortem
from bot.operations.kit.access import participant
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import privacy, subscriptions, updates


def written(tx: Tx, incident: Incident, before: Update | None, update: Update) -> None:
    """Send a new update everywhere, and show on the nudge that asked for it, if any, that it's there."""
    enqueue(tx, updates_planned.after_update(incident, update, _subscribers(tx, incident, update.by)))
    if before:
        nudge_answered(tx, before, f"update/{update.number}")
    postmortem.follow(tx, incident, f"update/{update.number}")


def corrected(tx: Tx, incident: Incident, update: Update, cause: str) -> None:
    """Edit an update everywhere, even for people who have unsubscribed since."""
    prefix = updates_planned.told_prefix(incident.id, update.number)
    told = (key.removeprefix(prefix) for key, _, _ in privacy.below(tx.connection, prefix))
    holders = sorted({*told, *subscriptions.of_incident(tx.connection, incident.id)})
    enqueue(tx, updates_planned.after_correction(incident, update, holders, cause))
    postmortem.follow(tx, incident, f"corrected/{cause}")


def status_changed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """Tell subscribers, and withdraw or renew the request for an update."""
    enqueue(tx, updates_planned.after_status(incident, entry, _subscribers(tx, incident, entry.by)))
    # The lock waits for a nudge that is being planned, which would miss the change.
    latest = updates.latest(tx.connection, incident.id, lock=True)
    if latest:
        nudge_answered(tx, latest, f"entry/{entry.id}")
        if entry.from_value not in ACTIVE and incident.is_active:
            _promise_again(tx, latest)


def _promise_again(tx: Tx, latest: Update) -> None:
    """Nudge after a reopening if the promised time came while the incident was over."""
    if latest.due_at and latest.nudge_at is None and not latest.nudges:
        until = tx.now + timedelta(minutes=interval(latest))
        updates.save(tx.connection, replace(latest, nudge_at=until))


def urgency_changed(tx: Tx, incident: Incident) -> None:
    """Look again at a nudge that waits for working hours: another severity, or commander, may not wait."""
    latest = updates.latest(tx.connection, incident.id, lock=True)
    if latest and is_put_off(latest, tx.now):
        updates.save(tx.connection, replace(latest, nudge_at=tx.now))


def privacy_changed(tx: Tx, incident: Incident, cause: str) -> None:
    """Delete the updates that anybody can read; once it's public again, post the latest one."""
    numbers = updates.numbers(tx.connection, incident.id)
    shown = numbers if incident.is_private else numbers[-1:]
    enqueue(tx, [row for each in shown for row in updates_planned.in_public(incident, each, cause)])


def nudge_answered(tx: Tx, update: Update, cause: str) -> None:
    """Bring the last nudge after the update up to date, if there was one; ``cause`` is unique."""
    if update.nudges:
        enqueue(tx, [updates_planned.nudging(update.incident_id, update, cause)])


def _subscribers(tx: Tx, incident: Incident, actor: str | None) -> list[str]:
    """Subscribers who may see the incident and are still here, but not the person who acts."""
    found = subscriptions.of_incident(tx.connection, incident.id)
    return [each for each in found if each != actor and participant(tx, each, incident)]
