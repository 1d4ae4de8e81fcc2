"""Large workspaces are listed page by page, and an attempt resumes where Slack refused the last one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain.outbox.effects import ListPeople
from bot.domain.outbox.rows import Claimed
from bot.effects.directory import PeoplePerformers
from bot.effects.failures import CallFailed, not_yet
from tests.support.examples import NOW

PAGES, PAGE, ALLOWED = 26, 999, 20
ROW = Claimed(1, "people/1", ListPeople(), 1, look_first=False, created_at=NOW, owner="w")


@dataclass
class FakeDirectory:
    """25,000 people; Slack shows twenty pages of them a minute."""

    left: int = ALLOWED
    asked: list[str] = field(default_factory=list)

    def some(self, cursor: str) -> tuple[list[dict[str, Any]], str]:
        if not self.left:
            raise not_yet("ratelimited", NOW)
        self.left -= 1
        self.asked.append(cursor)
        number = int(cursor or 0)
        people = [{"id": f"U{number * PAGE + each}"} for each in range(PAGE)]
        return people, str(number + 1) if number + 1 < PAGES else ""


@dataclass
class FakePeople:
    """Stores people who aren't known yet."""

    known: set[str] = field(default_factory=set)
    writes: int = 0

    def news(self, users: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [user for user in users if user["id"] not in self.known]

    def save(self, users: Iterable[Mapping[str, Any]]) -> None:
        self.writes += 1
        self.known |= {user["id"] for user in users}


@dataclass
class FakeOutbox:
    """Keeps the row's progress."""

    row: Claimed = ROW

    def keep_progress(self, row: Claimed, progress: Mapping[str, Any]) -> None:
        self.row = replace(row, progress=progress)


def test_nobody_is_listed_twice_and_nobody_is_left_out() -> None:
    directory, people, kept = FakeDirectory(), FakePeople(), FakeOutbox()
    listed = list[str]()
    performers = PeoplePerformers(directory, people, kept, lambda: listed.append("all"))  # type: ignore[arg-type]
    with pytest.raises(CallFailed):
        performers.list_people(ListPeople(), ROW)
    assert not listed
    directory.left = ALLOWED
    performers.list_people(ListPeople(), kept.row)
    assert len(directory.asked) == len(set(directory.asked)) == PAGES
    assert len(people.known) == PAGES * PAGE
    assert listed == ["all"]


def test_if_everybody_is_known_nothing_is_written() -> None:
    people = FakePeople({f"U{number}" for number in range(PAGES * PAGE)})
    directory = FakeDirectory(left=PAGES)
    performers = PeoplePerformers(directory, people, FakeOutbox(), lambda: None)  # type: ignore[arg-type]
    performers.list_people(ListPeople(), ROW)
    assert people.writes == 0
