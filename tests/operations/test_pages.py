"""People who are called into an incident: whom a page reaches, who counts as seen, and who is told when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest
from sqlalchemy import update

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, FoundMessage, PostedMessage
from bot.domain.kit.errors import (
    BotError,
    CannotPage,
    GroupEmpty,
    GroupUnknown,
    NobodyPaged,
    NotAllowed,
    NotPaged,
    OnlyYourself,
    OutsidersPaged,
    PagedRecently,
    PageOver,
    PageWhyMissing,
    TextTooLong,
    TooManyPaged,
    UnknownRef,
)
from bot.domain.kit.groups import UserGroup
from bot.domain.kit.people import ERASED, Person
from bot.domain.outbox.effects import CatchUp, ShowPage, TellPaged, TellUnseen
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import Claimed, Outcome
from bot.domain.pages.line import read_page_line
from bot.domain.pages.model import MAX_PAGED, WHY_LIMIT, Page
from bot.domain.surface.answers import PeopleTray
from bot.domain.surface.forms import PageInput
from bot.domain.surface.shown import PeopleShown
from bot.effects.failures import CallFailed
from bot.effects.pages import PagePerformers
from bot.operations.erasure import Erasure
from bot.operations.groups import UserGroups
from bot.operations.pages.reads import PageReads
from storage import members, messages, pages, people
from storage.database import Database
from storage.tables import outbox
from tests.support.office import NOBODIES, Office, keys, open_office

WHY = "The pool is full"


class Slack:
    """Who was written to, and what every message says now."""

    def __init__(self) -> None:
        self.posted: list[str] = []
        """The key of each new message."""
        self.says: dict[tuple[str, str], str] = {}
        """(channel, ts) -> all that is in the message."""

    def direct_channel(self, user_id: str) -> str:
        return f"D{user_id}"

    def post(self, row: Claimed, key: str, channel: str, message: Any, *_: Any, **__: Any) -> str:
        ts = f"18000{1 + ([*self.posted, key].index(key)):05}.000100"
        if not (row.look_first and key in self.posted):
            self.posted.append(key)
        self.says[channel, ts] = str(message.arguments())
        return ts

    def post_unseen(self, key: str, channel: str, message: Any) -> str:
        self.posted.append(key)
        ts = f"18000{len(self.posted):05}.000100"
        self.says[channel, ts] = str(message.arguments())
        return ts

    def attempted(self, row: Claimed, key: str, *_: Any) -> str | None:
        is_there = row.look_first and key in self.posted
        return f"18000{1 + self.posted.index(key):05}.000100" if is_there else None

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        assert method == "chat.update"
        self.says[asked["channel"], asked["ts"]] = str(asked)
        return {}


class Desk:
    """An office whose pages are really performed, on a Slack that only takes notes."""

    def __init__(self, office: Office, slack: Slack | None = None) -> None:
        self.office, self.slack = office, slack or Slack()
        reads = PageReads(office.database, office.clock)
        performers = PagePerformers(cast("Any", self.slack), office.performer_reads, reads)
        self._performers = performers.performers()

    def outcome_of(self, row: Claimed) -> Outcome:
        perform = self._performers.get(type(row.effect))
        return perform(row.effect, row) if perform else self.office.outcome_of(row)

    def perform(self) -> None:
        while held := self.office.claim():
            for row in held.values():
                self.office.outbox.finish(row, self.outcome_of(row))

    def said_in(self, key: str) -> str:
        """What the message known by this key says now."""
        place = self.office.database.run(partial(messages.where, key=key))
        return self.slack.says[place] if place else ""

    def told(self) -> list[str]:
        """The keys of the messages to people who asked, after the alarms that are due."""
        self.office.ring()
        self.perform()
        return [each for each in self.slack.posted if "/unseen/" in each]


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def declared(desk: Desk, **values: Any) -> Incident:
    """An incident whose channel is there."""
    made = desk.office.declare(**values)
    desk.perform()
    return made


def call_in(desk: Desk, *who: str, by: str = "ANA", why: str = WHY, **more: Any) -> Page:
    filled = PageInput(1, who or (() if "groups" in more else ("BEN",)), why, **more)
    return desk.office.pages.page(filled, by=by, key=next(keys))


def keep_group(desk: Desk, group_id: str, handle: str, *who: str, **values: Any) -> None:
    """Let Slack say that these people are in a user group."""
    group = UserGroup(group_id, handle, handle.title(), tuple(sorted(who)), **values)
    UserGroups(desk.office.database, desk.office.clock).save([group])


def unseen(desk: Desk, page: Page) -> tuple[str, ...]:
    found = desk.office.database.run(partial(pages.get, incident_id=1, page_id=page.id))
    assert found
    return found.unseen


def write(desk: Desk, who: str, minutes: float = 0) -> None:
    """Let somebody write in the channel, as Slack reports it for many messages at once."""
    at = desk.office.clock.now + timedelta(minutes=minutes)
    message = PostedMessage("C1", f"{at.timestamp():.6f}", who, None, "on it")
    desk.office.recorder.record_messages([message])


def test_everybody_is_invited_mentioned_once_and_written_to(desk: Desk) -> None:
    incident = declared(desk)
    page = call_in(desk, "BEN", "CHEN")
    desk.perform()
    assert sorted(desk.slack.posted) == ["INC-1/page/1", "INC-1/page/1/to/BEN", "INC-1/page/1/to/CHEN"]
    assert "<@BEN>, <@CHEN>" in desk.said_in("INC-1/page/1")
    for key in desk.slack.posted:
        assert WHY in desk.said_in(key)
    assert desk.office.rows()["INC-1/page/1/members"] == "done"
    assert desk.office.facts(incident, EntryKind.PAGE) == [("ANA", None, "BEN CHEN", WHY)]
    [entry] = desk.office.entries(incident, EntryKind.PAGE)
    assert entry.channel_id == "C1", "its entry links to the message"
    assert unseen(desk, page) == ("BEN", "CHEN")


def test_a_redelivery_pages_nobody_twice_and_asks_nothing(desk: Desk) -> None:
    declared(desk)
    made = [
        desk.office.pages.page(PageInput(1, ("BEN",), WHY), by="ANA", key="mention/C1/1.0") for _ in range(2)
    ]
    assert made[0].id == made[1].id
    assert len(desk.office.entries(desk.office.manager.which(1, "C1", "", viewer="ANA"), EntryKind.PAGE)) == 1


@pytest.mark.parametrize(
    ("who", "why", "error", "field"),
    [
        ((), WHY, NobodyPaged, "people"),
        (("ANA",), WHY, OnlyYourself, "people"),
        *(((each,), WHY, CannotPage, "people") for each in NOBODIES),
        (("BEN", "GUEST"), WHY, CannotPage, "people"),
        (("BEN",), "", PageWhyMissing, "why"),
        (("BEN",), " \u200b\n", PageWhyMissing, "why"),
        (("BEN",), "x" * 10_000, TextTooLong, "why"),
        (("BEN",), "x" * (WHY_LIMIT + 1), TextTooLong, "why"),
    ],
)
def test_a_page_that_makes_no_sense_is_refused_at_its_field(
    desk: Desk, who: tuple[str, ...], why: str, error: type[BotError], field: str
) -> None:
    declared(desk)
    with pytest.raises(error) as refused:
        desk.office.pages.page(PageInput(1, who, why), by="ANA", key=next(keys))
    assert refused.value.field == field
    desk.perform()
    assert desk.slack.posted == []


def test_only_so_many_people_can_be_paged_at_once(desk: Desk) -> None:
    crowd = [f"U{number}" for number in range(MAX_PAGED + 1)]
    known = [Person(each, each) for each in crowd]
    desk.office.database.run(partial(people.save, known=known, now=desk.office.clock.now))
    declared(desk)
    with pytest.raises(TooManyPaged) as refused:
        call_in(desk, *crowd)
    assert refused.value.values == {"most": "25", "count": "26"}
    keep_group(desk, "S0CROWD", "crowd", *crowd)
    with pytest.raises(TooManyPaged):
        call_in(desk, groups=("S0CROWD",))
    assert len(call_in(desk, *crowd[1:], "ANA").people) == MAX_PAGED, "whoever asks doesn't count"


def test_a_group_stands_for_its_members_each_of_whom_is_called_once(desk: Desk) -> None:
    keep_group(desk, "S0CALL", "oncall", "ANA", "BEN", "GUEST", "LEFT", "UNHEARD_OF")
    keep_group(desk, "S0DB", "db", "BEN", "CHEN")
    declared(desk)
    page = call_in(desk, "CHEN", groups=("S0CALL", "S0DB"))
    assert (tuple(page.people), page.groups) == (("CHEN", "BEN"), ("oncall", "db"))
    desk.perform()
    assert "<@CHEN>, <@BEN> (@oncall, @db) here" in desk.said_in("INC-1/page/1")
    with pytest.raises(PagedRecently) as asked:
        call_in(desk, groups=("S0DB",))
    assert asked.value.offers == {"Page again": f"page INC-1 again <!subteam^S0DB> {WHY}"}


@pytest.mark.parametrize(
    ("group", "error", "told"),
    [
        ("S0NONE", GroupUnknown, "a group"),
        ("S0OLD", GroupUnknown, "@old"),
        ("S0NOBODY", GroupEmpty, "@nobody"),
        ("S0GUESTS", GroupEmpty, "@guests"),
    ],
)
def test_a_group_that_is_gone_or_empty_is_answered_with_its_name(
    desk: Desk, group: str, error: type[BotError], told: str
) -> None:
    keep_group(desk, "S0OLD", "old", "BEN", is_disabled=True)
    keep_group(desk, "S0NOBODY", "nobody")
    keep_group(desk, "S0GUESTS", "guests", "GUEST", "BOT")
    declared(desk)
    with pytest.raises(error) as refused:
        call_in(desk, "CHEN", groups=(group,))
    assert told in refused.value.values["group"]
    assert refused.value.field == "groups"
    assert [each.id for each in desk.office.pages.calling(1, viewer="ANA").groups] == ["S0GUESTS", "S0NOBODY"]


@pytest.mark.parametrize("who", NOBODIES)
def test_nobody_else_may_page_or_answer(desk: Desk, who: str) -> None:
    declared(desk)
    page = call_in(desk)
    with pytest.raises(NotAllowed):
        call_in(desk, by=who)
    with pytest.raises(NotAllowed):
        desk.office.pages.answer(1, page.id, by=who, key=next(keys))


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_nobody_is_called_into_an_incident_that_is_over(desk: Desk, status: str) -> None:
    incident = declared(desk)
    desk.office.step(incident, "resolved")
    if status == "closed":
        desk.office.step(incident, "closed")
    with pytest.raises(PageOver):
        call_in(desk)


def test_paging_again_within_minutes_is_asked_first(desk: Desk) -> None:
    declared(desk)
    call_in(desk, "BEN", by="CHEN")
    desk.office.clock.move(minutes=4)
    with pytest.raises(PagedRecently) as asked:
        call_in(desk, "BEN")
    assert asked.value.is_question
    assert (asked.value.values["by"], asked.value.values["person"]) == ("CHEN", "BEN")
    [line] = asked.value.offers.values()
    assert line == f"page INC-1 again <@BEN> {WHY}"
    agreed = read_page_line(line.removeprefix("page INC-1 "))
    assert call_in(desk, *agreed.people, again=agreed.again).id == 2
    desk.office.clock.move(minutes=6)
    assert call_in(desk, "BEN").id == 3


def test_an_outsider_is_only_invited_to_a_private_incident_after_a_question(desk: Desk) -> None:
    declared(desk, is_private=True)
    with pytest.raises(OutsidersPaged) as asked:
        call_in(desk, "BEN", "CHEN")
    assert asked.value.values["others"] == " and 1 other"
    [line] = asked.value.offers.values()
    assert line == f"page INC-1 invite <@BEN> <@CHEN> {WHY}"
    desk.perform()
    assert desk.slack.posted == []
    assert desk.office.database.run(partial(members.present, incident_id=1)) == {"ANA"}
    call_in(desk, "BEN", "CHEN", invites=True)
    desk.perform()
    assert len(desk.slack.posted) == 3
    assert desk.office.database.run(partial(members.present, incident_id=1)) == {"ANA", "BEN", "CHEN"}
    desk.office.clock.move(minutes=6)
    call_in(desk, "BEN")


def test_a_private_incident_is_missing_for_strangers(desk: Desk) -> None:
    declared(desk, is_private=True)
    acts = (
        partial(call_in, desk, "CHEN", by="BEN"),
        partial(desk.office.pages.answer, 1, 1, by="BEN", key=next(keys)),
        partial(desk.office.answers.load, PeopleTray(1), "BEN"),
    )
    for act in acts:
        with pytest.raises(UnknownRef):
            act()


def test_a_member_who_was_removed_from_a_private_channel_gets_no_message(desk: Desk) -> None:
    declared(desk, is_private=True)
    call_in(desk, "BEN", invites=True)
    gone = partial(members.note, incident_id=1, user_id="BEN", present=False, event_ts="1900000000.000100")
    desk.office.database.run(gone)
    desk.perform()
    assert desk.slack.posted == ["INC-1/page/1"]


def react(desk: Desk) -> None:
    """React, click or type a command in the channel."""
    desk.office.briefings.note_act("C1", "BEN")


def react_to_the_direct_message(desk: Desk) -> None:
    place = desk.office.database.run(partial(messages.where, key="INC-1/page/1/to/BEN"))
    assert place
    desk.office.pages.note_reaction(*place, "BEN")


def answer(desk: Desk) -> None:
    desk.office.pages.answer(1, 1, by="BEN", key=next(keys))


def be_found_in_the_history(desk: Desk) -> None:
    at = desk.office.clock.now
    message = PostedMessage("C1", f"{at.timestamp():.6f}", "BEN", None, "on it")
    desk.office.recorder.catch_up(1, [FoundMessage(message, None)], at)


def write_in_a_thread(desk: Desk) -> None:
    at = desk.office.clock.now
    desk.office.recorder.record_message(
        PostedMessage("C1", f"{at.timestamp():.6f}", "BEN", None, "on it", thread_ts="1.0")
    )


SIGNS = [
    react,
    react_to_the_direct_message,
    answer,
    partial(write, who="BEN"),
    be_found_in_the_history,
    write_in_a_thread,
]


@pytest.mark.parametrize("sign", SIGNS)
def test_somebody_is_seen_by_what_they_do_and_both_messages_show_it(desk: Desk, sign: Any) -> None:
    declared(desk)
    page = call_in(desk, "BEN", "CHEN")
    desk.perform()
    desk.office.clock.move(minutes=1)
    sign(desk)
    desk.perform()
    assert unseen(desk, page) == ("CHEN",)
    assert "✓ <@BEN> · waiting for <@CHEN>" in desk.said_in("INC-1/page/1")
    assert "answer_page" not in desk.said_in("INC-1/page/1/to/BEN")
    assert "answer_page" in desk.said_in("INC-1/page/1/to/CHEN")
    assert len(desk.slack.posted) == 3, "whatever was posted is edited"
    for _ in range(2):
        sign(desk)
    desk.office.clock.move(minutes=5)
    assert desk.told() == ["INC-1/page/1/unseen/ANA"]
    said = desk.said_in("INC-1/page/1/unseen/ANA")
    assert "No sign of <@CHEN>" in said
    assert "<@BEN>" not in said


@pytest.mark.parametrize("sign", SIGNS)
def test_nobody_is_told_if_everybody_was_seen_in_time(desk: Desk, sign: Any) -> None:
    declared(desk)
    call_in(desk, "BEN")
    desk.perform()
    desk.office.clock.move(minutes=4, seconds=59)
    sign(desk)
    desk.office.clock.move(hours=1)
    assert desk.told() == []


def test_a_reaction_that_is_delivered_again_later_counts_for_when_it_was_made(desk: Desk) -> None:
    declared(desk)
    desk.office.clock.move(minutes=1)
    before = f"{desk.office.clock.now.timestamp():.6f}"
    desk.office.clock.move(minutes=1)
    page = call_in(desk, "BEN")
    desk.perform()
    place = desk.office.database.run(partial(messages.where, key="INC-1/page/1/to/BEN"))
    assert place
    desk.office.briefings.note_act("C1", "BEN", before)
    desk.office.pages.note_reaction(*place, "BEN", before)
    assert unseen(desk, page) == ("BEN",)
    desk.office.clock.move(minutes=1)
    after = f"{desk.office.clock.now.timestamp():.6f}"
    desk.office.clock.move(minutes=1)
    desk.office.briefings.note_act("C1", "BEN", after)
    assert unseen(desk, page) == ()


def test_what_others_do_or_what_was_done_before_does_not_count(desk: Desk) -> None:
    declared(desk)
    write(desk, "BEN", minutes=-1)
    page = call_in(desk, "BEN")
    desk.perform()
    write(desk, "BEN", minutes=-0.5)
    write(desk, "CHEN", minutes=1)
    desk.office.pages.note_reaction("DBEN", "1.0", "BEN")
    place = desk.office.database.run(partial(messages.where, key="INC-1/page/1/to/BEN"))
    assert place
    desk.office.pages.note_reaction(*place, "CHEN")
    with pytest.raises(NotPaged):
        desk.office.pages.answer(1, page.id, by="CHEN", key=next(keys))
    assert unseen(desk, page) == ("BEN",)


def test_whoever_asked_is_told_once_after_five_minutes(desk: Desk) -> None:
    declared(desk)
    call_in(desk, "BEN", by="CHEN")
    desk.perform()
    desk.office.clock.move(minutes=4, seconds=59)
    assert desk.told() == []
    desk.office.clock.move(seconds=1)
    assert desk.told() == ["INC-1/page/1/unseen/CHEN"]
    assert "run_line_0" in desk.said_in("INC-1/page/1/unseen/CHEN"), "with a way to page again"
    for _ in range(3):
        desk.office.clock.move(days=10)
        assert len(desk.told()) == 1


def test_whoever_pages_again_is_told_at_the_later_time(desk: Desk) -> None:
    declared(desk)
    call_in(desk, "BEN", "CHEN")
    desk.office.clock.move(minutes=3)
    call_in(desk, "BEN", again=True)
    desk.office.clock.move(minutes=2)
    assert desk.told() == ["INC-1/page/1/unseen/ANA"]
    assert "<@BEN>" not in desk.said_in("INC-1/page/1/unseen/ANA")
    desk.office.clock.move(minutes=3)
    assert desk.told() == ["INC-1/page/1/unseen/ANA", "INC-1/page/2/unseen/ANA"]
    write(desk, "BEN")
    desk.perform()
    assert "✓ <@BEN>" in desk.said_in("INC-1/page/1")
    assert "✓ <@BEN>" in desk.said_in("INC-1/page/2")


def test_a_page_of_an_incident_that_was_resolved_meanwhile_tells_nobody(desk: Desk) -> None:
    incident = declared(desk)
    call_in(desk, "BEN")
    desk.perform()
    known = set(desk.office.rows())
    desk.office.step(incident, "investigating")
    assert not [key for key in set(desk.office.rows()) - known if "/page/" in key], "nothing changes for them"
    desk.office.step(incident, "resolved")
    desk.perform()
    for key in ("INC-1/page/1", "INC-1/page/1/to/BEN"):
        assert "answer_page" not in desk.said_in(key)
        assert "resolved" in desk.said_in(key)
    desk.office.clock.move(minutes=6)
    assert desk.told() == []


@pytest.mark.parametrize("is_planned", [True, False])
def test_whoever_asked_is_told_after_a_reopening_if_the_time_came_while_the_incident_was_over(
    desk: Desk, is_planned: bool
) -> None:
    incident = declared(desk)
    call_in(desk, "BEN")
    desk.perform()
    if is_planned:
        desk.office.clock.move(minutes=6)
        desk.office.ring()
    desk.office.step(incident, "resolved")
    desk.office.clock.move(minutes=6)
    assert desk.told() == []
    desk.office.step(incident, "open", note="back")
    desk.office.clock.move(minutes=4)
    assert desk.told() == []
    desk.office.clock.move(minutes=1)
    assert desk.told() == ["INC-1/page/1/unseen/ANA"]
    desk.office.step(incident, "resolved")
    desk.office.step(incident, "open", note="back")
    desk.office.clock.move(minutes=6)
    assert desk.told() == ["INC-1/page/1/unseen/ANA"], "once"


def test_what_is_on_its_way_when_the_incident_is_resolved_reaches_nobody(desk: Desk) -> None:
    incident = declared(desk)
    call_in(desk, "BEN", "CHEN")
    desk.office.clock.move(minutes=6)
    desk.office.ring()
    desk.office.step(incident, "resolved")
    desk.perform()
    assert desk.slack.posted == []


@pytest.mark.parametrize("is_read", [True, False])
def test_after_a_restart_it_waits_until_the_channel_has_been_read_but_not_for_long(
    desk: Desk, is_read: bool
) -> None:
    declared(desk)
    call_in(desk, "BEN", "CHEN")
    desk.perform()
    desk.office.clock.move(minutes=6)
    desk.office.startup.catch_up()
    desk.office.ring()
    held = desk.office.claim()
    [reads] = [each for each in held.values() if isinstance(each.effect, CatchUp)]
    tells = held["INC-1/page/1/unseen/ANA"]
    with pytest.raises(CallFailed) as put_off:
        desk.outcome_of(tells)
    desk.office.outbox.fail(tells, put_off.value.failure)
    assert desk.told() == []
    write(desk, "BEN", minutes=-5)
    if is_read:
        desk.office.outbox.finish(reads, None)
    desk.office.clock.move(seconds=3 if is_read else 121)
    assert desk.told() == [tells.key]
    assert "No sign of <@CHEN>" in desk.said_in(tells.key)


@pytest.mark.parametrize("meanwhile", ["seen", "resolved"])
def test_a_page_whose_answer_was_lost_shows_what_has_become_of_it(desk: Desk, meanwhile: str) -> None:
    incident = declared(desk)
    call_in(desk, "BEN")
    while held := desk.office.claim():
        for row in held.values():
            outcome = desk.outcome_of(row)
            if isinstance(row.effect, ShowPage | TellPaged):
                lost = Failure(FailureKind.PASSING, "URLError", may_be_applied=True)
                desk.office.outbox.fail(row, lost)
            else:
                desk.office.outbox.finish(row, outcome)
    if meanwhile == "seen":
        write(desk, "BEN", minutes=1)
    else:
        desk.office.step(incident, "resolved")
    desk.office.clock.move(minutes=3)
    desk.office.held.clear()
    desk.perform()
    assert sorted(desk.slack.posted) == ["INC-1/page/1", "INC-1/page/1/to/BEN"], "each once"
    for key in desk.slack.posted:
        assert desk.said_in(key) and "answer_page" not in desk.said_in(key)


@pytest.mark.parametrize("meanwhile", ["seen", "left"])
def test_nobody_is_told_by_a_message_that_is_late(desk: Desk, meanwhile: str) -> None:
    declared(desk)
    call_in(desk, "BEN")
    desk.perform()
    desk.office.clock.move(minutes=6)
    desk.office.ring()
    assert desk.office.rows()["INC-1/page/1/unseen/ANA"] == "waiting"
    if meanwhile == "seen":
        write(desk, "BEN")
    else:
        left = Person("ANA", "Ana", is_deleted=True, changed_at=9)
        desk.office.database.run(partial(people.save, known=[left], now=desk.office.clock.now))
    assert desk.told() == []


def test_somebody_who_was_seen_before_their_message_went_out_gets_none(desk: Desk) -> None:
    declared(desk)
    call_in(desk, "BEN", "CHEN")
    write(desk, "BEN", minutes=1)
    desk.perform()
    assert sorted(desk.slack.posted) == ["INC-1/page/1", "INC-1/page/1/to/CHEN"]


def test_whoever_asked_hears_that_a_message_could_not_be_sent(desk: Desk) -> None:
    declared(desk)
    call_in(desk, "BEN", by="CHEN")
    for row in desk.office.claim().values():
        if isinstance(row.effect, TellPaged):
            desk.office.outbox.fail(row, Failure(FailureKind.FINAL, "cannot_dm_bot"))
        else:
            desk.office.outbox.finish(row, desk.outcome_of(row))
    assert [key for key in desk.office.rows() if key.startswith("INC-1/failures/CHEN/")]


def test_of_three_replicas_one_dies_while_it_tells_and_each_is_told_once(
    office: Office, database: Database
) -> None:
    slack, numbers = Slack(), range(1, 6)
    desks = [Desk(open_office(database), slack) for _ in range(3)]
    for number in numbers:
        incident = desks[0].office.declare()
        desks[0].perform()
        desks[0].office.pages.page(PageInput(incident.id, ("BEN", "CHEN"), WHY), by="ANA", key=f"p/{number}")
    desks[0].perform()
    for each in desks:
        each.office.clock.move(minutes=5)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda each: each.office.ring(), desks * 2))
    killed, *others = desks
    for row in killed.office.claim(limit=3).values():
        # Slack has it, but nobody ever hears of that.
        killed.outcome_of(row)
    expired = update(outbox).where(outbox.c.state == "running").values(lease_until=None)
    database.run(lambda tx: tx.execute(expired))
    for each in others:
        each.office.clock.move(minutes=1)
        each.office.ring()
        each.perform()
    told = [each for each in slack.posted if "/unseen/" in each]
    assert sorted(told) == [f"INC-{number}/page/{number}/unseen/ANA" for number in numbers]


def shown_to(desk: Desk, viewer: str = "ANA") -> PeopleShown:
    found = desk.office.answers.load(PeopleTray(1), viewer)
    assert isinstance(found, PeopleShown)
    return found


def test_people_are_those_with_roles_those_who_were_paged_and_those_who_have_not_come(desk: Desk) -> None:
    declared(desk)
    assert shown_to(desk).absent == (), "whoever declared it was there"
    desk.office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    assert shown_to(desk).absent == ("BEN",)
    desk.office.clock.move(minutes=1)
    write(desk, "BEN")
    call_in(desk, "CHEN", "BEN")
    desk.office.clock.move(minutes=1)
    write(desk, "BEN")
    found = shown_to(desk)
    assert found.absent == (), "somebody who was paged is shown with their page"
    assert [(user_id, page.people[user_id] is None) for user_id, page in found.paged] == [
        ("CHEN", True),
        ("BEN", False),
    ]
    assert [user_id for _, user_id in found.roles.held] == ["BEN"]


def test_an_erased_person_leaves_neither_reason_nor_name(desk: Desk) -> None:
    incident = declared(desk)
    call_in(desk, "BEN", by="CHEN", why="I, Chen, broke it")
    desk.perform()
    for who in ("CHEN", "BEN"):
        erasure = Erasure(desk.office.database, desk.office.clock)
        assert erasure.erase(erasure.find(who).subject) == 0
    [page] = desk.office.database.run(partial(pages.of_incident, incident_id=1))
    assert (page.by, page.why, page.people) == (ERASED, "(erased)", {})
    assert desk.office.facts(incident, EntryKind.PAGE) == [(ERASED, None, ERASED, "")]
    desk.office.clock.move(minutes=6)
    assert desk.told() == []
    assert shown_to(desk).paged == ()


def test_effects_of_pages_that_are_gone_do_nothing(desk: Desk) -> None:
    declared(desk)
    for effect in (ShowPage(1, 9), TellPaged(1, 9, "BEN"), TellUnseen(1, 9, "ANA")):
        row = Claimed(1, "k", effect, 1, False, desk.office.clock.now, "w")
        assert desk.outcome_of(row) is None
