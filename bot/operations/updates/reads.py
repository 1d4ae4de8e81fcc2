"""What performers and answers read about updates and subscriptions."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.incidents.model import Incident
from bot.domain.kit.people import SYSTEM, Person, Viewer
from bot.domain.surface.answers import Subscription
from bot.domain.surface.shown import SubscriptionShown
from bot.domain.updates.model import NudgeState, Update, nudge_state
from bot.operations.kit.access import existing_incident, participant
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import incidents, subscriptions, updates


@dataclass(frozen=True, slots=True)
class Nudged:
    """A nudge as it is now."""

    incident: Incident
    state: NudgeState
    update: Update
    latest: Update
    person: str | None
    """Who is asked for the update, or ``None`` if nobody is left."""


class UpdateReads(Operations):
    """What performers read before they post updates."""

    @reading
    def update(self, tx: Tx, incident_id: int, number: int) -> tuple[Incident, Update] | None:
        """The update with its incident, as they are now; ``None`` if there is no such update."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        found = updates.get(tx.connection, incident_id, number)
        return (incident, found) if incident and found else None

    @reading
    def nudged(self, tx: Tx, incident_id: int, number: int, times: int) -> Nudged | None:
        """Nudge number ``times`` after the update, as it is now; ``None`` if there is no such update."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        update = updates.get(tx.connection, incident_id, number)
        latest = updates.latest(tx.connection, incident_id)
        if incident is None or update is None or latest is None:
            return None
        person, state = whom_to_nudge(tx, incident, update), nudge_state(incident, update, latest, times)
        return Nudged(incident, state, update, latest, person.id if person else None)

    @reading
    def may_be_told(self, tx: Tx, incident_id: int, user_id: str) -> bool:
        """Whether somebody is subscribed, still a member of the workspace, and may see the incident."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        is_here = incident is not None and participant(tx, user_id, incident) is not None
        return is_here and subscriptions.has(tx.connection, incident_id, user_id)


def whom_to_nudge(tx: Tx, incident: Incident, update: Update) -> Person | None:
    """The commander, else the update's author, else the declarer, if they may act and see the incident."""
    asked = (incident.commander_id, update.by, incident.declared_by)
    return next(filter(None, (participant(tx, user_id, incident) for user_id in asked)), None)


def show_subscription(tx: Tx, answer: Subscription, viewer: Viewer) -> SubscriptionShown:
    """Whether the viewer is subscribed; raises ``UnknownRef``."""
    incident = existing_incident(tx, answer.incident_id, viewer)
    is_subscribed = isinstance(viewer, str) and subscriptions.has(tx.connection, incident.id, viewer)
    return SubscriptionShown(incident, is_subscribed)
