"""What admins set for their workspace."""

from __future__ import annotations

import re
from datetime import date

from bot.domain.incidents.calls import read_call
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.incidents.roles import read_roles
from bot.domain.kit.errors import (
    CountryUnknown,
    DayReversed,
    DaysOffUnreadable,
    LadderUnreadable,
    NotAdmin,
    NoWorkingDay,
    SettingsChanged,
    TextsKeptUnreadable,
)
from bot.domain.kit.text import cut
from bot.domain.settings import ReminderSettings, fingerprint
from bot.domain.surface.forms import SettingsInput
from bot.operations.kit.gate import begin, require_member
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import holidays_of
from storage import action_items, people, settings, workspace

_DAYS_IN = {"d": 1, "w": 7, "m": 30, "y": 365}
"""The first letter of a unit -> its days. "18 months" needn't be exact to the day."""
_MIN_KEPT, _MAX_KEPT = 30, 3650
_MAX_RUNGS, _FURTHEST, _MAX_DAYS_OFF, _LAST_HOUR = 12, 60, 100, 23
_CHANGED_BY = "settings_by"


class WorkspaceSettings(Operations):
    """Reads and changes the settings; only admins may."""

    @reading
    def get(self, tx: Tx, *, by: str) -> ReminderSettings:
        """The current settings; raises ``NotAllowed`` and ``NotAdmin``."""
        _require_admin(tx, by)
        return settings.get(tx.connection)

    @transaction
    def save(self, tx: Tx, filled: SettingsInput, *, by: str, key: str) -> ReminderSettings:
        """Check and store what was filled in, and have every reminder planned again.

        Raises errors that name their field, and ``SettingsChanged`` if somebody else got there first.
        """
        is_new = begin(tx, by, key)
        _require_admin(tx, by)
        before = settings.get(tx.connection)
        if not is_new:
            return before
        if filled.was != fingerprint(before):
            other = people.get(tx.connection, workspace.get(tx.connection, _CHANGED_BY) or by)
            raise SettingsChanged(by=other.id if other else by, name=other.name if other else by)
        hour = min(max(int(filled.hour), 0), _LAST_HOUR)
        wanted = ReminderSettings(
            ladder=_ladder(filled.ladder),
            hour=hour,
            until=_until(filled.until, hour),
            working_days=_working_days(filled.working_days),
            country=_country(filled.country),
            days_off=_days_off(filled.days_off),
            postmortems_for=_severities(filled.postmortems_for),
            texts_kept=_texts_kept(filled.texts_kept),
            roles=read_roles(filled.roles),
            call_link=read_call(filled.call_link) if filled.call_link.strip() else None,
        )
        settings.save(tx.connection, wanted)
        workspace.save(tx.connection, _CHANGED_BY, by)
        action_items.look_at_all(tx.connection, tx.now)
        return wanted


def _require_admin(tx: Tx, user_id: str) -> None:
    if not require_member(tx, user_id).is_admin:
        raise NotAdmin


def _ladder(typed: str) -> tuple[int, ...]:
    words = [word for word in re.split(r"[\s,;]+", typed.replace("−", "-")) if word]
    if not words or not all(re.fullmatch(r"[+-]?\d{1,2}", word, re.ASCII) for word in words):
        raise LadderUnreadable
    rungs = tuple(sorted({int(word) for word in words}))
    if len(rungs) > _MAX_RUNGS or any(abs(rung) > _FURTHEST for rung in rungs):
        raise LadderUnreadable
    return rungs


def _until(chosen: str, hour: int) -> int:
    until = min(int(chosen), _LAST_HOUR + 1)
    if until <= hour:
        raise DayReversed
    return until


def _working_days(chosen: tuple[str, ...]) -> tuple[int, ...]:
    days = tuple(sorted({int(each) for each in chosen if each in "0123456" and len(each) == 1}))
    if not days:
        raise NoWorkingDay
    return days


def _severities(chosen: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.value for each in IncidentSeverity if each.value in chosen)


def _country(typed: str) -> str | None:
    code = typed.strip().upper()
    if not code:
        return None
    try:
        holidays_of(code)
    except NotImplementedError as error:
        raise CountryUnknown(typed=cut(typed.strip(), 30)) from error
    return code


def _days_off(typed: str) -> tuple[date, ...]:
    found: set[date] = set()
    for line in filter(None, (each.strip() for each in re.split(r"[\n,;]+", typed))):
        try:
            found.add(date.fromisoformat(line))
        except ValueError as error:
            raise DaysOffUnreadable(typed=cut(line, 30)) from error
    if len(found) > _MAX_DAYS_OFF:
        raise DaysOffUnreadable(typed=f"{len(found)} dates")
    return tuple(sorted(found))


def _texts_kept(typed: str) -> int | None:
    if not typed.strip():
        return None
    found = re.fullmatch(r"\s*(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?|)\s*", typed.lower(), re.ASCII)
    days = int(found[1]) * _DAYS_IN[found[2][:1] or "d"] if found else 0
    if not _MIN_KEPT <= days <= _MAX_KEPT:
        raise TextsKeptUnreadable
    return days
