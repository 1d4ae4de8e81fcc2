"""Bursts: people's commands come first, and kill -9 in the middle of one loses nothing that was acked.

Promised: a command waits for no message, each channel's messages stay in order, and an ack means stored. (The
bot has a process of its own here, and its server sends as fast as it can; `make bench` measures 5,000.)
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.support import slackish
from tests.support.clients import Client, give_a_channel, muster
from tests.support.measures import messages, numbers
from tests.support.migrated import _migrated_file, _migrated_template, postgresql_url, sqlite_url
from tests.support.people import eventually
from tests.support.slackish import Slackish, serving

__all__ = ["_migrated_file", "_migrated_template", "postgresql_url", "sqlite_url"]


@pytest.fixture
def slack() -> Iterator[Slackish]:
    """A server that sends a burst as fast as sockets allow."""
    with serving() as made:
        yield made


@pytest.fixture
def bot(slack: Slackish, database_url: str) -> Iterator[Client]:
    """`python app.py`, with an incident's channel; on either engine."""
    with muster(slack, url=database_url) as client:
        give_a_channel(slack, client)
        yield client


def stored(client: Client) -> set[str]:
    """The ts of the messages in the timeline."""
    engine = create_engine(client.database)
    query = "SELECT ts FROM timeline_entries WHERE kind = 'message' AND is_seen"
    with engine.connect() as connection:
        found = set(connection.execute(text(query)).scalars())
    engine.dispose()
    return found


def ts_of(envelope: slackish.Json) -> str:
    return str(envelope["payload"]["event"]["ts"])


def test_a_command_behind_a_thousand_messages_is_acked_before_their_last_hundred(
    slack: Slackish, bot: Client
) -> None:
    facts = messages(1000, bot.channel)
    acks, _ = slack.flood([*facts, slackish.command(next(numbers))], [], 0)
    assert len([each for each in acks[:-1] if each > acks[-1]]) > 100
    assert stored(bot) == set(map(ts_of, facts))


def test_one_channels_messages_are_acked_in_order(slack: Slackish, bot: Client) -> None:
    acks, _ = slack.flood(messages(1000, bot.channel), [], 0)
    assert acks == sorted(acks)


def test_what_was_acked_before_a_kill_in_a_burst_is_stored(slack: Slackish, bot: Client) -> None:
    facts = messages(5000, bot.channel)
    sending = threading.Thread(target=slack.send_and_forget, args=(facts,))
    sending.start()
    eventually(lambda: len(slack.acked()) > 300)
    bot.process.kill()
    bot.process.wait()
    sending.join(10)
    acked = slack.acked()
    there = stored(bot)
    assert 300 < len(acked) < len(facts)
    assert {ts_of(each) for each in facts if each["envelope_id"] in acked} <= there
