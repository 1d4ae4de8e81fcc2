"""The ways to start a postmortem, or to say that none is needed."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.views.kit.message import Block, actions, button


def offers(incident: Incident) -> list[Block]:
    """What a resolved incident is offered."""
    number = str(incident.id)
    return [
        button("Start the postmortem", "start_postmortem", number, "primary"),
        button("Who writes it?", "own_postmortem", number),
    ]


def waiver(incident: Incident) -> Block:
    """What is asked once when an incident is closed without the postmortem that it should have."""
    number = str(incident.id)
    return actions(
        button("Start the postmortem", "start_postmortem", number, "primary"),
        button("Not needed", "waive_postmortem", number),
    )
