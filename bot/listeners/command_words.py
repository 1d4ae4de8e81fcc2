"""Other words that people type for commands, statuses and severities.

An alias has one meaning, and is run. A similar word only suggests a command, and is offered with a button.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.surface.command import Argument

_LEVELS = tuple(severity.value for severity in IncidentSeverity)


def _same(words: str, meaning: str = "") -> Mapping[str, str]:
    return {word.replace("_", " "): meaning for word in words.split()}


_NUMBERED = {
    spelling: level
    for number, level in enumerate(_LEVELS, start=1)
    for sign in ("sev", "sev-", "p", "p-")
    for spelling in (f"{sign}{number}", *((f"{sign}0",) if number == 1 else ()))
}
_SEVERITY_ALIASES: Mapping[str, str] = {
    **_NUMBERED,
    **{str(number): level for number, level in enumerate(_LEVELS, start=1)},
    **{f"sev {number}": level for number, level in enumerate(_LEVELS, start=1)},
    "crit": "critical",
    "med": "medium",
}
_SEVERITY_SIMILAR: Mapping[str, str] = {
    **_same("blocker urgent emergency outage severe worst highest 0 s1", IncidentSeverity.CRITICAL),
    **_same("major important s2", IncidentSeverity.HIGH),
    **_same("moderate normal s3", IncidentSeverity.MEDIUM),
    **_same("minor trivial lowest cosmetic s4 5", IncidentSeverity.LOW),
}
_STATUS_SIMILAR: Mapping[str, str] = {
    **_same("new declared reopen reopened active ongoing", IncidentStatus.OPEN),
    **_same(
        "investigate identified triage triaging triaged ack acked acknowledged started working in_progress"
        " looking looking_into",
        IncidentStatus.INVESTIGATING,
    ),
    **_same(
        "mitigated mitigate monitoring fixed done solved resolve recovered restored over ok green stable"
        " under_control all_clear",
        IncidentStatus.RESOLVED,
    ),
    **_same("close complete completed finished archived ended", IncidentStatus.CLOSED),
}

ALIASES: Mapping[str, Mapping[str, str]] = {
    "declare": _same("new create"),
    "list": {**_same("ls incidents list_incidents"), **_same("all", "all"), **_same("list_all", "all")},
    "status": _same("set_status state"),
    "lead": _same("commander ic take_command"),
    "role": _same("roles"),
    "page": _same("call_in"),
    "people": _same("who"),
    "severity": {
        **_same("sev"),
        **{word: level for word, level in _SEVERITY_ALIASES.items() if not word.isdigit()},
    },
    "rename": _same("retitle title"),
    "checklist": _same("checklists check-list"),
    "update": _same("updates post_update send_update status_update"),
    "timeline": _same("tl history"),
    "catchup": _same("catch-up catch_up briefing"),
    "action": _same("todo task add_action action_item"),
    "actions": {
        **_same("todos tasks items action_items list_actions list_items"),
        **_same("mine my_actions my_items my_tasks my_todos list_mine", "mine"),
    },
    "whys": _same("why 5whys 5_whys five_whys fivewhys five-whys 5-whys"),
    "postmortem": _same("pm post-mortem post_mortem postmortems retro"),
    "meet": _same("meeting"),
    "projects": _same("project"),
    "settings": _same("config configure preferences"),
    "doctor": _same("health"),
    "help": _same("? h -h --help commands usage"),
}
"""Command -> its other names, with the arguments that each one implies; a name may have two words."""
SIMILAR: Mapping[str, Mapping[str, str]] = {
    "declare": _same("start raise report incident begin"),
    "list": _same("open active", "open"),
    "status": {
        **_same("investigate investigating ack acknowledge acknowledged", IncidentStatus.INVESTIGATING),
    },
    "resolve": _same("mitigated mitigate fixed fix done solved"),
    "close": _same("archive finish finished"),
    "severity": {**{level: level for level in _LEVELS}, **_same("escalate")},
    "lead": _same("assign take handover"),
    "page": _same("alert ping summon"),
    "people": _same("members responders attendees"),
    "update": _same("inform notify"),
    "timeline": _same("log events"),
    "catchup": _same("brief summary recap tldr"),
    "whys": _same("rca"),
    "meet": _same("schedule book"),
    "root": _same("cause"),
}
"""Command -> words that probably mean it, with the arguments that each one implies."""
_LIST_SIMILAR: Mapping[str, str] = {
    **{level: f"severity:{level}" for level in _LEVELS},
    **{word: f"severity:{level}" for word, level in _SEVERITY_ALIASES.items() if not word.isdigit()},
    **_same("resolved closed", "all"),
    **_same("active ongoing investigating", "open"),
}
"""What people type after ``list`` -> the argument that they probably mean."""

SEVERITY_CHOICE = Argument(
    "severity", required=True, choices=_LEVELS, aliases=_SEVERITY_ALIASES, similar=_SEVERITY_SIMILAR
)
STATUS_CHOICE = Argument(
    "status",
    required=True,
    choices=tuple(status.value for status in IncidentStatus),
    similar=_STATUS_SIMILAR,
)
LIST_CHOICES = (
    Argument("which", choices=("open", "all"), similar=_LIST_SIMILAR),
    Argument("filters", filters={"project": (), "severity": _LEVELS}, aliases=_SEVERITY_ALIASES),
)
