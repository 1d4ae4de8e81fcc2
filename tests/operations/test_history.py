"""Catching up reads first, writes only what is new, keeps its progress, and survives odd messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind
from bot.domain.outbox.effects import CatchUp
from bot.domain.outbox.rows import Claimed
from bot.effects.failures import CallFailed, not_yet
from bot.effects.history import HistoryPerformers
from bot.operations.erasure import Erasure
from storage import texts as stored_texts
from tests.support.office import Office

BEGAN = 1_710_000_000
ROW = Claimed(1, "INC-1/history/1", CatchUp(1), 1, look_first=False, created_at=None, owner="worker")  # type: ignore[arg-type]
THREADS = 80


def message(second: int, text: str = "it is down", **more: Any) -> dict[str, Any]:
    return {"ts": f"{BEGAN + second}.000100", "user": "BEN", "text": text, **more}


@dataclass
class FakeSlack:
    """A channel's history, newest first; it refuses after that many calls."""

    parents: list[dict[str, Any]]
    replies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    size: int = 999
    calls: list[tuple[str, str]] = field(default_factory=list)
    left: int = 10**6
    is_stopping: bool = False

    def page(self, method: str, items: str, cursor: str, **asked: Any) -> tuple[list[Any], str]:
        self._count(method, asked.get("ts", cursor))
        oldest = float(asked.get("oldest", 0))
        shown = [each for each in self.parents if not oldest or float(each["ts"]) > oldest]
        start = int(cursor or 0)
        end = start + self.size
        return shown[start:end], str(end) if end < len(shown) else ""

    def pages(self, method: str, items: str, **asked: Any) -> Iterator[Any]:
        self._count(method, asked.get("ts", ""))
        yield from self.replies.get(asked["ts"], ())

    def go_on(self) -> None:
        if self.is_stopping:
            raise not_yet("stopping", None)  # type: ignore[arg-type]

    def _count(self, method: str, what: str) -> None:
        if self.left == 0:
            raise not_yet("ratelimited", None)  # type: ignore[arg-type]
        self.left -= 1
        self.calls.append((method, what))


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident whose channel is C1."""
    declared = office.declare()
    office.perform_all()
    return declared


def performer(office: Office, slack: FakeSlack) -> HistoryPerformers:
    return HistoryPerformers(
        slack,  # type: ignore[arg-type]
        office.performer_reads,
        office.outbox,
        office.channels,
        office.recorder,
        lambda: None,
        office.items,
    )


def texts(office: Office, incident: Incident) -> list[str]:
    return [entry.text for entry in office.entries(incident, EntryKind.MESSAGE)]


class Writes:
    """Counts the statements that write."""

    def __init__(self, office: Office) -> None:
        self.statements: list[str] = []
        event.listen(office.database.engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _k: object, statement: str, *_: object) -> None:
        if statement.split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            self.statements.append(statement)


def test_if_everything_is_known_only_the_progress_is_written(office: Office, incident: Incident) -> None:
    pin = {"name": "pushpin", "users": ["ANA", "GUEST"], "count": 2}
    parents = [message(n, reactions=[pin] if n % 2 else []) for n in reversed(range(30))]
    parents[3]["edited"] = {"ts": f"{BEGAN + 50}.000100"}
    history = performer(office, FakeSlack(parents))
    history.catch_up(CatchUp(incident.id), ROW)
    assert len(texts(office, incident)) == 30
    writes = Writes(office)
    history.catch_up(CatchUp(incident.id), ROW)
    assert [each.split()[1] for each in writes.statements] == ["incidents"]
    assert "caught_up_to" in writes.statements[0]


def test_a_text_that_was_removed_or_erased_is_read_again_and_not_stored(
    office: Office, incident: Incident
) -> None:
    yesterday = int(office.clock.now.timestamp()) - 86400 - BEGAN
    slack = FakeSlack([message(yesterday), message(yesterday - 1), message(yesterday - 2, user="ANA")])
    history = performer(office, slack)
    history.catch_up(CatchUp(incident.id), ROW)
    [anas, _, _] = office.entries(incident, EntryKind.MESSAGE)
    office.database.run(lambda tx: stored_texts.remove(tx, [anas.id], 90))
    erasure = Erasure(office.database, office.clock)
    assert erasure.erase(erasure.find("BEN").subject) == 0
    edited = {"ts": f"{BEGAN + yesterday + 9}.000100"}
    again = [{**each, "text": "it was down", "edited": edited} for each in slack.parents]
    slack.parents = [*again, message(yesterday - 3, "never seen before")]
    for _ in range(2):
        history.catch_up(CatchUp(incident.id), ROW)
        assert texts(office, incident) == ["", "", "", ""]


def test_only_the_month_before_what_is_known_is_read_again(office: Office, incident: Incident) -> None:
    slack = FakeSlack([message(5), message(0)])
    history = performer(office, slack)
    history.catch_up(CatchUp(incident.id), ROW)
    known_to = float(office.recorder.caught_up_to(incident.id) or 0)
    assert known_to == office.clock.now.timestamp()
    long_ago = known_to - timedelta(days=31).total_seconds()
    of_late = known_to - timedelta(days=29).total_seconds()
    slack.parents = [
        {**message(0, "late"), "ts": f"{of_late:.6f}"},
        {**message(0, "long ago"), "ts": f"{long_ago:.6f}"},
    ]
    history.catch_up(CatchUp(incident.id), ROW)
    assert "late" in texts(office, incident)
    assert "long ago" not in texts(office, incident)


def test_an_attempt_resumes_where_slack_refused_the_last_one(
    office: Office, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively = [
        message(n, latest_reply=f"{BEGAN + 5000 + n}.000100", thread_ts=f"{BEGAN + n}.000100")
        for n in reversed(range(THREADS))
    ]
    replies = {
        each["ts"]: [each, message(5000 + n, f"reply {n}", thread_ts=each["ts"])]
        for n, each in enumerate(reversed(lively))
    }
    slack = FakeSlack(lively, replies, size=30)
    history, row, attempts = performer(office, slack), ROW, 0
    kept: list[Mapping[str, Any]] = []
    monkeypatch.setattr(office.outbox, "keep_progress", lambda _row, progress: kept.append(progress))
    while True:
        slack.left, attempts = 10, attempts + 1
        try:
            history.catch_up(CatchUp(incident.id), row)
        except CallFailed:
            row = replace(row, progress=kept[-1])
        else:
            break
        assert attempts < 20
    asked = [what for method, what in slack.calls if method == "conversations.replies"]
    assert len(asked) == len(set(asked)) == THREADS
    assert len([text for text in texts(office, incident) if text.startswith("reply")]) == THREADS
    first_kept = {"began": office.clock.now.timestamp(), "cursor": "", "thread": asked[0]}
    assert json.dumps(kept[0]) == json.dumps(first_kept), "as every version writes and reads it"


@pytest.mark.parametrize(
    "odd",
    [
        {"user": "BEN", "text": "no ts"},
        {"ts": "yesterday", "user": "BEN", "text": "no time"},
        {"ts": "1710000005.000100", "user": "B" * 99, "text": "odd", "files": "many"},
        message(5, reactions=[{"name": "pushpin", "users": 3}]),
        message(5, reactions=[{"name": "ballot_box_with_check", "users": 3}]),
        message(5, reactions="many"),
        message(5, bot_profile="robot"),
        {"ts": "1710000005.000100", "user": "BEN", "text": "x", "edited": "yes"},
        {"ts": "1710000005.000100", "user": "BEN", "text": "x", "latest_reply": "soon"},
    ],
)
def test_one_odd_message_does_not_stop_a_batch(
    office: Office, incident: Incident, odd: dict[str, Any]
) -> None:
    slack = FakeSlack([message(9, "after"), odd, message(0, "before")])
    performer(office, slack).catch_up(CatchUp(incident.id), ROW)
    assert {"before", "after"} <= set(texts(office, incident))


@pytest.mark.parametrize("user_id", ["BEN", "GUEST", "UNHEARD_OF"])
def test_a_mark_by_somebody_who_may_not_see_the_incident_stops_nothing(office: Office, user_id: str) -> None:
    incident = office.declare(is_private=True)
    office.perform_all()
    mark = {"name": "ballot_box_with_check", "users": [user_id], "count": 1}
    slack = FakeSlack([message(9, "after"), message(5, "marked", reactions=[mark]), message(0, "before")])
    slack.replies[""] = []
    office.channels.set_members(incident.id, frozenset({"ANA"}), office.clock.now)
    history = performer(office, slack)
    history.catch_up(CatchUp(incident.id), replace(ROW, progress={"began": 1.0}))
    assert sorted(texts(office, incident)) == ["after", "before", "marked"]
    assert office.items.get_action_items_for_incident(incident.id, viewer="ANA") == []


def test_the_first_mark_that_counts_makes_the_action_item_once(office: Office, incident: Incident) -> None:
    mark = {"name": "ballot_box_with_check", "users": ["GUEST", "ANA", "BEN"], "count": 3}
    slack = FakeSlack([message(5, "Raise the limit", reactions=[mark])])
    history = performer(office, slack)
    for _ in range(2):
        history.catch_up(CatchUp(incident.id), ROW)
    [item] = office.items.get_action_items_for_incident(incident.id, viewer="ANA")
    assert (item.title, item.created_by) == ("Raise the limit", "ANA")


def test_a_bot_that_is_stopping_begins_no_other_batch(office: Office, incident: Incident) -> None:
    slack = FakeSlack([message(n) for n in reversed(range(900))])
    slack.is_stopping = True
    with pytest.raises(CallFailed) as caught:
        performer(office, slack).catch_up(CatchUp(incident.id), ROW)
    assert caught.value.code == "stopping"
    assert texts(office, incident) == []
