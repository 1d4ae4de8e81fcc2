"""Buttons that start a postmortem, or say that none is needed."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.views.kit.message import Block, actions, button


def offers(incident: Incident) -> list[Block]:
    """The buttons for a resolved incident."""
    number = str(incident.id)
    return [
        button("Start the postmortem", "start_postmortem", number, "primary"),
        button("Assign the postmortem", "own_postmortem", number),
    ]


def waiver(incident: Incident) -> Block:
    """The buttons that ask, once, about a closed incident that should have a postmortem but doesn't."""
    number = str(incident.id)
    return actions(
        button("Start the postmortem", "start_postmortem", number, "primary"),
        button("Not needed", "waive_postmortem", number),
    )
