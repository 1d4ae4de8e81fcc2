"""Thousands of messages at once while people type commands; then every message must be in the database."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text

from tests.bench.figures import ms, p99
from tests.support import slackish
from tests.support.clients import ENGINES, Client, bare, give_a_channel, muster, null
from tests.support.measures import Figure, messages, met, numbers
from tests.support.slackish import Slackish

BURST, COMMANDS, GAP = 5_000, 100, 0.01
"""Messages, commands, and seconds between two commands; the first command is behind the whole burst."""
SHARE, SLOWEST_COMMAND = 0.75, 0.3


@dataclass
class _Drained:
    """The results of the bursts that one program got."""

    seconds: list[float] = field(default_factory=list)
    """Seconds from each burst's beginning to its last ack."""
    commands: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Seconds per message, in a burst without commands."""
    stored: int = 0

    def measure(self, server: Slackish, client: Client) -> None:
        """Send two bursts: one while commands come in, and one alone."""
        commands = [slackish.command(next(numbers)) for _ in range(COMMANDS)]
        acks, answers = server.flood(messages(BURST, client.channel), commands, GAP)
        self.seconds.append(max(acks))
        self.commands += answers
        before = client.processor()
        server.rate(messages(BURST, client.channel))
        self.processor.append((client.processor() - before) / BURST)

    def processor_ms(self) -> str:
        """The median for a message, as text."""
        return f"{1000 * statistics.median(self.processor):.2f} ms"


def burst(server: Slackish, rounds: int) -> list[Figure]:
    """Bursts to a bare app and to Muster on either engine in turn; the bare one stores nothing."""
    ceiling, theirs = list[float](), _Drained()
    ours = {engine: _Drained() for engine in ENGINES}
    for _ in range(rounds):
        with null(server):
            ceiling.append(server.rate(messages(BURST, "C0")))
        with bare(server, "websocket_client") as client:
            theirs.measure(server, client)
        for engine, fresh in ENGINES.items():
            with fresh() as url, muster(server, url=url) as client:
                give_a_channel(server, client)
                ours[engine].measure(server, client)
                ours[engine].stored += _stored(client)
    generator = f"the load generator does {statistics.median(ceiling):,.0f}/s"
    return [line for engine in ENGINES for line in _lines(engine, theirs, ours[engine], rounds, generator)]


def _lines(engine: str, theirs: _Drained, ours: _Drained, rounds: int, generator: str) -> list[Figure]:
    name = f"burst of {BURST:,}, {engine}"
    wanted = 2 * BURST * rounds
    drained, slowest = statistics.median(theirs.seconds), statistics.median(ours.seconds)
    ratio, latest = slowest / drained, p99(ours.commands)
    return [
        Figure(
            f"{name}: messages stored",
            "",
            f"{ours.stored:,}",
            None,
            f"{wanted:,}",
            met(ours.stored == wanted),
        ),
        Figure(
            f"{name}: slowest ack",
            f"{ms(drained)} to drain",
            ms(slowest),
            ratio,
            f"≤ {SHARE}x",
            f"{met(ratio <= SHARE)}; {generator}",
        ),
        Figure(
            f"{name}: p99 of {len(ours.commands)} commands meanwhile",
            ms(p99(theirs.commands)),
            ms(latest),
            None,
            f"≤ {ms(SLOWEST_COMMAND)}",
            met(latest <= SLOWEST_COMMAND),
        ),
        Figure(f"{name}: processor per message", theirs.processor_ms(), ours.processor_ms(), None, "", ""),
    ]


def _stored(client: Client) -> int:
    engine = create_engine(client.database)
    query = "SELECT count(DISTINCT ts) FROM timeline_entries WHERE kind = 'message'"
    with engine.connect() as connection:
        found = connection.execute(text(query)).scalar_one()
    engine.dispose()
    return int(found)
