"""The place to try a fault: a workspace, its database, and bots in this process or in killable ones."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row, create_engine, text

from bot.bootstrap import Bot
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, BotProcess, Mode, build_here, deliver_to
from tests.support.clocks import MovableClock
from tests.support.people import PATIENCE, Workspace, eventually
from tests.support.records import recorded

Record = MutableMapping[str, Any]
UNFINISHED = (
    "SELECT key, state, attempts, last_error FROM outbox WHERE state IN ('waiting', 'running')"
    " AND kind <> 'SyncCalendar'"
    # A topic that waits until the one before has been there for a minute.
    " AND coalesce(last_error, '') <> 'put_off'"
    " AND NOT EXISTS (SELECT 1 FROM outbox given_up"
    " WHERE given_up.state = 'dead' AND given_up.kind = 'CreateChannel'"
    " AND given_up.incident_id = outbox.incident_id)"
)
"""Finds the rows that are still to be performed. Nothing of an incident can be done without its channel.

Polling the calendar isn't counted: it is planned every minute, and the next poll replaces this one.
"""


@dataclass
class Expected:
    """What a test provokes on purpose. Anything else that goes wrong fails it."""

    dead: set[str] = field(default_factory=set)
    """Kinds of effects that are given up: all of these, and no others."""
    errors: set[str] = field(default_factory=set)
    """Events of error records, such as "effect given up"."""
    codes: set[str] = field(default_factory=set)
    """Error codes with which Slack itself refuses the bot's calls, such as "name_taken"."""
    unacked: set[str] = field(default_factory=set)
    """Kinds of deliveries of which some may get no ack, such as "events_api"."""
    unrecorded: set[str] = field(default_factory=set)
    """The ts of each message that may be missing from a timeline."""
    without_channel: int = 0
    """Number of incidents whose channel can't be made."""


class Arena:
    """One workspace with one database, and what a test expects of them at the end."""

    def __init__(
        self, sandbox: Sandbox, database_url: str, mode: Mode, clock: MovableClock, folder: Path
    ) -> None:
        self.sandbox, self.database_url, self.mode, self.clock = sandbox, database_url, mode, clock
        self.workspace = Workspace(sandbox.url)
        self.expected = Expected()
        self.accepted = 0
        self.unsure = 0
        self.secrets: list[str] = []
        self.acks: list[float] = []
        """Seconds that acks took which aren't in the sandbox's log."""
        self.insiders: set[str] = set()
        """People who used to be in a private channel, in addition to its present members."""
        self.records: list[Record] = []
        self._reachable_since = 0.0
        self.folder = folder
        self._bots: list[Bot] = []
        self._processes: list[BotProcess] = []
        # One connection for all queries: PostgreSQL starts a process for each new one.
        self._engine = create_engine(database_url, pool_pre_ping=True)

    @property
    def reachable_since(self) -> float:
        """When Slack first knew where to deliver (seconds since 1970), or 0 if no bot has told it."""
        told = [self._reachable_since, *(process.reachable_since for process in self._processes)]
        return min(filter(None, told), default=0.0)

    def bot(self, **options: Any) -> Bot:
        """Another bot in this process, connected; `options` as for :func:`tests.support.bots.start_here`."""
        return self.together(1, **options)[0]

    def together(self, count: int, **options: Any) -> list[Bot]:
        """Start that many more bots in this process at the same moment; they are connected afterwards."""
        options = {"clock": self.clock, **options}
        if count > 1:
            # The first that is ready causes events; another that isn't refuses them, and Slack redelivers.
            self.expected.unacked.add("events_api")
        made = []
        for _ in range(count):
            self._expect_company()
            made.append(build_here(self.sandbox, self.database_url, mode=self.mode, **options))
        for bot in made:
            bot.start()
        if not self._bots and not any(process.is_running for process in self._processes):
            # Their first calls cause events, and no other bot is there to receive them.
            self._deliver(*made)
            self._reachable_since = self._reachable_since or time.time()
        for bot in made:
            assert bot.connected.wait(15)
        self._bots += made
        self._deliver()
        return made

    def bots(self, count: int) -> list[Bot]:
        """Start that many replicas in this process."""
        return [self.bot() for _ in range(count)]

    def wake(self) -> None:
        """Have every bot in this process look for whatever is due."""
        for bot in self._bots:
            bot.worker.wake()

    def process(self) -> BotProcess:
        """Another bot in a process of its own, not started yet."""
        self._expect_company()
        log = self.folder / f"bot-{len(self._processes)}.log"
        process = BotProcess(self.sandbox, self.database_url, log, mode=self.mode)
        self._processes.append(process)
        return process

    def stop(self, bot: Bot) -> None:
        """Stop one of the bots in this process."""
        self._bots.remove(bot)
        bot.stop()
        self._deliver()

    def stop_all(self) -> None:
        """Stop every bot."""
        for bot in self._bots:
            bot.stop()
        self._bots.clear()
        for process in self._processes:
            process.stop()

    def declare(self, title: str = "Database is slow", user: str = "ana", **values: Any) -> bool:
        """Fill in and submit the form. Return whether the bot accepted it."""
        self.workspace.open_form("declare", user)
        return self.submit(user, title=title, **values)

    def submit(self, user: str = "ana", **values: Any) -> bool:
        """Submit the open declare form. Return whether the bot accepted it."""
        answer = self.workspace.post("view-submit", user=user, values=values)
        is_accepted = not answer.get("problem") and not answer.get("errors")
        self.accepted += is_accepted
        self.unsure += bool(answer.get("problem"))
        return is_accepted

    def close(self) -> None:
        """Stop every bot and disconnect from the database."""
        self.stop_all()
        self._engine.dispose()

    def rows(self, query: str, **values: Any) -> list[Row[Any]]:
        """The rows that a test's own query finds in the bot's database."""
        with self._engine.connect() as connection:
            return list(connection.execute(text(query), values))

    def channel(self, number: int = 1, *, joins: bool = True) -> str:
        """The name of an incident's channel, once it exists and has its card.

        Waits for somebody besides the bot to be in it, too, unless `joins` is false because that is what
        fails.
        """
        names = self.workspace.incident_channels
        start = f"inc-{number}-"
        name = eventually(lambda: next((each for each in names() if f"{each}-".startswith(start)), None), 20)
        eventually(lambda: self.workspace.card(name), 20)
        eventually(lambda: not joins or len(self.workspace.channel(name)["members"]) > 1, 20)
        return name

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until nothing is in progress: no row is waiting or running, no call or delivery is open."""
        with self._telling(UNFINISHED):
            eventually(lambda: not self.rows(UNFINISHED), seconds)
        eventually(lambda: not [each for each in self.log() if each["ended"] is None], seconds)

    def settle_deliveries(self, seconds: float = PATIENCE) -> None:
        """Wait until the bot has answered everything that was delivered to it."""
        eventually(lambda: not [each for each in self._deliveries() if each["ended"] is None], seconds)

    def settle_log(self, seconds: float = PATIENCE) -> None:
        """Wait until every delivery is answered and nothing more has come for a while.

        Do this before moving the clock while something still waits for a retry: whatever is open then would
        seem to have taken that long.
        """
        lengths = [-1]

        def is_quiet() -> bool:
            lengths.append(len(self.log()))
            is_open = [each for each in self._deliveries() if each["ended"] is None]
            quiet = not is_open and lengths[-1] == lengths[-2]
            time.sleep(0 if quiet else 0.4)
            return quiet

        eventually(is_quiet, seconds)

    def log(self) -> list[dict[str, Any]]:
        """Every call and delivery so far."""
        return list(self.workspace.get("log?since=0")["entries"])

    def logged(self) -> list[Record]:
        """Everything that the bots of this test have logged, as records."""
        lines = [line for process in self._processes for line in process.log().splitlines()]
        return [*self.records, *(_record(line) for line in lines)]

    def _expect_company(self) -> None:
        """Allow ``ratelimited``: each replica paces itself alone, so several may exceed Slack's limit."""
        if self._bots or self._processes:
            self.expected.codes.add("ratelimited")

    def _deliveries(self) -> list[dict[str, Any]]:
        return [each for each in self.log() if each["kind"] == "delivery"]

    @contextmanager
    def _telling(self, query: str) -> Iterator[None]:
        """Add what the query finds to the message of a failure."""
        try:
            yield
        except AssertionError as error:
            error.add_note(str(self.rows(query)))
            raise

    def _deliver(self, *more: Bot) -> None:
        if self.mode == "http":
            deliver_to(self.sandbox, [*self._bots, *more])


def _record(line: str) -> Record:
    try:
        return dict(json.loads(line))
    except ValueError:
        # Not JSON: a traceback on standard error, for example.
        return {"event": line, "log_level": "error"}


class _Errors(logging.Handler):
    """Keeps what libraries log as errors."""

    def __init__(self, records: list[Record]) -> None:
        super().__init__(logging.ERROR)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        # :func:`bot.logs.configure` silences these: the caller logs what failed.
        if record.name.startswith(("slack_sdk.web", "websocket")):
            return
        self._records.append({"event": record.getMessage(), "log_level": "error", "logger": record.name})


@contextmanager
def arena(database_url: str, mode: Mode, folder: Path, **options: Any) -> Iterator[Arena]:
    """An arena in which nothing is running yet; `options` go to the sandbox."""
    clock = MovableClock()
    with ExitStack() as stack:
        sandbox = stack.enter_context(running(ROOT / "manifest.yml", clock=clock.seconds, **options))
        made = Arena(sandbox, database_url, mode, clock, folder)
        made.records = stack.enter_context(recorded())
        errors = _Errors(made.records)
        logging.getLogger().addHandler(errors)
        stack.callback(logging.getLogger().removeHandler, errors)
        stack.callback(made.close)
        yield made
