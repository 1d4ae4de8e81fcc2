"""Each check that runs after a fault notices what it is meant to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.faults import checks
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.asking import all_recorded

Breaking = Callable[[Arena], object]


@pytest.fixture
def whole(sqlite_url: str, tmp_path: Path) -> Iterator[Arena]:
    """An incident with a message in its channel, and everything as it should be."""
    with make(sqlite_url, "socket", tmp_path) as made:
        made.bot()
        made.declare()
        made.workspace.say("a fact", made.channel())
        all_recorded(made, 1)
        made.settle()
        made.stop_all()
        checks.check(made)
        yield made


def change(arena: Arena, statement: str) -> None:
    engine = create_engine(arena.database_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def post_the_card_again(arena: Arena) -> None:
    channels = arena.sandbox.store.workspace.channels.values()
    [channel] = [each for each in channels if each.name.startswith("inc-1")]
    card = next(each for each in channel.messages.values() if each.metadata)
    channel.messages["9.000100"] = replace(card, ts="9.000100")


def log(arena: Arena, kind: str, name: str, **fields: object) -> None:
    entry = arena.sandbox.log.begin(kind, name, **fields)
    entry |= {"ended": entry["started"] + 4.0, "took": 4.0}


def tell(arena: Arena, secret: str) -> None:
    """Put the secret into a message that everybody can read."""
    arena.secrets.append(secret)
    channels = arena.sandbox.store.workspace.channels.values()
    [channel] = [each for each in channels if each.name == "incidents"]
    channel.messages["9.000200"] = replace(next(iter(channel.messages.values())), text=secret)


def told(arena: Arena, secret: str) -> None:
    """Put the secret into a log."""
    arena.secrets.append(secret)
    arena.records.append({"event": f"about {secret}", "log_level": "info"})


def sql(statement: str) -> Breaking:
    return lambda arena: change(arena, statement)


BREAKING: list[tuple[Callable[[Arena], None], str, Breaking]] = [
    (
        checks.one_incident_for_each_accepted_request,
        "one too few",
        lambda arena: setattr(arena, "accepted", 2),
    ),
    (
        checks.one_incident_for_each_accepted_request,
        "one too many",
        lambda arena: setattr(arena, "accepted", 0),
    ),
    (
        checks.one_incident_for_each_accepted_request,
        "its channel isn't known",
        sql("UPDATE incidents SET channel_id = NULL"),
    ),
    (checks.every_fact_once, "one lost", sql("DELETE FROM timeline_entries WHERE kind = 'message'")),
    (
        checks.every_fact_once,
        "one as it was",
        sql("UPDATE timeline_entries SET text = 'x' WHERE kind = 'message'"),
    ),
    (checks.nothing_twice, "the card twice", post_the_card_again),
    (
        checks.every_row_delivered_or_dead,
        "one waits",
        sql("UPDATE outbox SET state = 'waiting' WHERE key = 'INC-1/pin'"),
    ),
    (
        checks.every_row_delivered_or_dead,
        "one given up",
        sql("UPDATE outbox SET state = 'dead' WHERE key = 'INC-1/pin'"),
    ),
    (
        checks.every_row_delivered_or_dead,
        "none given up",
        lambda arena: arena.expected.dead.add("PinCard"),
    ),
    (checks.every_ack_in_time, "a late one", lambda arena: log(arena, "delivery", "events_api", acked=True)),
    (checks.every_ack_in_time, "none", lambda arena: log(arena, "delivery", "interactive", acked=False)),
    (
        checks.no_unexpected_call,
        "an unknown one",
        lambda arena: log(arena, "call", "conversations.kick", error=None),
    ),
    (
        checks.no_unexpected_call,
        "one refused",
        lambda arena: log(arena, "call", "pins.add", error="already_pinned"),
    ),
    (
        checks.no_unexpected_error,
        "a record",
        lambda arena: arena.records.append({"event": "x", "log_level": "error"}),
    ),
    (
        checks.no_secret_told,
        "a token",
        lambda arena: arena.records.append({"event": arena.sandbox.bot_token}),
    ),
    (checks.no_secret_told, "a private text in a log", lambda arena: told(arena, "payroll")),
    (checks.no_secret_told, "a private text in public", lambda arena: tell(arena, "payroll")),
]


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        pytest.param(check, broken, id=f"{check.__name__.replace('_', ' ')}: {name}")
        for check, name, broken in BREAKING
    ],
)
def test_a_check_notices_what_it_is_meant_to_notice(
    whole: Arena, check: Callable[[Arena], None], broken: Breaking
) -> None:
    broken(whole)
    with pytest.raises(AssertionError):
        check(whole)


def test_every_check_is_made_to_fail_once() -> None:
    public = {each for name, each in vars(checks).items() if not name.startswith("_") and callable(each)}
    own = {each for each in public if getattr(each, "__module__", "") == checks.__name__}
    assert own - {checks.check} == {check for check, _name, _broken in BREAKING}
