"""The settings that a team can change while the bot runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.codec import COLUMNS, dump, load
from bot.domain.settings import ReminderSettings, SettingsChange, SettingsGroup, TeamSettings
from storage import workspace

_KEY, _FILE, _ZONE, _CHANGED = "settings", "settings_file", "default_timezone", "settings_by:"


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
    kept = workspace.beginning_with(tx, _CHANGED)
    known = {each.value: each for each in SettingsGroup}
    # Another version may know other groups.
    return {
        known[name]: load(SettingsChange, json.loads(text)) for name, text in kept.items() if name in known
    }


def note_change(tx: Connection, group: SettingsGroup, by: str, now: datetime) -> None:
    """Store who changes the group's settings now."""
    workspace.save(tx, f"{_CHANGED}{group.value}", json.dumps({"by": by, "at": now.isoformat()}))


def default_zone(tx: Connection) -> str:
    """The time zone of people whose time zone Slack doesn't know."""
    return workspace.get(tx, _ZONE) or "UTC"


def save_default_zone(tx: Connection, name: str) -> None:
    """Store the time zone that the environment names."""
    workspace.save(tx, _ZONE, name)


def _read(stored: Mapping[str, Any]) -> ReminderSettings:
    return load(ReminderSettings, stored, COLUMNS)
