"""Starts the bot, even while Slack or the database is down, and stops it within 15 seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import OperationalError
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
from bot.domain.kit.errors import DatabaseUnusable, NotSaved
from bot.domain.surface import checkup
from bot.domain.surface.slack_app import SCOPES
from bot.effects.calendars import Calendar
from bot.effects.directory import Directory
from bot.effects.failures import REFUSALS, CallFailed, code_of
from bot.effects.slack import Slack
from bot.intake.batches import Batches
from bot.intake.bolt import Whoami
from bot.intake.connection import Connection
from bot.listeners.services import Services
from bot.network import in_words
from bot.worker.loop import Worker
from storage.database import Database
from storage.migrations import HEAD
from storage.reasons import reason

if TYPE_CHECKING:
    from bot.intake.http.server import Server

log = structlog.get_logger(__name__)

HANDLING_SECONDS = 2
"""Seconds given to requests in progress when the bot stops; after that it begins no more calls to Slack."""
CLOSING_SECONDS = 3
"""Seconds in HTTP mode during which Slack's requests and `/readyz` get 503 before the port closes, so that a
load balancer notices that this replica is leaving and switches to another."""
STOPPING_SECONDS = 14
"""Seconds that stopping may take in all, even if a connection is just being opened. Whatever runs the bot
kills it if stopping takes much longer."""


@dataclass(frozen=True)
class Progress:
    """How far the bot has got; each event is set once it gets there."""

    migrated: threading.Event = field(default_factory=threading.Event)
    connected: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


@dataclass
class Bot:
    """The whole bot: :meth:`start` it, wait, then :meth:`stop` it."""

    settings: Settings
    database: Database
    services: Services
    app: App
    worker: Worker
    directory: Directory
    slack: Slack
    whoami: Whoami
    progress: Progress
    connection: Connection | None
    """``None`` in HTTP mode."""
    batches: Batches
    calendar: Calendar
    read_settings: Callable[[], None]
    """Stores what the settings file says."""
    servers: Sequence[Server] = ()
    """Empty if no port is set; in HTTP mode one always is."""
    closing_seconds: float = CLOSING_SECONDS

    def __post_init__(self) -> None:
        self.connected, self.ended = self.progress.connected, self.progress.ended
        self.refusal: str | None = None
        """The code with which Slack refused our token, if it did; ``ended`` is set then."""
        self.failure: Exception | None = None
        """The error that made the bot give up starting, if one did; ``ended`` is set then."""
        self._starter = threading.Thread(target=self._start, name="starter", daemon=True)

    def start(self) -> None:
        """Open the ports, then migrate, connect and resume unfinished work, each as soon as possible.

        Returns once the ports are open; raises ``AlreadyRunning``, ``DatabaseUnusable`` and ``PortTaken``.
        """
        self.database.hold_alone()
        with ExitStack() as undo:
            for server in self.servers:
                server.start()
                undo.callback(server.close)
            undo.pop_all()
        self._starter.start()

    def slack_trouble(self) -> str | None:
        """Why the bot can't talk to Slack now, or ``None``."""
        if self.slack.refusal:
            return f"refuses the token: {self.slack.refusal}"
        if not self.connected.is_set():
            of_socket = self.connection.obstacle if self.connection else ""
            return self.slack.obstacle or of_socket or "not reached yet"
        return self.connection.trouble() if self.connection else None

    def stop(self) -> None:
        """Accept nothing new, finish or hand back what has begun, and close everything.

        This takes at most 15 seconds, whatever hangs: threads that call Slack end after their current call.
        In HTTP mode the port stays open for ``closing_seconds`` and answers Slack's requests with 503.
        """
        ends = monotonic() + STOPPING_SECONDS
        self.progress.stopping.set()
        self.worker.stop_claiming()
        intake = threading.Thread(target=self._close_intake, name="intake", daemon=True)
        intake.start()
        intake.join(HANDLING_SECONDS)
        self.slack.stop()
        self.calendar.stop()
        self.services.forms.close()
        self.worker.stop()
        self.calendar.close()
        intake.join(max(0.0, ends - monotonic()))
        self.database.close()

    def _close_intake(self) -> None:
        # No load balancer sends requests to a bot that was never ready.
        if self.settings.is_http and self.connected.is_set():
            time.sleep(self.closing_seconds)
        for server in self.servers:
            server.close()
        if self._starter.ident is not None:
            self._starter.join()
        if self.connection is not None:
            self.connection.close()
        self.batches.close()

    def _start(self) -> None:
        try:
            self._reach("database", self._prepare, _is_retryable_database_error, longest_pause=5)
            self._reach("Slack", self._introduce, _is_retryable_slack_error, longest_pause=30)
            if self.connection is not None:
                self._reach("Slack", self.connection.open, _is_retryable_slack_error, longest_pause=30)
        except RetryError:
            log.warning("stopped before it was connected")
        except Exception as error:  # noqa: BLE001 - nobody above would report it
            self._give_up(error)
        else:
            self.worker.start()
            self.connected.set()
            log.info("connected")

    def _reach(
        self,
        what: str,
        act: Callable[[], None],
        can_attend: Callable[[BaseException], bool],
        longest_pause: float,
    ) -> None:
        """Call ``act`` until it works; raises errors that won't pass, and ``RetryError`` if the bot stops."""
        until_it_works = Retrying(
            wait=wait_exponential(multiplier=0.5, max=longest_pause),
            stop=stop_when_event_set(self.progress.stopping),
            sleep=sleep_using_event(self.progress.stopping),
            retry=retry_if_exception(can_attend),
            before_sleep=lambda state: _log_unreached(what, state),
        )
        until_it_works(act)

    def _prepare(self) -> None:
        self.database.migrate()
        revision = self.database.revision()
        if revision > HEAD:
            # Revisions only add, so this version can work with a newer one.
            log.warning("a newer version has migrated the database", revision=revision, ours=HEAD)
        self.services.startup.require_whole_restore()
        if self.database.is_sqlite:
            self.services.startup.start_alone()
        # Before the first request, which has to find the settings as they are.
        self.read_settings()
        self.progress.migrated.set()

    def _introduce(self) -> None:
        """Ask Slack who the bot is, then plan to list people, prepare announcements and catch up."""
        identity = self.directory.who_am_i()
        self.services.startup.note_team(identity.team_id, identity.url)
        self._note_scopes()
        self.services.startup.prepare(
            self.settings.incidents_channel,
            self.settings.default_timezone,
            self.calendar.id,
            makes_calls=self.calendar.makes_calls,
        )
        self.whoami.identity = identity

    def _note_scopes(self) -> None:
        """Log which scopes are missing, and have the admins notified."""
        self.services.startup.note_scopes(self.slack.granted)
        lacking = checkup.lacking(self.slack.granted)
        if lacking:
            cannot = [scope.enables for scope in SCOPES if scope.name in lacking]
            log.warning("reinstall the app: it lacks scopes", lacking=lacking, cannot=cannot)

    def _give_up(self, error: Exception) -> None:
        self.refusal = refusal(error)
        if self.refusal:
            log.error("Slack refuses the token", code=self.refusal)
        else:
            why = reason(error)
            self.failure = DatabaseUnusable(why=why) if why else error
            log.error("start failed", error=type(error).__name__, why=why)
        self.ended.set()


def refusal(error: BaseException) -> str | None:
    """Slack's error code if it refused our token, which no retry can fix; otherwise ``None``."""
    code = error.code if isinstance(error, CallFailed) else None
    if isinstance(error, SlackApiError):
        code = str(error.response["error"])
    return code if code in REFUSALS else None


def _is_retryable_slack_error(error: BaseException) -> bool:
    return refusal(error) is None


def _is_retryable_database_error(error: BaseException) -> bool:
    return isinstance(error, OperationalError | NotSaved)


def _log_unreached(what: str, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    code = code_of(error) if isinstance(error, Exception) else type(error).__name__
    why = reason(error) or in_words(code) or code
    log.warning("not reached, trying again", what=what, why=why, attempt=state.attempt_number)
