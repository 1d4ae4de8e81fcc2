"""Names of channels, and user groups, are listed in full, whatever else a workspace lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.kit.groups import UserGroup
from bot.domain.kit.references import Kind
from bot.domain.outbox.effects import ListNames
from bot.domain.outbox.rows import Claimed
from bot.effects.failures import CallFailed, final, not_yet
from bot.effects.names import NamePerformers
from tests.support.examples import NOW

ROW = Claimed(1, "names/1", ListNames(), 1, look_first=False, created_at=NOW, owner="w")
CHANNELS = [{"id": f"C{each}", "name": f"c{each}", "is_private": each % 10 == 0} for each in range(50)]
GROUPS = [
    {"id": "S1", "handle": "oncall", "name": "On call", "users": ["UBEN", "UANA"], "date_delete": 0},
    {"id": "S2", "handle": "retired", "name": "Retired", "date_delete": 1700000000},
]


@dataclass
class FakeSlack:
    """Shows ten channels a page, and fails where it is told to."""

    failing: dict[str, CallFailed] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, method: str, _items: str, cursor: str, **_: Any) -> tuple[list[dict[str, Any]], str]:
        self.asked.append(cursor)
        failure = self.failing.pop(f"{method}/{cursor}", None)
        if failure:
            raise failure
        start = int(cursor or 0)
        return CHANNELS[start : start + 10], str(start + 10) if start + 10 < len(CHANNELS) else ""

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        if method in self.failing:
            raise self.failing[method]
        assert asked == {"include_disabled": True, "include_users": True}
        return {"usergroups": GROUPS}


@dataclass
class FakeNames:
    """Stores names with the time that they are from."""

    known: dict[tuple[Kind, str], tuple[str | None, datetime]] = field(default_factory=dict)

    def save(self, kind: Kind, known: Mapping[str, str | None], at: datetime) -> None:
        self.known |= {(kind, each): (name, at) for each, name in known.items()}

    def forget_before(self, kind: Kind, at: datetime) -> None:
        old = [each for each, (_, known_at) in self.known.items() if each[0] is kind and known_at < at]
        for each in old:
            del self.known[each]


@dataclass
class FakeGroups:
    """Stores user groups."""

    known: dict[str, UserGroup] = field(default_factory=dict)
    forgotten_before: datetime | None = None

    def save(self, known: Sequence[UserGroup], _at: datetime) -> None:
        self.known |= {each.id: each for each in known}

    def forget_before(self, at: datetime) -> None:
        self.forgotten_before = at


@dataclass
class FakeOutbox:
    """Keeps the row's progress."""

    row: Claimed = ROW

    def keep_progress(self, row: Claimed, progress: Mapping[str, Any]) -> None:
        self.row = replace(row, progress=progress)


def listed(slack: FakeSlack, names: FakeNames, outbox: FakeOutbox) -> FakeGroups:
    groups = FakeGroups()
    performers = NamePerformers(slack, names, groups, outbox)  # type: ignore[arg-type]
    performers.list_names(ListNames(), outbox.row)
    return groups


def test_public_channels_have_names_and_private_channels_do_not() -> None:
    names = FakeNames()
    listed(FakeSlack(), names, FakeOutbox())
    told = {each: name for (kind, each), (name, _) in names.known.items() if kind is Kind.CHANNEL}
    assert told == {each["id"]: None if each["is_private"] else each["name"] for each in CHANNELS}


def test_user_groups_are_stored_with_their_members_and_whether_they_are_disabled() -> None:
    groups = listed(FakeSlack(), FakeNames(), FakeOutbox())
    assert groups.known == {
        "S1": UserGroup("S1", "oncall", "On call", ("UANA", "UBEN")),
        "S2": UserGroup("S2", "retired", "Retired", is_disabled=True),
    }
    assert groups.forgotten_before == NOW, "what isn't listed is gone"


def test_what_is_no_longer_listed_is_forgotten() -> None:
    before = NOW - timedelta(days=1)
    names = FakeNames({(Kind.CHANNEL, "C9999"): ("gone", before)})
    listed(FakeSlack(), names, FakeOutbox())
    assert (Kind.CHANNEL, "C9999") not in names.known


def test_an_attempt_resumes_where_slack_refused_the_last_one() -> None:
    slack, names, outbox = (
        FakeSlack({"conversations.list/20": not_yet("ratelimited", NOW)}),
        FakeNames(),
        FakeOutbox(),
    )
    with pytest.raises(CallFailed):
        listed(slack, names, outbox)
    listed(slack, names, outbox)
    assert slack.asked == ["", "10", "20", "20", "30", "40"]
    assert len(names.known) == len(CHANNELS)


@pytest.mark.parametrize("code", ["missing_scope", "plan_upgrade_required", "unknown_method"])
def test_without_user_groups_channels_are_listed_all_the_same(code: str) -> None:
    names = FakeNames()
    groups = listed(FakeSlack({"usergroups.list": final(code)}), names, FakeOutbox())
    assert len(names.known) == len(CHANNELS)
    assert (groups.known, groups.forgotten_before) == ({}, None), "what is known is kept"


def test_a_server_that_lists_no_channels_makes_none_forgotten() -> None:
    names = FakeNames({(Kind.CHANNEL, "C1"): ("c1", NOW - timedelta(days=1))})
    listed(FakeSlack({"conversations.list/": final("unknown_method")}), names, FakeOutbox())
    assert (Kind.CHANNEL, "C1") in names.known
