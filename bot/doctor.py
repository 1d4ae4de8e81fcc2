"""``python app.py --doctor``: checks everything that the bot needs, also while it runs.

It opens no socket, which would take requests away from the running bot; it takes no lock and runs no
migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from slack_sdk.errors import SlackApiError

from bot import config
from bot.bootstrap import utc_now
from bot.config import Settings, SettingsError
from bot.domain.surface import checkup
from bot.domain.surface.checkup import Check, amber, green, red
from bot.effects.calendars import connect
from bot.effects.clients import Web, granted_scopes, header
from bot.effects.failures import CallFailed, from_exception
from bot.network import in_words
from bot.operations.checkup import Checkup
from bot.operations.startup import Startup
from bot.views import doctor as view
from bot.views.kit.labels import effect_label
from bot.views.kit.remedies import with_code
from storage import urls
from storage.database import Database
from storage.migrations import HEAD
from storage.reasons import reason

_TIMEOUT = 10
"""Seconds for each call."""
_TOKENS = "Copy both tokens again from the app's settings at https://api.slack.com/apps, and restart the bot."


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
    channel = None
    if database is None:
        yield checkup.revision("", HEAD)
    else:
        try:
            yield from _database(database)
            channel = _announcements(database, settings)
        except Exception as error:  # noqa: BLE001 - every failure is reported
            why = database.trouble or reason(error) or type(error).__name__
            yield red("database", f"It can't be used: {why}.", "Check DATABASE_URL, and that it is running.")
        finally:
            database.close()
    yield from _slack(settings, channel)
    yield _calendar(settings)


def _existing(settings: Settings) -> Database | None:
    """The database, or ``None`` for a SQLite file that isn't there: opening it would make it."""
    path = urls.sqlite_path(settings.database_url)
    if path is not None and not Path(path).exists():
        return None
    return Database(settings.database_url, 2)


def _database(database: Database) -> Iterator[Check]:
    found = Checkup(database, utc_now)
    revision = found.revision()
    yield checkup.revision(revision, HEAD)
    if revision >= HEAD:
        late, given_up = found.outbox()
        yield from checkup.outbox(late, [(effect_label(kind), with_code(why)) for kind, why in given_up])


def _announcements(database: Database, settings: Settings) -> str | None:
    return Startup(database, utc_now).announcements_channel(settings.incidents_channel)


def _slack(settings: Settings, channel: str | None) -> Iterator[Check]:
    client = Web(settings.network, settings.slack_api_url, _TIMEOUT, settings.slack_bot_token)
    before = utc_now()
    try:
        answer = client.auth_test()
    except Exception as error:  # noqa: BLE001 - every failure is reported
        yield _refused("slack", error)
        return
    yield green("slack", f"The bot token works: {answer.get('user')} in {answer.get('team')}.")
    if at := header(answer, "date"):
        # The header has whole seconds.
        yield checkup.clock(parsedate_to_datetime(at).astimezone(UTC) - before.replace(microsecond=0))
    if settings.slack_app_token:
        yield _app_token(client, settings.slack_app_token)
    yield from checkup.scopes(granted_scopes(answer))
    yield _channel(client, settings.incidents_channel, channel)


def _refused(name: str, error: Exception) -> Check:
    if isinstance(error, SlackApiError):
        return red(name, f"Slack refuses the token: {error.response['error']}.", _TOKENS)
    failure = from_exception(error)
    found = f"Slack can't be reached: {in_words(failure.code) or failure.code}."
    return red(name, found, "Check the network, HTTPS_PROXY and the certificates.")


def _app_token(client: Web, token: str) -> Check:
    """The app-level token is tried by asking for a socket's address, which isn't opened."""
    try:
        client.apps_connections_open(app_token=token)
    except Exception as error:  # noqa: BLE001 - every failure is reported
        return _refused("app token", error)
    return green("app token", "It works.")


def _channel(client: Web, name: str, channel: str | None) -> Check:
    if channel is None:
        return amber("announcements", f"#{name} isn't known yet.", "Start the bot: it finds or creates it.")
    remedy = f"Invite the bot to #{name}, or unarchive the channel."
    try:
        found = client.conversations_info(channel=channel)["channel"]
    except SlackApiError as error:
        return red("announcements", f"#{name} can't be used: {error.response['error']}.", remedy)
    except Exception as error:  # noqa: BLE001 - every failure is reported
        return _refused("announcements", error)
    if found.get("is_archived"):
        return red("announcements", f"#{name} is archived.", remedy)
    if not found.get("is_member"):
        return red("announcements", f"The bot isn't in #{name}.", remedy)
    return green("announcements", f"They go to #{found.get('name') or name}.")


def _calendar(settings: Settings) -> Check:
    try:
        calendar = connect(settings, utc_now)
    except SettingsError as error:
        return red("calendar", f"{error}.", "Fix that setting.")
    if calendar.id is None:
        return green("calendar", "None is connected, so meetings come as files.")
    try:
        next(iter(calendar.changes(None, _lately(), lambda _ids: ())), None)
    except CallFailed as error:
        what = in_words(error.code) or error.code
        return red("calendar", f"It can't be read: {what}.", "See docs/google.md, then restart the bot.")
    finally:
        calendar.close()
    return green("calendar", f"{calendar.id} can be read.")


def _lately() -> datetime:
    return utc_now() - timedelta(minutes=1)
