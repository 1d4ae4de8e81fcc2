"""The App Home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from bot.domain.incidents.model import Incident
from bot.views.answers import line
from bot.views.kit.fitting import with_short_texts
from bot.views.kit.message import Block, actions, button, context, header, section
from bot.views.kit.text import escape

_NONE: Mapping[int, Sequence[str]] = MappingProxyType({})


def home(incidents: Iterable[Incident], more: int = 0, roles: Mapping[int, Sequence[str]] = _NONE) -> Block:
    """The App Home: open incidents, how many ``more`` there are, and a button to declare one.

    ``roles`` are the names of the reader's roles by incident.
    """
    declare = actions(
        button("Declare an incident", "declare_incident", "declare", "primary"),
        button("All incidents", "show_all", "all"),
    )
    blocks: list[Block] = [header("Incidents"), declare]
    for incident in incidents:
        tray = button("Show", "show_tray", str(incident.id))
        blocks.append(section(line(incident) + _yours(roles.get(incident.id, ())), accessory=tray))
    if len(blocks) == 2:
        blocks.append(section("No open incidents."))
    if more:
        blocks.append(context(f"… and {more} more, listed under *All incidents*."))
    blocks.append(context("Type `/incident help` anywhere to see all commands."))
    return {"type": "home", "blocks": with_short_texts(blocks)}


def _yours(roles: Sequence[str]) -> str:
    if not roles:
        return ""
    return f"\nYour {'role' if len(roles) == 1 else 'roles'}: {', '.join(map(escape, roles))}"


def closed_home(why: str) -> Block:
    """The App Home of somebody who may not see incidents; ``why`` is in Slack's markup."""
    return {"type": "home", "blocks": [header("Incidents"), section(why)]}
