"""Builds the bot: the only place that wires, picks the clock, and knows every part. Tests call it too."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.bolt import Whoami, bolt
from bot.config import Settings
from bot.connection import SILENCE_LIMIT, Connection
from bot.effects.channels import ChannelPerformers
from bot.effects.directory import Directory, PeoplePerformers
from bot.effects.forms import Forms
from bot.effects.history import HistoryPerformers
from bot.effects.items import ItemPerformers
from bot.effects.performers import performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack, posting_client
from bot.health import Health
from bot.life import Bot, Progress
from bot.listeners import register
from bot.listeners.commands import COMMANDS
from bot.listeners.services import Services
from bot.meter import Meter
from bot.operations.action_items import ActionItemTracker
from bot.operations.answers import Answers
from bot.operations.channels import Channels
from bot.operations.deliveries import Deliveries
from bot.operations.incidents import IncidentManager
from bot.operations.item_reads import ItemReads
from bot.operations.people import People
from bot.operations.reminding import Reminders
from bot.operations.settings import WorkspaceSettings
from bot.operations.timeline import TimelineRecorder
from bot.operations.transaction import Clock
from bot.requests import Requests
from bot.worker import Worker
from storage.database import Database

if TYPE_CHECKING:
    from bot.http.metrics import Metrics
    from bot.http.server import Server

__all__ = ["Bot", "build", "utc_now"]

HURRIED_TIMEOUT = 1
"""Seconds for the one call before an ack: who is this person?"""


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


def build(settings: Settings, clock: Clock = utc_now, *, silence_limit: float = SILENCE_LIMIT) -> Bot:
    """Wire everything together; nothing is started and nothing is on the network yet."""
    database = Database(settings.database_url)
    slack = Slack(posting_client(settings.slack_bot_token, settings.slack_api_url), clock)
    hurried = Slack(
        posting_client(settings.slack_bot_token, settings.slack_api_url, timeout=HURRIED_TIMEOUT), clock
    )
    directory, whoami, progress = Directory(slack, hurried), Whoami(), Progress()
    deliveries, answers = Deliveries(database, clock), Answers(database, clock, COMMANDS)
    items, reads = ActionItemTracker(database, clock), ItemReads(database, clock)
    team, reminders = WorkspaceSettings(database, clock), Reminders(database, clock)
    people = People(database, clock, directory.look_up)
    channels = ChannelPerformers(slack, deliveries, whoami.user_id)
    posts = PostPerformers(slack, deliveries, answers, channels, settings.incidents_channel, reads)
    forms = Forms(slack, deliveries, answers, items, team)
    recorder, incidents = TimelineRecorder(database, clock), IncidentManager(database, clock)
    history = HistoryPerformers(slack, deliveries, recorder, lambda: whoami.identity, items)
    of_items = ItemPerformers(slack, deliveries, posts, items, reads, posts.announcements_channel)
    table = performers(channels, posts, PeoplePerformers(directory, people), history, of_items)
    by_hand = Channels(database, clock)
    services = Services(
        incidents, items, team, reminders, by_hand, recorder, answers, people, deliveries, forms
    )
    app = bolt(settings.slack_api_url, whoami)
    register(app, services)
    metrics = _metrics(deliveries, progress) if settings.port else None
    meter = metrics or Meter()
    worker = Worker(deliveries, table, _owner(), meter, reminders.plan_everything)
    requests = Requests(app, worker.wake, meter)
    connection = None
    if not settings.is_http:
        connection = Connection(
            requests,
            settings.slack_app_token,
            settings.slack_api_url,
            meter,
            deliveries.catch_up,
            silence_limit,
        )
    bot = Bot(
        settings, database, services, app, worker, forms, directory, slack, whoami, progress, connection
    )
    if settings.port and metrics:
        bot.server = _server(bot, settings.port, metrics, requests, clock)
    return bot


# What HTTP needs is imported only where there is a port: without one it would be memory for nothing.


def _metrics(deliveries: Deliveries, progress: Progress) -> Metrics:
    from bot.http.metrics import Metrics  # noqa: PLC0415

    return Metrics(deliveries, progress.migrated.is_set)


def _server(bot: Bot, port: int, metrics: Metrics, requests: Requests, clock: Clock) -> Server:
    from bot.http import wiring  # noqa: PLC0415

    health = Health(bot.services.deliveries, bot.progress.migrated.is_set, bot.slack_trouble)
    if not bot.settings.is_http:
        return wiring.for_looks(port, health, metrics)
    secret, is_ready = bot.settings.slack_signing_secret, bot.whoami.is_known
    return wiring.for_slack(port, secret, clock, requests, is_ready, (health, metrics))


def _owner() -> str:
    """A name for this process's leases that no other process has, ever."""
    return f"{socket.gethostname()[:24]}/{os.getpid()}/{uuid.uuid4().hex[:12]}"
