"""A declaration that brings in many people is no deeper than one that brings in nobody."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from sqlalchemy import Connection

from bot.domain.kit.groups import UserGroup
from bot.domain.projects.model import Link, Project, choice_of
from storage import groups, projects
from storage.database import Database
from tests.support import slackish
from tests.support.clients import folder, muster, wait_for_calls
from tests.support.examples import NOW
from tests.support.measures import Figure, met, numbers
from tests.support.slackish import Slackish

PEOPLE, MEMBERS, LINKS = 12, 10, 3
CALL_SECONDS, DEEP, ACK = 0.1, 0.45, 0.1
_WHAT = f"declare with {PEOPLE} people, a group and {LINKS} links"


def declare(server: Slackish, rounds: int) -> list[Figure]:
    """The time until the last of its calls is done when each takes a while, and of its ack."""
    done, acked = list[float](), list[float]()
    for _ in range(rounds):
        with folder() as place:
            choice = _prepare(place)
            with muster(server, place):
                server.calls.clear()
                server.delay = CALL_SECONDS
                began = time.perf_counter()
                acked += server.ack_times([slackish.submission(next(numbers), project=choice)], at_once=False)
                wait_for_calls(server, "pins.add", 1)
                wait_for_calls(server, "bookmarks.add", LINKS)
                time.sleep(0.6)
                done.append(max(each.ended - began for each in server.calls))
                invited = sum(each.method == "conversations.invite" for each in server.calls)
                assert invited == 2, "the declarer, and everybody else"
    last, ack = statistics.median(done), statistics.median(acked)
    return [
        Figure(f"{_WHAT}: last call done", "", f"{last:.2f} s", None, f"≤ {DEEP} s", met(last <= DEEP)),
        Figure(f"{_WHAT}: ack", "", f"{1000 * ack:.1f} ms", None, f"≤ {1000 * ACK:.0f} ms", met(ack <= ACK)),
    ]


def _prepare(place: Path) -> str:
    """A database with a project; its value in the form's menu."""
    database = Database(f"sqlite:///{place / 'muster.db'}")
    database.migrate()
    choice = database.run(_add)
    database.close()
    return choice


def _add(tx: Connection) -> str:
    members = tuple(f"U9{number:02}" for number in range(MEMBERS))
    groups.save(tx, [UserGroup("S1", "oncall", "On call", members)], NOW)
    people = tuple(f"U8{number:02}" for number in range(PEOPLE))
    links = tuple(Link(f"Link {number}", f"https://wiki.example.com/{number}") for number in range(LINKS))
    made = projects.add(tx, Project(0, "Checkout", people, ("S1",), links, "U1", NOW, "U1", NOW))
    return choice_of(made.id)
