"""Links to channels, and who may follow them."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.operations.kit.transaction import Tx
from storage import (
    incidents,
    people,
    workspace,
)


def channel_link(tx: Tx, incident: Incident) -> str | None:
    """The URL of the incident's channel, or ``None`` until it is known."""
    team_url = workspace.get(tx.connection, workspace.TEAM_URL)
    return (
        f"{team_url.rstrip('/')}/archives/{incident.channel_id}" if team_url and incident.channel_id else None
    )


def can_attend(tx: Tx, incident_id: int, user_id: str) -> bool:
    """Whether the person may act and may see the incident."""
    person = people.get(tx.connection, user_id)
    return bool(person and person.may_act and incidents.get(tx.connection, incident_id, user_id))
