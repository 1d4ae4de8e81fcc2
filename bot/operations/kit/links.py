"""Links to channels."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.operations.kit.transaction import Tx
from storage import workspace


def channel_link(tx: Tx, incident: Incident) -> str | None:
    """The URL of the incident's channel, or ``None`` until it is known."""
    team_url = tx.once(workspace.get, workspace.TEAM_URL)
    return (
        f"{team_url.rstrip('/')}/archives/{incident.channel_id}" if team_url and incident.channel_id else None
    )
