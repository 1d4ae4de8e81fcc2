"""The settings that a team can change while the bot runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.codec import COLUMNS, dump, load
from bot.domain.settings import ReminderSettings, SettingsChange, SettingsGroup, TeamSettings
from bot.domain.settings_fields import names_in
from storage import workspace

_KEY, _FILE, _ZONE = "settings", "settings_file", "default_timezone"
_CHANGED, _FIELD_CHANGED = "settings_by:", "settings_field_by:"


def get(tx: Connection) -> ReminderSettings:
    """The settings that count: what the file sets, else what was set in Slack, else the defaults."""
    return of_team(tx).effective


def of_team(tx: Connection) -> TeamSettings:
    """The settings with where they come from, but not who changed them."""
    found = workspace.several(tx, (_KEY, _FILE))
    own, file = json.loads(found.get(_KEY, "{}")), json.loads(found.get(_FILE, "{}"))
    values = file.get("values", {})
    return TeamSettings(
        _read({**own, **values}), _read(own), frozenset(values), file.get("name", ""), file.get("digest", "")
    )


def lock(tx: Connection) -> TeamSettings:
    """Like :func:`of_team`, before changing some: others who want to do that wait for this transaction."""
    workspace.lock(tx, _KEY, json.dumps(dump(ReminderSettings())))
    return of_team(tx)


def save(tx: Connection, settings: ReminderSettings) -> None:
    """Replace the settings; what only a newer release knows of them stays."""
    workspace.save(tx, _KEY, json.dumps({**dump(settings), **_newer(tx)}))


def _newer(tx: Connection) -> dict[str, Any]:
    """The stored fields that this release doesn't know: during a deploy, a newer one is at work, too."""
    stored, known = workspace.get(tx, _KEY), {each.name for each in fields(ReminderSettings)}
    return {name: value for name, value in json.loads(stored or "{}").items() if name not in known}


def save_file(tx: Connection, name: str, digest: str, values: Mapping[str, Any]) -> None:
    """Have these settings count instead of those set in Slack; without a name, there is no file."""
    if name:
        kept = {each: dump(value) for each, value in values.items()}
        workspace.save(tx, _FILE, json.dumps({"name": name, "digest": digest, "values": kept}))
    else:
        workspace.forget(tx, _FILE)


def changes(tx: Connection) -> dict[SettingsGroup, SettingsChange]:
    """Who last changed each group of settings; groups that nobody has changed are left out."""
    found = _noted(tx, _CHANGED, tuple(SettingsGroup))
    return {SettingsGroup(name): each for name, each in found.items()}


def changes_of_fields(tx: Connection, group: SettingsGroup) -> dict[str, SettingsChange]:
    """Who last changed each field of the group; fields of which nobody knows are left out."""
    found = _noted(tx, _FIELD_CHANGED, names_in(group))
    # An earlier release only notes the group: after that, any of these may be out of date.
    return found if changes(tx).get(group) in found.values() else {}


def note_change(tx: Connection, group: SettingsGroup, names: Collection[str], by: str, now: datetime) -> None:
    """Store who changes these fields of the group now."""
    if not changes_of_fields(tx, group):
        for name in names_in(group):
            workspace.forget(tx, f"{_FIELD_CHANGED}{name}")
    text = json.dumps({"by": by, "at": now.isoformat()})
    for key in (f"{_CHANGED}{group.value}", *(f"{_FIELD_CHANGED}{name}" for name in names)):
        workspace.save(tx, key, text)


def _noted(tx: Connection, prefix: str, known: Collection[str]) -> dict[str, SettingsChange]:
    """Another version may know other names."""
    kept = workspace.beginning_with(tx, prefix)
    return {
        name: load(SettingsChange, json.loads(text), COLUMNS) for name, text in kept.items() if name in known
    }


def default_zone(tx: Connection) -> str:
    """The time zone of people whose time zone Slack doesn't know."""
    return workspace.get(tx, _ZONE) or "UTC"


def save_default_zone(tx: Connection, name: str) -> None:
    """Store the time zone that the environment names."""
    workspace.save(tx, _ZONE, name)


def _read(stored: Mapping[str, Any]) -> ReminderSettings:
    return load(ReminderSettings, stored, COLUMNS)
