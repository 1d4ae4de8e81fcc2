"""``--check-settings`` and ``--print-settings``: the team's settings as a file."""

from __future__ import annotations

from pathlib import Path

from bot import config
from bot.bootstrap import utc_now
from bot.config import Settings
from bot.domain.settings import DEFAULTS, TeamSettings
from bot.operations.checkup import Checkup
from bot.settings_file import file, roles
from bot.settings_file.nodes import Unusable
from bot.settings_file.printed import printed
from storage import urls
from storage.database import Database


def check(path: str) -> tuple[str, bool]:
    """Check a settings file; returns what to print, and whether it can be used."""
    name = Path(path).name or "."
    try:
        found = file.parsed(path, file.content_of(path))
    except Unusable as error:
        return "\n".join(f"{name}: {each}" for each in error.problems), False
    said = [f"OK: {name} sets {len(found.values)} of the settings."]
    return "\n".join([*said, *(f"{name}: {each}" for each in roles.assumptions(found.roles))]), True


def show() -> str:
    """The settings in force, as a file that could set them all; raises ``SettingsError``."""
    settings = config.load_for_settings()
    stored = _stored(settings)
    path = settings.muster_settings
    return printed(file.with_file(stored.own, file.load(path)) if path else stored)


def _stored(settings: Settings) -> TeamSettings:
    """What the database has, or the defaults if there is none yet: opening it would create it."""
    path = urls.sqlite_path(settings.database_url)
    if path is not None and not Path(path).exists():
        return _UNSET
    database = Database(settings.database_url, 2)
    try:
        return Checkup(database, utc_now).settings() if database.has_tables() else _UNSET
    finally:
        database.close()


_UNSET = TeamSettings(DEFAULTS, DEFAULTS)
