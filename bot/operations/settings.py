"""What admins set for their workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from bot.domain.kit.errors import (
    BotError,
    MeetUnavailable,
    OutdatedButton,
    SetByFile,
    SettingsChanged,
)
from bot.domain.kit.people import Viewer
from bot.domain.kit.working_days import zone_of
from bot.domain.settings import (
    CALL_FROM_CALENDAR,
    ReminderSettings,
    SettingsGroup,
    TeamSettings,
    fingerprint,
    fingerprint_of_all,
)
from bot.domain.settings_fields import BY_NAME, Menu, check_together, has_form, names_in
from bot.domain.surface.answers import SettingsHome
from bot.domain.surface.forms import SettingsInput
from bot.domain.surface.shown import FieldChange, SettingsFormShown, SettingsShown
from bot.operations.kit.comers import check_group, check_person
from bot.operations.kit.gate import begin, require_admin
from bot.operations.kit.names import namer
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.settings_checks import checked
from storage import action_items, calendar, groups, people, settings


class WorkspaceSettings(Operations):
    """Reads and changes the settings; only admins may."""

    @reading
    def get(self, tx: Tx, *, by: str) -> ReminderSettings:
        """The current settings; raises ``NotAllowed`` and ``NotAdmin``."""
        require_admin(tx, by)
        return settings.get(tx.connection)

    @reading
    def of_team(self, tx: Tx) -> TeamSettings:
        """The settings with where they come from, for the bot itself."""
        return settings.of_team(tx.connection)

    @reading
    def form(self, tx: Tx, group: str, *, by: str) -> SettingsFormShown:
        """What the group's form opens with; raises ``OutdatedButton`` if there is no such group."""
        require_admin(tx, by)
        try:
            chosen = SettingsGroup(group)
        except ValueError as error:
            raise OutdatedButton from error
        if not has_form(chosen):
            raise OutdatedButton
        found, makes_calls = groups.all_enabled(tx.connection), calendar.makes_calls(tx.connection)
        return SettingsFormShown(chosen, as_set(tx), tuple(found), makes_calls, _changed(tx, chosen, by))

    @transaction
    def save(self, tx: Tx, filled: SettingsInput, *, by: str, key: str) -> ReminderSettings:
        """Check and store what was filled in, and have every reminder planned again; fields left out stay.

        Raises errors that name their field, and ``SettingsChanged`` if somebody else has changed any setting
        of that form since it was opened.
        """
        is_new = begin(tx, by, key)
        require_admin(tx, by)
        team = settings.lock(tx.connection)
        before = team.own
        if not is_new:
            return before
        if filled.was != _fingerprint(before, filled.group):
            raise changed_by_other(tx, filled.group, by, _changed_since(filled, before))
        wanted = _read(filled, before)
        _check_comers(tx, filled, before)
        _leave_file(team, wanted)
        _check_call(tx, before, wanted)
        settings.save(tx.connection, wanted)
        for group in SettingsGroup:
            if names := _differing(before, wanted, group):
                settings.note_change(tx.connection, group, names, by, tx.now)
        action_items.look_at_all(tx.connection, tx.now)
        return wanted

    @transaction
    def use_file(self, tx: Tx, name: str, digest: str, values: Mapping[str, Any]) -> bool:
        """Make this file's settings count in all replicas; returns whether that is news.

        Without a name, no file's settings count.
        """
        found = settings.lock(tx.connection)
        if (found.file, found.digest) == (name, digest):
            return False
        settings.save_file(tx.connection, name, digest, values)
        action_items.look_at_all(tx.connection, tx.now)
        return True


def show_settings(tx: Tx, _asked: SettingsHome, viewer: Viewer) -> SettingsShown:
    """The settings for an answer; raises ``NotAdmin``."""
    if isinstance(viewer, str):
        require_admin(tx, viewer)
    return SettingsShown(as_set(tx))


def as_set(tx: Tx) -> TeamSettings:
    """The settings with where they come from."""
    return replace(settings.of_team(tx.connection), changes=settings.changes(tx.connection))


def _changed(tx: Tx, group: SettingsGroup, reader: str) -> dict[str, FieldChange]:
    """Who last changed each field of the group, for this reader."""
    person = tx.once(people.get, reader)
    zone = zone_of(person.tz if person else None, settings.default_zone(tx.connection))
    found = settings.changes_of_fields(tx.connection, group)
    return {
        name: FieldChange(_name(tx, each.by), each.at.astimezone(zone).date()) for name, each in found.items()
    }


def _name(tx: Tx, user_id: str) -> str | None:
    person = tx.once(people.get, user_id)
    return person.name if person and not person.is_erased else None


def _fingerprint(found: ReminderSettings, group: SettingsGroup | None) -> str:
    return fingerprint(found, names_in(group)) if group else fingerprint_of_all(found)


def _changed_since(filled: SettingsInput, now: ReminderSettings) -> list[str]:
    """The fields that aren't what the form showed."""
    known = ((name, was) for name, was in filled.fields.items() if name in BY_NAME)
    return [name for name, was in known if fingerprint(now, (name,)) != was]


def _read(filled: SettingsInput, before: ReminderSettings) -> ReminderSettings:
    """The settings with what was filled in; raises errors that name their field."""
    read: dict[str, Any] = {}
    for name, typed in filled.values.items():
        setting = BY_NAME[name]
        # A form has text where the setting is typed, and options where it is chosen.
        try:
            read[name] = checked(setting, setting.typed.read(typed))  # type: ignore[arg-type]
        except BotError as error:
            error.field = error.field or name
            raise
    wanted = replace(before, **read)
    check_together(wanted)
    return wanted


def _check_comers(tx: Tx, filled: SettingsInput, before: ReminderSettings) -> None:
    """Raise an error at the field that newly names somebody who can't come to incidents."""
    for name, typed in filled.values.items():
        menu = BY_NAME[name].typed
        if not isinstance(menu, Menu):
            continue
        for each in menu.read(typed):
            if each in getattr(before, name):
                continue
            try:
                (check_group if menu.is_of_groups else check_person)(tx, each)
            except BotError as error:
                error.field = name
                raise


def _leave_file(team: TeamSettings, wanted: ReminderSettings) -> None:
    """Raise ``SetByFile`` at a field that was changed in a form, and that the file now sets."""
    for name in team.from_file:
        if getattr(wanted, name) != getattr(team.own, name):
            error = SetByFile(file=team.file)
            error.field = name
            raise error


def _check_call(tx: Tx, before: ReminderSettings, wanted: ReminderSettings) -> None:
    """Raise ``MeetUnavailable`` if the calendar was chosen to set up calls, and can't."""
    is_new = wanted.call_from != before.call_from
    if is_new and wanted.call_from == CALL_FROM_CALENDAR and not calendar.makes_calls(tx.connection):
        raise MeetUnavailable


def _differing(before: ReminderSettings, after: ReminderSettings, group: SettingsGroup) -> list[str]:
    return [name for name in names_in(group) if getattr(before, name) != getattr(after, name)]


def changed_by_other(
    tx: Tx, group: SettingsGroup | None, by: str, names: Collection[str] = ()
) -> SettingsChanged:
    """The error that says who last changed one of these fields.

    If nobody knows, it says who last changed the group, or any group if it's ``None``.
    """
    of_fields = settings.changes_of_fields(tx.connection, group) if group else {}
    of_groups = settings.changes(tx.connection)
    theirs = [each for name, each in of_fields.items() if name in names] or [
        each for name, each in of_groups.items() if group in {None, name}
    ]
    latest = max(theirs, key=lambda each: each.at).by if theirs else by
    return SettingsChanged(by=latest, name=namer(tx).person(latest))
