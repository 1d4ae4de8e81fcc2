"""Builds the bot. Only this module knows every part and picks the clock; tests build their bots here, too."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.effects.action_items import ItemPerformers
from bot.effects.briefing import BriefingPerformers
from bot.effects.calendar import CalendarPerformers
from bot.effects.calendars import Calendar, connect
from bot.effects.calls import CallPerformers
from bot.effects.channels import ChannelPerformers
from bot.effects.checklists import ChecklistPerformers
from bot.effects.checkup import CheckupPerformers
from bot.effects.clients import Web
from bot.effects.directory import Directory, PeoplePerformers
from bot.effects.five_whys import WhysPerformers
from bot.effects.forms import Forms, Sources
from bot.effects.history import HistoryPerformers
from bot.effects.meetings import MeetingPerformers
from bot.effects.names import NamePerformers
from bot.effects.notices import NoticePerformers
from bot.effects.pages import PagePerformers
from bot.effects.performers import Groups, Performers, performers
from bot.effects.postmortems import PostmortemPerformers
from bot.effects.posts import PostPerformers
from bot.effects.privacy import PrivacyPerformers
from bot.effects.projects import ProjectPerformers
from bot.effects.roles import RolePerformers
from bot.effects.slack import CALL_TIMEOUT, Slack
from bot.effects.updates import UpdatePerformers
from bot.intake.batches import Batches
from bot.intake.bolt import Whoami, bolt
from bot.intake.connection import OPENING_TIMEOUT, SILENCE_LIMIT, Connection, Hooks
from bot.intake.health import Health
from bot.intake.middleware import Requests
from bot.intake.sightings import Sightings
from bot.listeners import EVENTS, register
from bot.listeners.commands import COMMANDS
from bot.listeners.services import Services
from bot.network import Network
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.action_items.reads import ItemReads
from bot.operations.action_items.reminders import Reminders
from bot.operations.alarms import AlarmClock, Handler
from bot.operations.answers import Answers
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.calendar.reads import CalendarReads
from bot.operations.calendar.sync import CalendarSync
from bot.operations.calendar.time_blocks import TimeBlocks
from bot.operations.checklists.manage import IncidentChecklists
from bot.operations.checklists.reads import ChecklistReads
from bot.operations.checklists.settings import ChecklistTemplates
from bot.operations.checkup import Checkup
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.five_whys.reads import WhysReads
from bot.operations.groups import UserGroups
from bot.operations.incidents.briefing import Briefings
from bot.operations.incidents.calls import IncidentCalls
from bot.operations.incidents.channels import Channels
from bot.operations.incidents.comers import Comers
from bot.operations.incidents.manage import IncidentManager
from bot.operations.incidents.roles import IncidentRoles
from bot.operations.incidents.timeline import TimelineRecorder
from bot.operations.incidents.vacancies import VacancyReads
from bot.operations.kit.transaction import Clock
from bot.operations.names import KnownNames
from bot.operations.outbox import Outbox
from bot.operations.pages.manage import IncidentPages
from bot.operations.pages.reads import PageReads
from bot.operations.people import People
from bot.operations.performer_reads import PerformerReads
from bot.operations.postmortems.manage import PostmortemManager
from bot.operations.postmortems.reminders import PostmortemDuties
from bot.operations.privacy.manage import ChannelPrivacy
from bot.operations.privacy.reads import PrivacyReads
from bot.operations.projects.manage import Projects
from bot.operations.retention import Retention
from bot.operations.settings import WorkspaceSettings
from bot.operations.startup import Startup
from bot.operations.updates.manage import IncidentUpdates
from bot.operations.updates.reads import UpdateReads
from bot.process import CLOSING_SECONDS, Bot, Progress
from bot.worker.loop import Worker
from bot.worker.metrics import Meter
from bot.worker.purge import Purge
from bot.worker.settings_file import SettingsWatch
from storage.alarms import AlarmKind
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
    services = _services(database, clock, directory, slack, settings.network)
    calendar = connect(settings, clock)
    table = _performers(settings, slack, services, directory, whoami, calendar)
    app = bolt(settings.slack_api_url, whoami)
    register(app, services)
    metrics = _metrics(services.outbox, progress) if settings.port or settings.metrics_port else None
    meter = metrics or Meter()
    sightings = Sightings(clock, services.checkup.note_seen)
    watch = SettingsWatch(settings.muster_settings, services.settings)
    plans: Sequence[Callable[[], None]] = (*_plans(settings, database, clock, sightings), watch)
    worker = Worker(services.outbox, table, _owner(), meter, plans, slack.pace.seconds)
    requests = Requests(app, worker.wake, meter)
    batches = Batches(requests, services.recorder.record_messages, whoami, sightings)
    hooks = Hooks(services.startup.catch_up, sightings.alive)
    connection = _connection(settings, requests, batches, meter, hooks, silence_limit)
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


def _services(
    database: Database, clock: Clock, directory: Directory, slack: Slack, network: Network
) -> Services:
    """The operations and forms that listeners use."""
    answers = Answers(database, clock, COMMANDS)
    items, whys = ActionItemTracker(database, clock), FiveWhysFacilitator(database, clock)
    team, postmortems = WorkspaceSettings(database, clock), PostmortemManager(database, clock)
    meetings, updates = PostmortemMeetings(database, clock), IncidentUpdates(database, clock)
    roles, projects = IncidentRoles(database, clock), Projects(database, clock)
    pages, templates = IncidentPages(database, clock), ChecklistTemplates(database, clock)
    sources = Sources(
        answers, items, whys, postmortems, team, meetings, updates, roles, projects, pages, templates
    )
    return Services(
        incidents=IncidentManager(database, clock),
        roles=roles,
        items=items,
        whys=whys,
        postmortems=postmortems,
        duties=PostmortemDuties(database, clock),
        meetings=meetings,
        blocks=TimeBlocks(database, clock),
        settings=team,
        channels=Channels(database, clock),
        privacy=ChannelPrivacy(database, clock),
        updates=updates,
        recorder=TimelineRecorder(database, clock),
        briefings=Briefings(database, clock),
        calls=IncidentCalls(database, clock),
        comers=Comers(database, clock),
        projects=projects,
        pages=pages,
        checklists=IncidentChecklists(database, clock),
        checklist_settings=templates,
        answers=answers,
        people=People(database, clock, directory.look_up),
        names=KnownNames(database, clock),
        groups=UserGroups(database, clock),
        outbox=Outbox(database, clock),
        startup=Startup(database, clock),
        checkup=Checkup(database, clock),
        sync=CalendarSync(database, clock),
        forms=Forms(slack, network, answers, sources),
    )


def alarm_handlers(database: Database, clock: Clock) -> Mapping[AlarmKind, Handler]:
    """What handles each kind of alarm."""
    reminders = Reminders(database, clock)
    return {
        AlarmKind.ITEM_REMINDER: reminders.plan_due,
        AlarmKind.DIGEST: reminders.plan_digests,
        AlarmKind.POSTMORTEM_REMINDER: PostmortemDuties(database, clock).plan,
        AlarmKind.NUDGE: FiveWhysFacilitator(database, clock).plan_nudges,
        AlarmKind.UPDATE_NUDGE: IncidentUpdates(database, clock).plan_nudges,
        AlarmKind.CALENDAR_POLL: CalendarSync(database, clock).plan,
        AlarmKind.MISSING_COMMANDER: IncidentRoles(database, clock).ask_for_commanders,
        AlarmKind.UNSEEN: IncidentPages(database, clock).tell_unseen,
        AlarmKind.CHECKLIST_NUDGE: IncidentChecklists(database, clock).plan_nudges,
    }


def _plans(
    settings: Settings, database: Database, clock: Clock, sightings: Sightings
) -> tuple[Callable[[], None], ...]:
    """What the worker calls every few seconds."""
    purge = Purge(Retention(database, clock, timedelta(days=settings.keep_days)))
    alarms = AlarmClock(database, clock, alarm_handlers(database, clock))
    # Without a socket there is nothing to watch: a bot that runs can be reached.
    watching = (sightings.alive,) if settings.is_http else ()
    return alarms.ring, purge, *watching, sightings.note


def _clients(settings: Settings, clock: Clock, facts: PerformerReads) -> tuple[Slack, Slack]:
    """What calls Slack for the outbox, and what calls it while somebody waits."""
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
    hooks: Hooks,
    silence_limit: float,
) -> Connection | None:
    """The Socket Mode connection; ``None`` in HTTP mode."""
    if settings.is_http:
        return None
    web = Web(settings.network, settings.slack_api_url, OPENING_TIMEOUT)
    return Connection(requests, batches, settings.slack_app_token, web, meter, hooks, silence_limit)


def _performers(
    settings: Settings,
    slack: Slack,
    services: Services,
    directory: Directory,
    whoami: Whoami,
    calendar: Calendar,
) -> Performers:
    """The performer of each effect."""
    database, clock = services.outbox.database, services.outbox.clock
    facts, startup = PerformerReads(database, clock), services.startup
    reads, members, outbox = ItemReads(database, clock), services.channels, services.outbox
    channels = ChannelPerformers(slack, facts, startup, whoami.user_id)
    posts = PostPerformers(
        slack, facts, startup, services.answers, channels, settings.incidents_channel, reads
    )
    place, recorder = posts.announcements_channel, services.recorder
    return performers(
        Groups(
            channels,
            posts,
            PeoplePerformers(directory, services.people, outbox),
            NamePerformers(slack, services.names, services.groups, outbox),
            HistoryPerformers(
                slack, facts, outbox, members, recorder, lambda: whoami.identity, services.items
            ),
            ItemPerformers(slack, facts, posts, services.items, reads, place),
            WhysPerformers(slack, facts, posts, services.whys, WhysReads(database, clock)),
            PostmortemPerformers(slack, facts, posts, services.postmortems, services.duties, place),
            CalendarPerformers(
                calendar, CalendarReads(database, clock), services.blocks, services.sync, services.calls
            ),
            MeetingPerformers(slack, facts, posts, services.meetings, calendar),
            PrivacyPerformers(
                slack, facts, members, posts, services.privacy, PrivacyReads(database, clock), whoami.user_id
            ),
            UpdatePerformers(slack, facts, posts, UpdateReads(database, clock)),
            NoticePerformers(slack, facts, services.channels, VacancyReads(database, clock)),
            RolePerformers(slack, facts),
            CheckupPerformers(settings, services.checkup, startup, calendar, posts, EVENTS),
            BriefingPerformers(slack, facts),
            CallPerformers(slack, facts, whoami.user_id),
            ProjectPerformers(slack, facts, posts, services.comers),
            PagePerformers(slack, facts, PageReads(database, clock)),
            ChecklistPerformers(facts, posts, ChecklistReads(database, clock)),
        )
    )


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
