"""Checklists: how they are typed, which an incident gets, and which one somebody means."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given

from bot.domain.checklists.model import (
    LINE_LIMIT,
    MAX_CHECKLISTS,
    MAX_LINES,
    NAME_LIMIT,
    as_typed,
    at_declaration,
    at_role,
    at_severity,
    check_all,
    posted,
    read_checklist,
    read_lines,
)
from bot.domain.kit.errors import (
    BotError,
    ChecklistEmpty,
    ChecklistMeant,
    ChecklistNameMissing,
    ChecklistNameTooLong,
    ChecklistTooLong,
    ChecklistTwice,
    LineTooLong,
    MinutesOdd,
    NoChecklists,
    TooManyChecklists,
    UnknownChecklist,
)
from bot.domain.kit.text import length
from bot.domain.settings import Checklist, ChecklistLine
from bot.domain.surface.checklist_line import checklist_meant
from tests.support.examples import NOW, any_text, incident, tried

POST = ChecklistLine("Post on the status page", 15)
SEVERE = Checklist("First minutes", (POST,), severities=("critical", "high"))
NOTES = Checklist("Taking notes", (POST,), role="Scribe")
PAYING = Checklist("Payments", (POST,), project="Payments")
ALL = (SEVERE, NOTES, PAYING, Checklist("Handover", (POST,)))
FULL = "\n".join(["x" * LINE_LIMIT + " (1440 min)"] * MAX_LINES)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("Post on the status page (15 min)", POST),
        ("  Post on  the status page(15min) ", POST),
        ("- Post on the status page (15 minutes)", POST),
        ("1. Post on the status page (15 m.)", POST),
        ("- [ ] Post on the status page ( 15 Min )", POST),
        ("☐ Post on the status page (15 mins)", POST),
        ("Tell support", ChecklistLine("Tell support")),
        ("Hand over (1h 30m)", ChecklistLine("Hand over", 90)),
        ("Hand over (2 hours)", ChecklistLine("Hand over", 120)),
        ("Ring the bank (24)", ChecklistLine("Ring the bank (24)")),
        ("Ask Ana (or Ben)", ChecklistLine("Ask Ana (or Ben)")),
        ("Wait (5 min) and look again", ChecklistLine("Wait (5 min) and look again")),
        ("Rent 3 boats (3 boats)", ChecklistLine("Rent 3 boats (3 boats)")),
        ("(15 min)", ChecklistLine("(15 min)")),
        ("5 whys", ChecklistLine("5 whys")),
        ("Stop the writes - all of them", ChecklistLine("Stop the writes - all of them")),
        ("-5 degrees", ChecklistLine("-5 degrees")),
    ],
)
def test_a_line_may_end_with_a_time_and_begin_like_one_of_a_list(typed: str, line: ChecklistLine) -> None:
    assert read_lines(typed) == (line,)
    assert read_lines(as_typed([line])) == (line,), "as the form shows it again"


def test_each_line_with_words_is_one() -> None:
    assert read_lines("One\n\n \u200b \r\n- Two\n") == (ChecklistLine("One"), ChecklistLine("Two"))


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", ChecklistEmpty),
        (" \n\u200b", ChecklistEmpty),
        ("\n".join(map(str, range(200))), ChecklistTooLong),
        ("x" * (LINE_LIMIT + 1), LineTooLong),
        ("🔥" * 51, LineTooLong),
        ("Tell support (0 min)", MinutesOdd),
        ("Tell support (25 h)", MinutesOdd),
        ("Tell support (2 days)", MinutesOdd),
        (f"Tell support ({'9' * 99} min)", MinutesOdd),
    ],
)
def test_lines_that_cannot_be_kept_are_refused_at_their_field(typed: str, error: type[BotError]) -> None:
    with pytest.raises(error) as refused:
        read_lines(typed)
    assert refused.value.field == "checklist_lines"


def test_a_list_that_is_too_long_says_what_to_do() -> None:
    refused = tried(partial(read_lines, "x\n" * 200))
    assert isinstance(refused, ChecklistTooLong)
    assert refused.values == {"most": "25", "count": "200"}


def test_as_many_and_as_long_lines_as_are_allowed_fit_the_field() -> None:
    lines = read_lines(FULL)
    assert len(lines) == MAX_LINES
    assert len(as_typed(lines)) <= 3000


@given(any_text)
def test_whatever_is_typed_is_read_or_answered(typed: str) -> None:
    found = tried(partial(read_lines, typed))
    if not isinstance(found, BotError):
        assert all(each.text and length(each.text) <= LINE_LIMIT for each in found)
        assert read_lines(as_typed(found)) == found


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", ChecklistNameMissing),
        (" \u200b", ChecklistNameMissing),
        ("🔥", ChecklistNameMissing),
        ("x" * (NAME_LIMIT + 1), ChecklistNameTooLong),
        (f"a{'ﷺ' * (NAME_LIMIT - 1)}", ChecklistNameTooLong),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_at_its_field(name: str, error: type[BotError]) -> None:
    with pytest.raises(error) as refused:
        read_checklist(Checklist(name, ()), "Tell support")
    assert refused.value.field == "checklist_name"


def test_a_checklist_is_kept_with_a_clean_name() -> None:
    made = read_checklist(Checklist(" First \n minutes ", (), ("high",)), "Tell support")
    assert made == Checklist("First minutes", (ChecklistLine("Tell support"),), ("high",))


def test_two_lists_have_two_names_and_there_are_not_too_many() -> None:
    assert check_all(ALL) == ALL
    with pytest.raises(ChecklistTwice):
        check_all([*ALL, Checklist("first MINUTES", ())])
    with pytest.raises(TooManyChecklists):
        check_all([Checklist(str(number), ()) for number in range(MAX_CHECKLISTS + 1)])


def test_a_new_incident_gets_the_lists_of_its_severity_and_of_its_project() -> None:
    assert at_declaration(ALL, incident()) == [SEVERE]
    assert at_declaration(ALL, incident(project_id="payments")) == [SEVERE, PAYING]
    both = Checklist("Both", (POST,), severities=("high",), project="payments")
    assert at_declaration([both], incident(project_id="Payments")) == [both]


@pytest.mark.parametrize(
    ("before", "after", "gets"),
    [
        ("low", "high", True),
        ("high", "critical", True),
        ("low", "medium", False),
        ("critical", "high", False),
        ("high", "high", False),
        ("high", None, False),
        (None, "high", False),
        ("high", "worse", False),
    ],
)
def test_only_a_raised_severity_brings_its_lists(before: str | None, after: str | None, gets: bool) -> None:
    assert at_severity(ALL, before, after) == [SEVERE] * gets


def test_a_role_brings_its_lists_however_its_name_is_written() -> None:
    assert at_role(ALL, " scribe") == [NOTES]
    assert at_role(ALL, "Commander") == []
    assert at_role(ALL, "") == [], "and other lists are for no role"


def test_each_line_with_a_time_is_due_after_it() -> None:
    made = posted(Checklist("X", (POST, ChecklistLine("Tell"))), 12, "U0ANA", NOW)
    first, second = made.lines
    assert first.nudge_at and (first.nudge_at - NOW).total_seconds() == 900
    assert (second.nudge_at, second.number) == (None, 2)
    assert made.timed(15) == (first,)


NAMES = ["First minutes", "Taking notes", "Firmware"]


@pytest.mark.parametrize(
    ("typed", "means"),
    [("first  MINUTES", "First minutes"), ("taking", "Taking notes"), ("firs", "First minutes")],
)
def test_a_list_is_meant_by_its_name_or_a_beginning(typed: str, means: str) -> None:
    assert checklist_meant(typed, NAMES, incident()) == means


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(ChecklistMeant) as refused:
        checklist_meant("frist minutes", ["First & minutes", "Other"], incident())
    assert refused.value.values["name"] == "First & minutes"
    assert refused.value.offers == {"First & minutes": "checklist INC-12 First &amp; minutes"}


def test_without_a_similar_name_all_are_named() -> None:
    with pytest.raises(UnknownChecklist) as refused:
        checklist_meant("cook", NAMES, incident())
    assert refused.value.values["names"] == "First minutes, Taking notes, Firmware"
    with pytest.raises(UnknownChecklist):
        checklist_meant("fir", NAMES, incident())
    with pytest.raises(NoChecklists):
        checklist_meant("cook", [], incident())
