"""Builds the bot: the only place that wires, picks the clock, and knows every part. Tests call it too."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception,
    stop_when_event_set,
    wait_exponential,
)
from tenacity.nap import sleep_using_event

from bot.config import Settings
from bot.connection import Connection
from bot.effects.channels import ChannelPerformers
from bot.effects.directory import Directory, Identity, PeoplePerformers
from bot.effects.failures import CallFailed
from bot.effects.forms import Forms
from bot.effects.history import HistoryPerformers
from bot.effects.performers import performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack, posting_client
from bot.listeners import register
from bot.listeners.commands import COMMANDS
from bot.listeners.services import Services
from bot.operations.answers import Answers
from bot.operations.deliveries import Deliveries
from bot.operations.incidents import IncidentManager
from bot.operations.people import People
from bot.operations.timeline import TimelineRecorder
from bot.operations.transaction import Clock
from bot.worker import Worker
from storage.database import Database

log = structlog.get_logger(__name__)

_REFUSALS = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
HURRIED_TIMEOUT = 1
"""Seconds for the one call before an ack: who is this person?"""


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


@dataclass
class Bot:
    """The whole bot; :meth:`start` it, wait, :meth:`stop` it."""

    settings: Settings
    database: Database
    services: Services
    app: App
    worker: Worker
    forms: Forms
    directory: Directory
    connection: Connection
    whoami: _Whoami

    def __post_init__(self) -> None:
        self.connected, self.ended = threading.Event(), threading.Event()
        self.refusal: str | None = None
        """Why Slack will never let us in, when it won't; ``ended`` is set then."""
        self._stopping = threading.Event()
        self._starter = threading.Thread(target=self._connect, name="starter", daemon=True)

    def start(self) -> None:
        """Migrate, take up what is left to do, and connect as soon as Slack can be reached.

        Returns at once; raises :class:`bot.domain.errors.AlreadyRunning` and what the database raises.
        """
        self.database.hold_alone()
        self.database.migrate()
        if self.database.is_sqlite:
            self.services.deliveries.start_alone()
        self._starter.start()

    def stop(self) -> None:
        """Take nothing new, finish what has begun, and close everything."""
        self._stopping.set()
        self._starter.join()
        self.connection.close()
        self.forms.close()
        if self.connected.is_set():
            self.worker.stop()
        self.database.close()

    def _connect(self) -> None:
        until_it_works = Retrying(
            wait=wait_exponential(multiplier=0.5, max=30),
            stop=stop_when_event_set(self._stopping),
            sleep=sleep_using_event(self._stopping),
            retry=retry_if_exception(lambda error: _refusal(error) is None),
            before_sleep=_log_unreached,
        )
        try:
            for attempt in until_it_works:
                with attempt:
                    self._introduce()
                    self.connection.open()
        except RetryError:
            log.warning("stopped before Slack was reached")
            return
        except (CallFailed, SlackApiError) as error:
            self.refusal = _refusal(error)
            log.error("Slack refuses the token", code=self.refusal)
            self.ended.set()
            return
        self.worker.start()
        self.connected.set()
        log.info("connected")

    def _introduce(self) -> None:
        """Learn who we are, and have it seen to that we know who is here and where to announce."""
        identity = self.directory.who_am_i()
        self.whoami.identity = identity
        self.services.deliveries.note_team(identity.team_id, identity.url)
        self.services.deliveries.prepare(self.settings.incidents_channel)


class _Whoami:
    """Who the bot is, once Slack has told."""

    identity: Identity | None = None

    def user_id(self) -> str:
        """The bot's user id, or nothing before the first contact."""
        return self.identity.bot_user_id if self.identity else ""

    def authorize(self) -> AuthorizeResult:
        """Bolt's question for each request, answered without the network."""
        if self.identity is None:
            raise RuntimeError("a request before auth.test")
        return AuthorizeResult(
            enterprise_id=None,
            team_id=self.identity.team_id,
            bot_user_id=self.identity.bot_user_id,
            bot_id=self.identity.bot_id,
        )


def _refusal(error: BaseException) -> str | None:
    """The code with which Slack refuses our token, if that is what happened: no later try will do."""
    code = error.code if isinstance(error, CallFailed) else None
    if isinstance(error, SlackApiError):
        code = str(error.response["error"])
    return code if code in _REFUSALS else None


def _log_unreached(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    why = getattr(error, "code", None) or type(error).__name__
    log.warning("Slack not reached, trying again", why=why, attempt=state.attempt_number)


def build(settings: Settings, clock: Clock = utc_now) -> Bot:
    """Wire everything together; nothing is started and nothing is on the network yet."""
    database = Database(settings.database_url)
    slack = Slack(posting_client(settings.slack_bot_token, settings.slack_api_url), clock)
    hurried = Slack(
        posting_client(settings.slack_bot_token, settings.slack_api_url, timeout=HURRIED_TIMEOUT), clock
    )
    directory, whoami = Directory(slack, hurried), _Whoami()
    deliveries, answers = Deliveries(database, clock), Answers(database, clock, COMMANDS)
    people = People(database, clock, directory.look_up)
    channels = ChannelPerformers(slack, deliveries, whoami.user_id)
    posts = PostPerformers(slack, deliveries, answers, channels, settings.incidents_channel)
    forms = Forms(slack, deliveries, answers)
    recorder = TimelineRecorder(database, clock)
    history = HistoryPerformers(slack, deliveries, recorder, lambda: whoami.identity)
    table = performers(channels, posts, PeoplePerformers(directory, people), history)
    worker = Worker(deliveries, table, _owner())
    services = Services(
        incidents=IncidentManager(database, clock),
        recorder=recorder,
        answers=answers,
        people=people,
        deliveries=deliveries,
        forms=forms,
    )
    app = _bolt(settings, whoami)
    register(app, services)
    connection = Connection(app, settings.slack_app_token, settings.slack_api_url, worker.wake)
    return Bot(settings, database, services, app, worker, forms, directory, connection, whoami)


def _bolt(settings: Settings, whoami: _Whoami) -> App:
    """Bolt, set to finish a listener before its ack: its default acks events first and may then lose them."""

    def authorize() -> AuthorizeResult:
        # A plain function: Bolt would fill in a method's `self` itself.
        return whoami.authorize()

    # Bolt's warnings quote the bodies of requests.
    errors_only = logging.getLogger("slack_bolt")
    errors_only.setLevel(logging.ERROR)
    return App(
        logger=errors_only,
        process_before_response=True,
        client=WebClient(base_url=settings.slack_api_url, retry_handlers=[]),
        authorize=authorize,
        request_verification_enabled=False,
    )


def _owner() -> str:
    """A name for this process's leases that no other process has, ever."""
    return f"{socket.gethostname()[:24]}/{os.getpid()}/{uuid.uuid4().hex[:12]}"
