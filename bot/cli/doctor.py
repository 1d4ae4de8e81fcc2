"""``python app.py --doctor``: checks everything that the bot needs, also while it runs.

It opens no socket, which would take requests away from the running bot; it takes no lock and runs no
migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot import config
from bot.bootstrap import utc_now
from bot.config import Settings, SettingsError
from bot.domain.kit.errors import RestoreUnfinished
from bot.domain.surface import checkup
from bot.domain.surface.checkup import Check, green, red
from bot.effects import checkup as calls
from bot.effects.calendars import connect
from bot.listeners import EVENTS
from bot.operations.checkup import Checkup
from bot.operations.startup import Startup
from bot.views import doctor as view
from storage import urls
from storage.database import Database
from storage.migrations import HEAD
from storage.reasons import reason


def examine() -> tuple[str, bool]:
    """Check everything; returns the text to print, and whether something is red."""
    try:
        settings = config.load()
    except SettingsError as error:
        checks = [_setting(line) for line in str(error).splitlines()]
    else:
        checks = [green("settings", "All settings can be used."), *_found(settings)]
    return view.report(checks), checkup.is_ill(checks)


def _setting(problem: str) -> Check:
    name, _, what = problem.partition(" ")
    found, _, remedy = what.partition(": ")
    return red(f"setting {name}", f"It {found}.", f"{remedy[:1].upper()}{remedy[1:]}.")


def _found(settings: Settings) -> Iterator[Check]:
    database = _existing(settings)
    channel: str | None = ""
    if database is None:
        yield checkup.revision("", HEAD)
    else:
        try:
            yield from _database(database, settings)
            channel = _channel(database, settings)
        except Exception as error:  # noqa: BLE001 - every failure is reported
            channel = None
            why = database.trouble or reason(error) or type(error).__name__
            yield red("database", f"It can't be used: {why}.", "Check DATABASE_URL, and that it is running.")
        finally:
            database.close()
    yield from calls.slack(settings, channel, utc_now)
    yield _calendar(settings)
    yield from calls.slack_state(settings.network, settings.status_url)


def _channel(database: Database, settings: Settings) -> str:
    """The id of the announcements channel; empty until it is known."""
    if not database.has_tables():
        return ""
    return Startup(database, utc_now).announcements_channel(settings.incidents_channel) or ""


def _existing(settings: Settings) -> Database | None:
    """The database, or ``None`` for a SQLite file that isn't there: opening it would create it."""
    path = urls.sqlite_path(settings.database_url)
    if path is not None and not Path(path).exists():
        return None
    return Database(settings.database_url, 2)


def _database(database: Database, settings: Settings) -> Iterator[Check]:
    found = Checkup(database, utc_now)
    revision = found.revision()
    try:
        if revision:
            Startup(database, utc_now).require_whole_restore()
    except RestoreUnfinished:
        yield checkup.RESTORED_IN_PART
        return
    yield checkup.revision(revision, HEAD)
    if revision >= HEAD:
        yield calls.settings_file(settings.muster_settings, found.settings())
        yield from calls.outbox(found)
        yield from calls.received(found, EVENTS, is_http=settings.is_http)


def _calendar(settings: Settings) -> Check:
    try:
        calendar = connect(settings, utc_now)
    except SettingsError as error:
        return red("calendar", f"{error}.", "Fix that setting.")
    try:
        return calls.calendar(calendar)
    finally:
        calendar.close()
