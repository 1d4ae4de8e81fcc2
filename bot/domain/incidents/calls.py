"""The link to an incident's call."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import CallUnusable
from bot.domain.kit.links import link_in, problem_with

REF = "{ref}"
"""The placeholder for the incident's ref in the settings' link."""
_NONE = frozenset({"none", "no", "off", "remove", "delete", "clear", "stop", "end", "cancel", "unset"})


def read_call(typed: str) -> str:
    """The link in what somebody typed, perhaps in Slack's markup; raises ``CallUnusable``."""
    link = link_in(typed)
    problem = problem_with(link, placeholder=REF)
    if problem:
        raise CallUnusable(problem=problem)
    return link


def is_none(typed: str) -> bool:
    """Whether somebody typed that there is to be no call, in whichever of the usual words."""
    return typed.strip().lower() in _NONE


def call_of(pattern: str | None, ref: str) -> str | None:
    """The link that the workspace's setting gives the incident, or ``None`` if there is no setting."""
    return pattern.replace(REF, ref) if pattern else None


def may_be_made(incident: Incident) -> bool:
    """Whether the calendar may set up a call for it.

    Not for a private incident: whoever may change the team's calendar could join.
    """
    return incident.is_active and not incident.is_private and not incident.call_url
