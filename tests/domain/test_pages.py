"""Pages: how the line is read, who counts as missing, and what follows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.model import IncidentStatus
from bot.domain.kit.text import clean_text, length, one_line, plain_from_markup, some_of
from bot.domain.outbox.effects import InvitePeople, ShowPage, TellPaged
from bot.domain.pages.line import AGAIN, INVITE, PageLine, page_line, read_page_line
from bot.domain.pages.model import MAX_PAGED, SEEN_WITHIN, WHY_LIMIT, Page, missing, paged_recently
from bot.domain.pages.planned import (
    after_page,
    page_told_by,
    paged_key,
    refreshing,
    telling_unseen,
)
from bot.views.kit.message import VALUE_LIMIT
from tests.support.examples import NAMES, NOW, any_text, incident

ANA, BEN, ONCALL = "<@U0ANA>", "<@U0BEN|ben>", "<!subteam^S0CALL|@oncall>"


def a_page(number: int = 1, *people: str, **changed: object) -> Page:
    """A page by U0ANA for these people, by default for ben alone."""
    found = Page(number, 12, "U0ANA", NOW, "The disk is full", people=dict.fromkeys(people or ("U0BEN",)))
    return replace(found, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (f"{BEN} the disk is full", PageLine(("U0BEN",), (), "the disk is full")),
        (f"{BEN}, {ANA} and {ONCALL}: help", PageLine(("U0BEN", "U0ANA"), ("S0CALL",), "help")),
        (f"{BEN}{BEN} x", PageLine(("U0BEN",), (), "x")),
        (f"{BEN} because {ANA} asked", PageLine(("U0BEN",), (), f"because {ANA} asked")),
        (f"the disk is full {BEN}", PageLine(("U0BEN",), (), "the disk is full")),
        (f"again {BEN} x", PageLine(("U0BEN",), (), "x", again=True)),
        (f"Again  invite {BEN} x", PageLine(("U0BEN",), (), "x", again=True, invites=True)),
        (f"{BEN} again and again", PageLine(("U0BEN",), (), "again and again")),
        (f"again it fails {BEN}", PageLine(("U0BEN",), (), "again it fails")),
        (BEN, PageLine(("U0BEN",), (), "")),
        ("@oncall the disk is full", PageLine((), (), "@oncall the disk is full")),
        ("<!channel> help", PageLine((), (), "<!channel> help")),
        ("", PageLine((), (), "")),
    ],
)
def test_whom_and_why_are_read_from_the_line(typed: str, line: PageLine) -> None:
    assert read_page_line(typed) == line


@given(any_text, st.sets(st.sampled_from([AGAIN, INVITE])))
def test_a_question_can_be_answered_with_a_button_whatever_the_reason_is(why: str, agreed: set[str]) -> None:
    kept = one_line(why)
    while length(kept) > WHY_LIMIT:
        kept = kept[:-1].rstrip()
    people = [f"U{number:010}" for number in range(MAX_PAGED)]
    line = page_line(incident(id=10**9 - 1), people, (), clean_text(kept, WHY_LIMIT), *sorted(agreed))
    assert length(json.dumps({"line": line}, ensure_ascii=False)) <= VALUE_LIMIT
    read = read_page_line(line.split(" ", 2)[2])
    assert read.people == tuple(people)
    assert (read.again, read.invites) == (AGAIN in agreed, INVITE in agreed)
    assert plain_from_markup(read.why, NAMES) in kept, "at most the signs before its first word are lost"


def test_nobody_is_missing_who_was_seen_paged_again_or_is_no_longer_needed() -> None:
    page = a_page(1, "U0BEN", "U0CHEN", "U0DEE", people={"U0BEN": NOW, "U0CHEN": None, "U0DEE": None})
    assert missing(incident(), page, []) == ("U0CHEN", "U0DEE")
    assert missing(incident(), page, [a_page(2, "U0CHEN")]) == ("U0DEE",)
    assert missing(incident(), page, [a_page(2, "U0CHEN", by="U0EMI")]) == ("U0CHEN", "U0DEE")
    for status in IncidentStatus:
        found = incident(status=status)
        assert bool(missing(found, page, [])) == found.is_active


def test_a_page_is_recent_for_as_long_as_nobody_has_been_told_of_it() -> None:
    pages = [a_page(1, "U0BEN", "U0CHEN"), a_page(2, "U0BEN", at=NOW + timedelta(minutes=1))]
    soon = NOW + SEEN_WITHIN - timedelta(seconds=1)
    assert paged_recently(pages, ["U0CHEN", "U0BEN"], soon) == (pages[1], ["U0BEN"])
    assert paged_recently(pages, ["U0CHEN"], soon) == (pages[0], ["U0CHEN"])
    assert paged_recently(pages, ["U0CHEN"], NOW + SEEN_WITHIN) is None
    assert paged_recently(pages, ["U0DEE"], NOW) is None


def test_everybody_is_invited_once_mentioned_in_one_message_after_that_and_written_to() -> None:
    rows = after_page(incident(), a_page(5, "U0BEN", "U0CHEN"))
    assert [row.effect for row in rows] == [
        InvitePeople(12, ("U0BEN", "U0CHEN")),
        ShowPage(12, 5),
        TellPaged(12, 5, "U0BEN"),
        TellPaged(12, 5, "U0CHEN"),
    ]
    invites, shows, *tells = rows
    assert invites.lane == shows.lane, "Slack notifies nobody of a mention in a channel that they aren't in"
    assert len({each.lane for each in (shows, *tells)}) == 3
    assert {each.needs for each in rows} == {"INC-12/channel"}


def test_later_changes_edit_what_was_posted_in_the_same_lanes() -> None:
    first = {row.effect: row for row in after_page(incident(), a_page(5))}
    for row in refreshing(12, 5, ["U0BEN"], "seen"):
        assert (row.lane, row.coalesce) == (first[row.effect].lane, True)
        assert row.key != first[row.effect].key


def test_a_direct_message_is_known_by_its_key() -> None:
    assert page_told_by(paged_key(12, 5, "U0BEN")) == (12, 5, "U0BEN")
    for key in (telling_unseen(a_page()).key, "INC-12/page/5", "INC-12/card", "AI-1/page/5/to/U0BEN", ""):
        assert page_told_by(key) is None


@given(st.text(min_size=1, max_size=300))
def test_rows_of_pages_fit_their_columns(cause: str) -> None:
    page = a_page(10**9, "U" * 32, by="W" * 32, incident_id=10**9)
    rows = [*after_page(incident(id=10**9), page), telling_unseen(page)]
    for row in (*rows, *refreshing(10**9, 10**9, page.people, cause)):
        assert max(len(row.key), len(row.lane)) <= 255


def test_a_long_list_of_names_ends_with_how_many_more_there_are() -> None:
    assert some_of(["a", "b"], 2) == "a, b"
    assert some_of(["a", "b", "c", "d"], 2) == "a, b and 2 more"
