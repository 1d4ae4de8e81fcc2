"""What the doctor asks of Slack and the calendar: reads only, and nothing that a running bot would notice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.request import Request

from slack_sdk.web.slack_response import SlackResponse

from bot.config import Settings
from bot.domain.outbox.effects import Examine, TellLacking
from bot.domain.outbox.rows import Claimed, Outcome
from bot.domain.settings import TeamSettings
from bot.domain.surface import checkup
from bot.domain.surface.checkup import Check, amber, green, red
from bot.domain.surface.slack_app import SCOPES, Event
from bot.effects.calendars import Calendar
from bot.effects.clients import Web, granted_scopes, header
from bot.effects.failures import CallFailed, from_call, from_exception, is_busy, is_refused, obstacle_in_words
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.network import Network, in_words
from bot.operations.checkup import Checkup
from bot.operations.kit.transaction import Clock
from bot.operations.startup import Startup
from bot.settings_file import file
from bot.settings_file.nodes import Unusable
from bot.views.doctor import examined, lacking
from bot.views.kit.labels import effect_label
from bot.views.kit.remedies import plain_with_code
from bot.views.setup import known_refusal
from storage.migrations import HEAD

TIMEOUT = 10
"""Seconds for each call."""
_APP_TOKEN = "app token"  # noqa: S105 - the name of a check
_TOKENS = "Copy both tokens again from the app's settings at https://api.slack.com/apps, and restart the bot."


class CheckupPerformers:
    """Performs the check that an admin asks for in Slack."""

    def __init__(
        self,
        settings: Settings,
        found: Checkup,
        startup: Startup,
        calendar: Calendar,
        posts: PostPerformers,
        events: Iterable[Event],
    ) -> None:
        """``events`` are the app's subscriptions."""
        self._settings, self._found, self._startup = settings, found, startup
        self._calendar, self._posts, self._events = calendar, posts, tuple(events)

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {Examine: self.examine, TellLacking: self.tell_lacking}

    def examine(self, effect: Examine, row: Claimed) -> Outcome:
        """Check everything but the outbox, which the admin has already seen, and show what isn't green."""
        return self._posts.show_to(effect, row, examined(list(self._checks())))

    def tell_lacking(self, effect: TellLacking, row: Claimed) -> Outcome:
        """Send an admin what the app lacks, and what it can't do until then."""
        needed = [each for each in SCOPES if each.name in effect.scopes]
        return self._posts.write_to(effect.user_id, row, lacking(needed))

    def _checks(self) -> Iterator[Check]:
        settings = self._settings
        yield green("settings", "All settings can be used.")
        yield settings_file(settings.muster_settings, self._found.settings())
        yield checkup.revision(self._found.revision(), HEAD)
        yield from received(self._found, self._events, is_http=settings.is_http)
        channel = self._startup.announcements_channel(settings.incidents_channel) or ""
        yield from slack(settings, channel, self._found.clock)
        yield calendar(self._calendar)
        yield from slack_state(settings.network, settings.status_url)


def slack(settings: Settings, channel: str | None, clock: Clock) -> Iterator[Check]:
    """Both tokens, the clock, the scopes, and the announcements channel.

    ``channel`` is its id, empty until the bot has found it; ``None`` leaves it out.
    """
    client = Web(settings.network, settings.slack_api_url, TIMEOUT, settings.slack_bot_token)
    before = clock()
    try:
        answer = client.auth_test()
    except Exception as error:  # noqa: BLE001 - every failure is reported
        yield _refused("slack", error, before)
        return
    yield green("slack", f"The bot token works: {answer.get('user')} in {answer.get('team')}.")
    yield from clock_check(answer, before)
    if settings.slack_app_token:
        yield _app_token(client, settings.slack_app_token, before)
    yield from checkup.scopes(granted_scopes(answer))
    if channel is not None:
        yield _channel(client, settings.incidents_channel, channel, before)


def settings_file(path: str, team: TeamSettings) -> Check:
    """Whether the settings file can be used and is in force; ``team`` has the settings in force."""
    try:
        found = file.load(path)
    except Unusable as error:
        return checkup.settings_file(path, [str(each) for each in error.problems])
    lacking, is_in_force = [str(each) for each in file.lacking(found, team)], file.is_in_force(found, team)
    if lacking:
        return checkup.settings_file_lacks(lacking, is_in_force=is_in_force)
    return checkup.settings_file(path, [], len(found.values), is_in_force=is_in_force)


def clock_check(answer: SlackResponse, before: datetime) -> list[Check]:
    """How far our clock, which said ``before``, is from Slack's; nothing if the answer has no date."""
    at = header(answer, "date")
    # The header has whole seconds.
    behind = parsedate_to_datetime(at).astimezone(UTC) - before.replace(microsecond=0) if at else None
    return [checkup.clock(behind)] if behind is not None else []


def _refused(name: str, error: Exception, now: datetime) -> Check:
    failure = from_call(error, now)
    if is_refused(failure):
        remedy = known_refusal(failure.code, is_app_token=name == _APP_TOKEN)
        return red(name, f"Slack refuses the token: {failure.code}.", remedy or _TOKENS)
    if is_busy(failure):
        return red(name, f"Slack can't answer now: {failure.code}.", "Try again in a minute.")
    found = f"Slack can't be reached: {obstacle_in_words(failure)}."
    return red(name, found, "Check the network, HTTPS_PROXY and the certificates.")


def _app_token(client: Web, token: str, now: datetime) -> Check:
    """Whether the app-level token works: it can get the address of a socket, which isn't opened."""
    try:
        client.apps_connections_open(app_token=token)
    except Exception as error:  # noqa: BLE001 - every failure is reported
        return _refused(_APP_TOKEN, error, now)
    return green(_APP_TOKEN, "It works.")


def _channel(client: Web, name: str, channel: str, now: datetime) -> Check:
    if not channel:
        return amber("announcements", f"#{name} isn't known yet.", "Start the bot: it finds or creates it.")
    remedy = f"Invite the bot to #{name}, or unarchive the channel."
    try:
        found = client.conversations_info(channel=channel)["channel"]
    except Exception as error:  # noqa: BLE001 - every failure is reported
        return _unseen(error, name, remedy, now)
    if found.get("is_archived"):
        return red("announcements", f"#{name} is archived.", remedy)
    if not found.get("is_member"):
        return red("announcements", f"The bot isn't in #{name}.", remedy)
    return green("announcements", f"They go to #{found.get('name') or name}.")


def _unseen(error: Exception, name: str, remedy: str, now: datetime) -> Check:
    failure = from_call(error, now)
    if failure.code == "missing_scope":
        # The line about that scope is red.
        return amber("announcements", f"#{name} can't be looked at without a scope.", "Grant it: see above.")
    if is_refused(failure):
        return red("announcements", f"#{name} can't be used: {failure.code}.", remedy)
    return _refused("announcements", error, now)


def outbox(found: Checkup) -> list[Check]:
    """What waits, is late, or was given up."""
    waiting, late, given_up = found.outbox()
    told = [(effect_label(kind), plain_with_code(why), count) for kind, why, count in given_up]
    return checkup.outbox(waiting, late, told)


def received(found: Checkup, events: Iterable[Event], *, is_http: bool) -> Iterator[Check]:
    """What the running bots have noted: their connection, and each event."""
    seen, are_due = found.seen()
    yield checkup.connection(seen.get(checkup.BEATING), found.clock(), is_http=is_http)
    yield from checkup.events(events, seen, are_due=are_due)


def calendar(connected: Calendar) -> Check:
    """Whether the calendar can be read and changed."""
    if connected.id is None:
        return green("calendar", "None is connected, so meetings come as files.")
    try:
        return checkup.calendar(connected.id, connected.access())
    except CallFailed as error:
        what = in_words(error.code) or error.code
        remedy = "Check the account and the calendar's sharing, then restart the bot."
        return red("calendar", f"It can't be read: {what}.", remedy)


def slack_state(network: Network, url: str) -> Iterator[Check]:
    """Whether Slack itself reports trouble; nothing without a URL.

    https://docs.slack.dev/reference/slack-status-api
    """
    if not url:
        return
    try:
        with network.opener.open(Request(url), timeout=TIMEOUT) as answer:  # noqa: S310 - a setting
            active = json.load(answer).get("active_incidents") or []
            yield checkup.slack_state([str(each.get("title") or "an incident") for each in active])
    except Exception as error:  # noqa: BLE001 - every failure is reported
        code = from_exception(error).code
        found = f"Slack's status page can't be read: {in_words(code) or code}."
        yield amber("slack's state", found, "Nothing depends on it; SLACK_STATUS_URL=off leaves it out.")
