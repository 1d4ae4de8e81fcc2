"""What a project brings to an incident is there once, whatever got lost on the way, and where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain.incidents.comers import Party
from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import Roles
from bot.domain.outbox.effects import AnnounceAtHome, BookmarkLink, OfferComers
from bot.domain.outbox.rows import Claimed, MessagePosted
from bot.domain.projects.model import Link
from bot.effects.failures import CallFailed, final
from bot.effects.projects import ProjectPerformers
from tests.support.examples import NOW, incident

RUNBOOK, BOARD = Link("Runbook", "https://wiki.example.com"), Link("Board", "https://board.example.com")
OWNERS = Party("owners of Checkout", ("U0BEN",))


@dataclass
class FakeSlack:
    """A server with the bookmarks of one channel, which may lose an answer or grant no scope."""

    bookmarks: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refusal: str = ""

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        self.calls.append(method)
        if self.refusal:
            raise CallFailed(final(self.refusal).failure, method)
        if method == "bookmarks.add":
            self.bookmarks.append({name: asked[name] for name in ("title", "link")})
        return {"bookmarks": self.bookmarks}


@dataclass
class FakeReads:
    """Reads that know one incident, the links of its project, and who would come."""

    found: Incident
    parties: tuple[Party, ...] = ()
    place: tuple[str, str] | None = None

    def incident(self, _incident_id: int) -> Incident:
        return self.found

    def links(self, _incident: Incident) -> tuple[Link, ...]:
        return (RUNBOOK, BOARD)

    def roles(self, _incident: Incident) -> Roles:
        return Roles()

    def where(self, _key: str) -> tuple[str, str] | None:
        return self.place

    def offered(self, _incident_id: int) -> tuple[Party, ...]:
        return self.parties


@dataclass
class FakePosts:
    """Notes what is posted, edited and deleted."""

    done: list[tuple[str, str]] = field(default_factory=list)
    place: tuple[str, str] | None = None
    """Where the message is, even if only Slack knows."""

    def whereabouts(self, *_: Any) -> tuple[str, str] | None:
        return self.place

    @property
    def takedown(self) -> FakePosts:
        return self

    def known_announcements_channel(self) -> str:
        return "C0ALL"

    def remove(self, _row: Claimed, key: str, channel: str, *_: Any) -> None:
        self.done.append(("delete", f"{key} {channel}"))

    def show(self, _row: Claimed, key: str, channel: str, *_: Any) -> str:
        self.done.append(("show", f"{key} {channel}"))
        return "1.0"

    def edit_or_post(self, _row: Claimed, place: Any, key: str, channel: str, *_: Any) -> str:
        self.done.append(("edit" if place else "post", f"{key} {channel}"))
        return "1.0"


def performed(
    perform: Callable[[ProjectPerformers, Claimed], object],
    reads: FakeReads,
    slack: FakeSlack | None = None,
    *,
    look_first: bool = False,
) -> FakePosts:
    posts = FakePosts(place=reads.place)
    made = ProjectPerformers(slack or FakeSlack(), reads, posts, reads)  # type: ignore[arg-type]
    effect = BookmarkLink(12, 0)
    perform(made, Claimed(1, "INC-12/x", effect, 1, look_first=look_first, created_at=NOW, owner="w"))
    return posts


def bookmark(number: int) -> Callable[[ProjectPerformers, Claimed], object]:
    return lambda made, row: made.bookmark(BookmarkLink(12, number), row)


def test_the_first_attempt_is_one_call() -> None:
    slack = FakeSlack()
    for number in (0, 1):
        performed(bookmark(number), FakeReads(incident()), slack)
    assert slack.calls == ["bookmarks.add"] * 2
    assert slack.bookmarks == [{"title": each.name, "link": each.url} for each in (RUNBOOK, BOARD)]


def test_an_attempt_after_a_lost_answer_looks_first() -> None:
    slack = FakeSlack([{"title": "Runbook", "link": RUNBOOK.url}, {"title": "Board", "link": "https://x"}])
    for number in (0, 1):
        performed(bookmark(number), FakeReads(incident()), slack, look_first=True)
    assert slack.calls == ["bookmarks.list", "bookmarks.list", "bookmarks.add"]


@pytest.mark.parametrize("refusal", ["missing_scope", "too_many_bookmarks", "not_allowed"])
def test_a_bookmark_that_is_refused_is_left_out(refusal: str) -> None:
    performed(bookmark(0), FakeReads(incident()), FakeSlack(refusal=refusal))


def test_a_link_that_the_project_no_longer_has_is_left_out() -> None:
    slack = FakeSlack()
    performed(bookmark(2), FakeReads(incident()), slack)
    assert slack.calls == []


def home(made: ProjectPerformers, row: Claimed) -> object:
    return made.announce_at_home(AnnounceAtHome(12), row)


@pytest.mark.parametrize(
    ("about", "done"),
    [
        (incident(home_channel="C0HOME"), [("show", "INC-12/home C0HOME")]),
        (incident(home_channel="C0HOME", is_private=True), [("delete", "INC-12/home C0HOME")]),
        (incident(home_channel="C0ALL"), []),
        (incident(), []),
    ],
    ids=["public", "private", "the announcements channel", "no home"],
)
def test_an_incident_is_announced_at_home_once_and_only_while_it_is_public(
    about: Incident, done: list[tuple[str, str]]
) -> None:
    assert performed(home, FakeReads(about)).done == done


def offer(made: ProjectPerformers, row: Claimed) -> object:
    outcome = made.offer(OfferComers(12), row)
    assert outcome is None or outcome == MessagePosted("INC-12/offer", "C0INC", "1.0")
    return outcome


@pytest.mark.parametrize(
    ("parties", "place", "done"),
    [
        ((OWNERS,), None, ["post"]),
        ((OWNERS,), ("C0INC", "1.0"), ["edit"]),
        ((), ("C0INC", "1.0"), ["edit"]),
        ((), None, []),
        ((replace(OWNERS, user_ids=()),), None, []),
    ],
    ids=["asked", "asked again", "settled", "nobody", "an empty group"],
)
def test_a_question_is_asked_once_and_edited_when_it_is_settled(
    parties: tuple[Party, ...], place: tuple[str, str] | None, done: list[str]
) -> None:
    posts = performed(offer, FakeReads(incident(is_private=True), parties, place))
    assert [what for what, _ in posts.done] == done
