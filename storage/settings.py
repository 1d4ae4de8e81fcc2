"""What a team tunes while running."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from sqlalchemy import Connection

from bot.domain.settings import ReminderSettings
from storage import workspace

_KEY, _ZONE = "settings", "default_timezone"


def get(tx: Connection) -> ReminderSettings:
    """The settings, or the defaults."""
    stored = workspace.get(tx, _KEY)
    if stored is None:
        return ReminderSettings()
    values = json.loads(stored)
    return ReminderSettings(
        ladder=tuple(values["ladder"]),
        hour=values["hour"],
        until=values.get("until", ReminderSettings().until),
        working_days=tuple(values["working_days"]),
        country=values["country"],
        days_off=tuple(map(date.fromisoformat, values["days_off"])),
        postmortems_for=tuple(values.get("postmortems_for", ReminderSettings().postmortems_for)),
    )


def put(tx: Connection, settings: ReminderSettings) -> None:
    """Replace the settings."""
    workspace.put(tx, _KEY, json.dumps(asdict(settings), default=date.isoformat))


def default_zone(tx: Connection) -> str:
    """The zone of people of whom Slack tells none."""
    return workspace.get(tx, _ZONE) or "UTC"


def put_default_zone(tx: Connection, name: str) -> None:
    """Note the zone that the environment names."""
    workspace.put(tx, _ZONE, name)
