"""Nudges at three replicas, of which one is killed right after Slack has got one, and again after restarts.

Promised: a missing commander is asked for once, and each nudge for an update comes once, whoever sends it.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.interactions import commands, forms
from storage.database import Database
from tests.support.agreement import key_of
from tests.support.databases import _migrated_postgresql, postgresql
from tests.support.rows import end_leases
from tests.support.stage import Replica, Stage
from tests.support.wire import Fault, KilledError

__all__ = ["_migrated_postgresql", "postgresql"]

ASKED, NUDGED, SNOOZED = "INC-1/notice/no_commander", "INC-2/update/1/nudge/1", "INC-2/update/1/nudge/2"


@pytest.fixture
def stage(postgresql: Database) -> Stage:
    """Two critical incidents: nobody leads the first, and the second has had an update."""
    made = Stage(postgresql.engine.url.render_as_string(hide_password=False))
    for title in ("Search is empty", "Payments fail"):
        types(made, "declare")
        made.does(
            forms.submit(
                made.sandbox.interactions, user="ana", values={"title": title, "severity": "critical"}
            )
        )
    made.drain()
    types(made, "lead INC-2")
    types(made, "update INC-2 We know more")
    made.drain()
    return made


def types(stage: Stage, text: str) -> None:
    stage.does(
        commands.run_command(
            stage.sandbox.interactions, user="ana", channel="general", command="/incident", text=text
        )
    )


def posted(stage: Stage) -> Counter[str]:
    """How often each nudge is in Slack."""
    found = [
        key_of(message)
        for channel in stage.store.workspace.channels.values()
        for message in channel.messages.values()
    ]
    return Counter(each for each in found if "/nudge/" in each or each == ASKED)


def works(replica: Replica) -> bool:
    """Ring and perform everything; whether it survived that."""
    try:
        replica.ring()
        while rows := replica.claim(1):
            replica.perform(rows[0])
    except KilledError:
        return False
    return True


def all_work(replicas: list[Replica]) -> list[Replica]:
    """All of them work at once; those that survive."""
    with ThreadPoolExecutor(len(replicas)) as pool:
        survived = list(pool.map(works, replicas))
    return [each for each, lives in zip(replicas, survived, strict=True) if lives]


def test_each_nudge_comes_once_from_three_replicas_of_which_one_is_killed(
    stage: Stage, postgresql: Database
) -> None:
    replicas = [stage.another() for _ in range(3)]
    all_work(replicas)
    stage.wait(minutes=16)
    stage.wire.faults.append(Fault("late kill"))
    left = all_work(replicas)
    assert len(left) == 2
    end_leases(postgresql)
    all_work(left)
    assert posted(stage) == {ASKED: 1, NUDGED: 1}
    again = [stage.another() for _ in range(3)]
    stage.wait(minutes=30)
    all_work([*again, *left])
    assert posted(stage) == {ASKED: 1, NUDGED: 1}
    for each in [*replicas, *again]:
        each.close()
    stage.close()
