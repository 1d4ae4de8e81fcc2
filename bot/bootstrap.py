"""Builds the bot from its parts (:mod:`bot.parts`) and picks the clock; tests build their bots here, too."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from slack_bolt import App

from bot.config import Settings
from bot.effects.calendars import connect
from bot.effects.clients import Web
from bot.effects.directory import Directory
from bot.effects.slack import CALL_TIMEOUT, Slack
from bot.intake.batches import Batches
from bot.intake.bolt import Whoami, bolt
from bot.intake.connection import OPENING_TIMEOUT, SILENCE_LIMIT, Connection, Hooks
from bot.intake.health import Health
from bot.intake.middleware import Requests
from bot.intake.sightings import Sightings
from bot.listeners import register
from bot.listeners.services import Services
from bot.operations.alarms import AlarmClock
from bot.operations.kit.transaction import Clock
from bot.operations.outbox import Outbox
from bot.operations.performer_reads import PerformerReads
from bot.operations.retention import Retention
from bot.parts import alarm_handlers, performers_of, services_of
from bot.process import CLOSING_SECONDS, Bot, Progress
from bot.worker.loop import Worker
from bot.worker.metrics import Meter
from bot.worker.purge import Purge
from bot.worker.settings_file import SettingsWatch
from storage.database import Database

if TYPE_CHECKING:
    from bot.intake.http.metrics import Metrics
    from bot.intake.http.server import Server
    from bot.intake.http.site import Routes

__all__ = ["Bot", "build", "utc_now"]

HURRIED_TIMEOUT = 1
"""Timeout in seconds of the only call to Slack made before an ack, which looks up a person we don't know yet.
Slack waits three seconds for the ack (https://docs.slack.dev/interactivity/handling-user-interaction)."""


def utc_now() -> datetime:
    """The current time, UTC."""
    return datetime.now(UTC)


def build(
    settings: Settings,
    clock: Clock = utc_now,
    *,
    silence_limit: float = SILENCE_LIMIT,
    closing_seconds: float = CLOSING_SECONDS,
) -> Bot:
    """Build a bot that is wired together but not started; this doesn't touch the network.

    Raises ``SettingsError`` if the calendar can't be connected with these settings.
    """
    database = Database(settings.database_url, settings.database_pool_size)
    slack, hurried = _clients(settings, clock, PerformerReads(database, clock))
    directory, whoami, progress = Directory(slack, hurried), Whoami(), Progress()
    services = services_of(database, clock, directory, slack, settings.network)
    calendar = connect(settings, clock)
    table = performers_of(settings, slack, services, directory, whoami, calendar)
    app = _app(settings, whoami, services)
    metrics = _metrics(services.outbox, progress) if settings.port or settings.metrics_port else None
    meter = metrics or Meter()
    sightings = Sightings(clock, services.checkup.note_seen)
    watch = SettingsWatch(settings.muster_settings, services.settings)
    plans: Sequence[Callable[[], None]] = (*_plans(settings, database, clock, sightings), watch)
    worker = Worker(services.outbox, table, _owner(), meter, plans, slack.pace.seconds)
    requests = Requests(app, worker.wake, meter)
    batches = Batches(requests, services.recorder.record_messages, whoami, sightings)
    connection = _connection(settings, requests, batches, meter, services, sightings, silence_limit)
    bot = Bot(
        settings,
        database,
        services,
        app,
        worker,
        directory,
        slack,
        whoami,
        progress,
        connection,
        batches,
        calendar,
        watch.look,
        closing_seconds=closing_seconds,
    )
    bot.servers = _servers(bot, metrics, batches, clock) if metrics else ()
    return bot


def _plans(
    settings: Settings, database: Database, clock: Clock, sightings: Sightings
) -> tuple[Callable[[], None], ...]:
    """What the worker calls every few seconds."""
    purge = Purge(Retention(database, clock, timedelta(days=settings.keep_days)))
    alarms = AlarmClock(database, clock, alarm_handlers(database, clock))
    # Without a socket there is nothing to watch: Slack can reach any bot that is running.
    watching = (sightings.alive,) if settings.is_http else ()
    return alarms.ring, purge, *watching, sightings.note


def _app(settings: Settings, whoami: Whoami, services: Services) -> App:
    """Bolt's app with all listeners."""
    app = bolt(settings.slack_api_url, whoami)
    register(app, services)
    return app


def _clients(settings: Settings, clock: Clock, facts: PerformerReads) -> tuple[Slack, Slack]:
    """The client that calls Slack for the outbox, and the one that calls it while somebody waits."""
    token, url, network = settings.slack_bot_token, settings.slack_api_url, settings.network
    return (
        Slack(Web(network, url, CALL_TIMEOUT, token), clock, facts),
        Slack(Web(network, url, HURRIED_TIMEOUT, token), clock),
    )


def _connection(
    settings: Settings,
    requests: Requests,
    batches: Batches,
    meter: Meter,
    services: Services,
    sightings: Sightings,
    silence_limit: float,
) -> Connection | None:
    """The Socket Mode connection; ``None`` in HTTP mode."""
    if settings.is_http:
        return None
    web = Web(settings.network, settings.slack_api_url, OPENING_TIMEOUT)
    hooks = Hooks(services.startup.catch_up, sightings.alive)
    return Connection(requests, batches, settings.slack_app_token, web, meter, hooks, silence_limit)


# The HTTP modules are imported only if a port is set: without one they would only cost memory.


def _metrics(outbox: Outbox, progress: Progress) -> Metrics:
    from bot.intake.http.metrics import Metrics  # noqa: PLC0415

    return Metrics(outbox, progress.migrated.is_set)


def _servers(bot: Bot, metrics: Metrics, batches: Batches, clock: Clock) -> Sequence[Server]:
    from bot.intake.http import wiring  # noqa: PLC0415

    settings, is_stopping = bot.settings, bot.progress.stopping.is_set
    is_migrated, troubles = bot.progress.migrated.is_set, (bot.slack_trouble, bot.worker.trouble)
    health = Health(bot.services.outbox, is_migrated, *troubles)
    slack: Routes = {}
    if settings.is_http:
        secret, is_ready = settings.slack_signing_secret, bot.whoami.is_known
        slack = wiring.slack(secret, clock, batches, is_ready, is_stopping)
    looks = wiring.looks(health, metrics, is_stopping)
    return wiring.servers(settings.port, settings.metrics_port, slack, looks)


def _owner() -> str:
    """The name under which this process leases rows; no other process ever has the same one."""
    return f"{socket.gethostname()[:24]}/{os.getpid()}/{uuid.uuid4().hex[:12]}"
