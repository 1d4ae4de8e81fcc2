"""The workspace's settings: how each is shown, and their home."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.incidents.model import IncidentSeverity
from bot.domain.incidents.roles import BUILT_IN, MAX_ADDED
from bot.domain.kit.links import LIMIT
from bot.domain.settings import CALL_FROM_CALENDAR, Role, SettingsChange, SettingsGroup, TeamSettings
from bot.domain.settings_fields import SETTINGS, WEEKDAYS, Menu, Setting
from bot.domain.surface.shown import SettingsShown
from bot.views.kit.labels import SEVERITY
from bot.views.kit.message import Message, button, context, section
from bot.views.kit.text import counted, escape, escape_within, local_time, mention

_SHORT, LONG, _CODE = 200, 2000, 6
"""The most characters of a short text, a long one, and a country's code."""
_ROOM = 300
"""The most characters of a value in the home."""

GROUPS: Mapping[SettingsGroup, str] = {
    SettingsGroup.PEOPLE: "People and roles",
    SettingsGroup.REMINDERS: "Reminders and hours",
    SettingsGroup.UPDATES: "Updates and nudges",
    SettingsGroup.CHANNELS: "Channels and call",
    SettingsGroup.CHECKLISTS: "Checklists",
}
_ELSEWHERE = {SettingsGroup.CHECKLISTS: "show_checklist_settings"}
"""Groups that have no single form -> the action id of the button that shows what is in them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a setting is shown."""

    label: str
    hint: str = ""
    words: Callable[[Any], str] = str
    """The value in a few words, in the home and as the default."""
    limit: int = _SHORT
    """The most characters of its text; more than a line has several."""
    option: Callable[[Any], str] = str
    """The label of an option."""
    is_optional: bool = True


def settings_home(shown: SettingsShown) -> Message:
    """All settings, each group with a button that opens its form."""
    blocks = [section("*Settings of this workspace*")]
    for group, name in GROUPS.items():
        settings = [each for each in SETTINGS if each.group == group]
        values = " · ".join(_values(shown.settings, settings))
        change = shown.settings.changes.get(group)
        text = "\n".join((f"*{name}*", values, *([_changed(change)] if change else [])))
        is_open = any(each.name not in shown.settings.from_file for each in settings)
        opens = _ELSEWHERE.get(group, "change_settings")
        more = {"accessory": button("Edit", opens, group.value)} if is_open else {}
        blocks.append(section(text, block_id=group.value, **more))
    return Message("Settings", (*blocks, context("Only admins of this workspace can see and change these.")))


def _values(team: TeamSettings, settings: Sequence[Setting]) -> list[str]:
    """What the settings are; of the menus, most of which are empty, only those with somebody in them."""
    menus = [each for each in settings if isinstance(each.typed, Menu)]
    chosen = [each for each in menus if getattr(team.effective, each.name) or each.name in team.from_file]
    lines = [line_of(team, each) for each in settings if each not in menus or each in chosen]
    return lines if chosen or not menus else [*lines, "Invited by severity: nobody"]


def line_of(team: TeamSettings, setting: Setting) -> str:
    """The setting's value, and whether the file sets it."""
    words = FIELDS[setting.name].words(getattr(team.effective, setting.name))
    by_file = f" (set by {escape(team.file)})" if setting.name in team.from_file else ""
    return f"{FIELDS[setting.name].label}: {escape_within(words, _ROOM)}{by_file}"


def _changed(change: SettingsChange) -> str:
    return f"_Changed by {mention(change.by)}, {local_time(change.at, '{date_short_pretty}')}_"


def _hour(value: int) -> str:
    return f"{value:02}:00"


def _days(values: Sequence[int]) -> str:
    names = [WEEKDAYS[each] for each in values] or ["none"]
    in_a_row = len(values) > 2 and values[-1] - values[0] == len(values) - 1
    return f"{names[0]} to {names[-1]}" if in_a_row else ", ".join(names)


def _severities(values: Sequence[str]) -> str:
    return ", ".join(values) or "none"


def _severity(value: str) -> str:
    return SEVERITY[IncidentSeverity(value)]


def _dates(values: Sequence[date]) -> str:
    shown = ", ".join(each.isoformat() for each in values[:_DATES])
    more = len(values) - _DATES
    return (f"{shown} and {more} more" if more > 0 else shown) or "none"


def _roles(roles: Iterable[Role]) -> str:
    return ", ".join(each.name for each in roles) or "none"


_DATES = 3
_NAMES = " and ".join(", ".join(each.name.lower() for each in BUILT_IN).rsplit(", ", 1))
FIELDS: Mapping[str, Shown] = {
    "roles": Shown(
        "More roles",
        f"Up to {MAX_ADDED}, one per line: a name and a duty, e.g. Liaison: Talks to support. There are "
        f"always {_NAMES}.",
        _roles,
        LONG,
    ),
    **{
        f"people_{each.value}": Shown(
            f"Invited at {each.value}",
            words=lambda ids: counted(len(ids), "person", "people") if ids else "nobody",
        )
        for each in IncidentSeverity
    },
    **{
        f"groups_{each.value}": Shown(
            f"Groups invited at {each.value}",
            words=lambda ids: counted(len(ids), "group") if ids else "none",
        )
        for each in IncidentSeverity
    },
    "ladder": Shown(
        "Reminder days",
        "Days before (-) and after the due date. After the last one, weekly.",
        lambda days: ", ".join(map(str, days)),
        is_optional=False,
    ),
    "hour": Shown("Start of the working day", "Reminders are sent then.", _hour, option=_hour),
    "until": Shown("End of the working day", "Meetings are proposed between the two.", _hour, option=_hour),
    "working_days": Shown("Working days", words=_days, option=lambda number: WEEKDAYS[number]),
    "country": Shown(
        "Public holidays", "A two-letter country code, e.g. DE or US.", lambda code: code or "none", _CODE
    ),
    "postmortems_for": Shown(
        "Severities that need a postmortem",
        words=_severities,
        option=_severity,
    ),
    "days_off": Shown("Other days off", "One date per line, e.g. 2026-12-24.", _dates, LONG),
    **{
        f"update_{each.value}": Shown(
            f"Next update at {each.value}",
            "How long until it is due, if its author doesn't choose.",
            lambda minutes: counted(minutes, "minute") if minutes else "not planned",
            option=lambda minutes: f"After {minutes} minutes" if minutes else "Not planned",
        )
        for each in IncidentSeverity
    },
    "nudged_at": Shown(
        "Ask for due updates at these severities",
        "The commander is asked in the channel. At medium and low, only within their working hours.",
        _severities,
        option=_severity,
    ),
    "commander_after": Shown(
        "Ask who leads after",
        "At critical and high, the channel is asked once who leads.",
        lambda minutes: counted(minutes, "minute") if minutes else "never",
        option=lambda minutes: f"{minutes} minutes" if minutes else "Never",
    ),
    "texts_kept": Shown(
        "Keep messages' texts",
        "How long after an incident was resolved, e.g. 90 days or 18 months. Leave empty to keep them for "
        "good. Texts in a postmortem stay. Removed texts can't be restored.",
        lambda days: f"for {counted(days, 'day')}" if days else "for good",
    ),
    "call_from": Shown(
        "Call for each new incident",
        "With Google Meet, each incident gets its own call; private ones get the link.",
        lambda kind: "Google Meet" if kind == CALL_FROM_CALENDAR else "the link",
        option=lambda kind: "Google Meet" if kind == CALL_FROM_CALENDAR else "The link below",
    ),
    "call_link": Shown(
        "Link to the call",
        "An https:// link; {ref} in it becomes the incident's, e.g. INC-12. Leave empty for no call.",
        lambda link: link or "none",
        LIMIT,
    ),
    "checklists": Shown("Lists", words=lambda lists: ", ".join(each.name for each in lists) or "none"),
}
"""How each setting is shown; a test looks for what is missing."""
