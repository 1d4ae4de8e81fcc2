"""What the doctor checks, and what it makes of the facts that were found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.domain.outbox.rows import RESTORED
from bot.domain.surface.slack_app import SCOPES, Event, Scope

_CLOCK_OFF, _CLOCK_WRONG = timedelta(seconds=30), timedelta(minutes=5)
"""Slack asks servers to refuse requests that are five minutes old:
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""
BEATING = "connected"
"""The name under which a bot notes, about once a minute, that Slack can reach it."""
_MISSED_BEATS = timedelta(minutes=3)


class Light(Enum):
    """How a check went."""

    GREEN = "green"
    AMBER = "amber"
    """The bot works, but something is missing or can't be checked."""
    RED = "red"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked."""

    name: str
    light: Light
    found: str
    """What was found, as a sentence."""
    remedy: str = ""
    """What to do, as a sentence, unless it is green."""


def green(name: str, found: str) -> Check:
    """A check that went well."""
    return Check(name, Light.GREEN, found)


def amber(name: str, found: str, remedy: str) -> Check:
    """Something that the bot can work without."""
    return Check(name, Light.AMBER, found, remedy)


def red(name: str, found: str, remedy: str) -> Check:
    """Something that has to be fixed."""
    return Check(name, Light.RED, found, remedy)


def settings_file(path: str, problems: Sequence[str], count: int = 0, *, is_in_force: bool = False) -> Check:
    """The state of the file that holds the team's settings; ``path`` is empty if there is none.

    ``is_in_force`` says whether what counts is what it holds.
    """
    name = _SETTINGS_FILE
    if problems:
        return _unused(problems, "Correct it: python app.py --check-settings lists what is wrong.")
    if not is_in_force:
        found = "The settings in use come from another file, or from an earlier version of this one."
        return amber(
            name, found, "If the bot runs, wait a minute; then give every replica the same MUSTER_SETTINGS."
        )
    if not path:
        return green(name, "There is none: all settings are made in Slack.")
    return green(name, f"It sets {count} of the settings.")


def settings_file_lacks(problems: Sequence[str], *, is_in_force: bool) -> Check:
    """The settings file, if it is right but for roles that aren't set in Slack."""
    remedy = "Correct it, or add the role with /incident settings."
    if is_in_force:
        return amber(_SETTINGS_FILE, f"It applies, except for this: {'; '.join(problems)}", remedy)
    return _unused(problems, remedy)


def _unused(problems: Sequence[str], remedy: str) -> Check:
    found = f"Its earlier version still applies, because this one can't be used: {'; '.join(problems)}"
    return red(_SETTINGS_FILE, found, remedy)


_SETTINGS_FILE = "settings file"


def scopes(granted: Collection[str]) -> list[Check]:
    """Each scope: granted or not, and what the bot can't do without it.

    ``granted`` is what Slack lists with each answer; empty if the server doesn't list any.
    """
    if not granted:
        return [amber("scopes", "The server doesn't say which scopes were granted.", _LOOK)]
    return [_scope(scope, is_granted=scope.name in granted) for scope in SCOPES]


_LOOK = "Compare them with manifest.yml in the app's settings."
_REINSTALL = "Update the app from manifest.yml at https://api.slack.com/apps, then reinstall the app."


def lacking(granted: Collection[str]) -> tuple[str, ...]:
    """The scopes that the bot can't do without and doesn't have; none if the server doesn't list any."""
    needed = (scope.name for scope in SCOPES if not scope.is_optional) if granted else ()
    return tuple(sorted(set(needed) - set(granted)))


def _scope(scope: Scope, *, is_granted: bool) -> Check:
    name = f"scope {scope.name}"
    if is_granted:
        return green(name, f"Granted, to {scope.enables}.")
    missing = f"Not granted, so the bot can't {scope.enables}."
    if scope.is_optional:
        return amber(name, missing, f"It is optional. To grant it: {_REINSTALL[0].lower()}{_REINSTALL[1:]}")
    return red(name, missing, _REINSTALL)


def clock(behind: timedelta) -> Check:
    """How far this machine's clock is behind Slack's; negative if it is ahead."""
    seconds = abs(round(behind.total_seconds()))
    way = "behind" if behind > timedelta() else "ahead of"
    found = f"The clock is {seconds} s {way} Slack's."
    if abs(behind) >= _CLOCK_WRONG:
        return red("clock", found, "Set the clock, and keep it in sync (NTP).")
    if abs(behind) >= _CLOCK_OFF:
        return amber("clock", found, "Keep the clock in sync (NTP).")
    return green("clock", found)


def revision(found: str, head: str) -> Check:
    """The revision of the database's tables, empty if there are none, and the one that this version needs."""
    if found == head:
        return green("database", f"Reachable, at revision {head}.")
    if not found:
        return amber("database", "Reachable, and empty.", "Start the bot; it creates its tables.")
    if found < head:
        late = f"Reachable, at revision {found}; this version needs {head}."
        return amber("database", late, "Start the bot; it migrates the database.")
    newer = f"Reachable, at revision {found}, which a newer version has made."
    return amber("database", newer, "Upgrade this replica, too.")


RESTORED_IN_PART = red(
    "database", "A backup has been restored into it only in part.", "Empty it, and restore the backup again."
)


def events(known: Iterable[Event], seen: Mapping[str, datetime], *, are_due: bool) -> list[Check]:
    """When each event was last received; ``are_due`` if an incident must have brought some."""
    return [_event(each, seen.get(each.name), are_due=are_due) for each in known]


def _event(event: Event, seen: datetime | None, *, are_due: bool) -> Check:
    name = f"event {event.name}"
    if seen is not None:
        return green(name, f"Last seen {_instant(seen)}.")
    if are_due and event.comes_with_incidents:
        return red(name, "Never seen, although an incident was declared.", _REINSTALL)
    return green(name, "Not seen yet.")


def connection(seen: datetime | None, now: datetime, *, is_http: bool) -> Check:
    """Whether Slack can reach a bot on this database; ``seen`` is when one last noted that it can."""
    name = "requests" if is_http else "socket"
    if seen is None:
        return amber(name, "No bot has been connected with this database yet.", "Start the bot.")
    if now - seen > _MISSED_BEATS:
        found = f"No bot has been connected since {_instant(seen)}."
        return red(name, found, "Start the bot; if it is running, its log says why it isn't connected.")
    return green(name, f"A bot was connected at {_instant(seen)}.")


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def calendar(name: str, role: str) -> Check:
    """The bot's access to the connected calendar, in Google's words; empty if the server doesn't say.

    https://developers.google.com/workspace/calendar/api/v3/reference/events/list
    """
    if role and role not in _WRITING_ROLES:
        share = f"Share {name} with the bot's account, with the permission to make changes to events."
        return red("calendar", f"{name} can be read, but not changed ({role}).", share)
    return green("calendar", f"{name} can be read{' and changed' if role else ''}.")


_WRITING_ROLES = frozenset({"writer", "owner"})


def slack_state(troubles: Iterable[str]) -> Check:
    """The titles of Slack's own incidents that aren't over; they are Slack's to fix."""
    titles = list(troubles)
    if not titles:
        return green("slack's state", "Slack reports no trouble.")
    return amber("slack's state", f"Slack reports: {'; '.join(titles)}.", "Wait until Slack has fixed it.")


def outbox(waiting: int, late: int, given_up: Iterable[tuple[str, str, int]]) -> list[Check]:
    """How many effects wait and are late, and (what, why, how many) of all that were given up."""
    dead = [
        red(
            "outbox",
            f"Given up: {what} ({why}){f', {count} times' if count > 1 else ''}.",
            _DECIDE if why.startswith(RESTORED) else _RETRY,
        )
        for what, why, count in given_up
    ]
    if late:
        found = f"{late} late; {waiting} waiting."
        return [red("outbox", found, "Check that the bot is running and reaches Slack."), *dead]
    failed = "Something has failed, but" if dead else "Nothing has failed, and"
    return [green("outbox", f"{failed} nothing is late; {waiting} waiting."), *dead]


_RETRY = "Fix the reason, then press Retry in `/incident doctor`."
_DECIDE = "Decide with app.py --restored; Retry doesn't touch it."


def is_ill(checks: Iterable[Check]) -> bool:
    """Whether something has to be fixed."""
    return any(each.light is Light.RED for each in checks)
