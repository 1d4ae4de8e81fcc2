"""Pages on screen: Slack takes them, each shows who has been seen, and the form comes back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.model import Incident, IncidentStatus
from bot.domain.incidents.roles import Roles
from bot.domain.incidents.timeline import EntryKind
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.errors import OutdatedButton, OutsidersPaged, PagedRecently
from bot.domain.kit.groups import UserGroup
from bot.domain.kit.people import ERASED
from bot.domain.kit.text import one_line
from bot.domain.pages.model import MAX_PAGED, WHY_LIMIT, Page
from bot.domain.surface.answers import Offers
from bot.domain.surface.forms import PageInput
from bot.domain.surface.shown import PageFormShown, PeopleShown
from bot.views.answers import offers_message
from bot.views.incidents.changes import change_line
from bot.views.incidents.people import MAX_SHOWN, people_tray
from bot.views.kit.errors import answer_to, plain_sentence
from bot.views.kit.message import Message
from bot.views.pages.forms import page_form, page_form_again, parse_page
from bot.views.pages.messages import page_message, paged_message, unseen_message
from tests.support.examples import NAMES, NOW, any_text, entry, incident
from tests.views.screens import action_ids, check, check_form, shown

FORM = PageFormShown(incident(), (UserGroup("S1", "oncall", "On call"), UserGroup("S2", "db", "Databases")))
reasons = any_text.map(lambda text: one_line(text)[: WHY_LIMIT // 2])
crowds = st.integers(1, MAX_PAGED).map(lambda count: [f"U{number:010}" for number in range(count)])


def paged(people: Mapping[str, bool], why: str = "The pool is full") -> Page:
    """A page for these people, who have been seen if that is true."""
    seen = {user: NOW + timedelta(minutes=1) if is_seen else None for user, is_seen in people.items()}
    return Page(5, 12, "U0ANA", NOW, why, people=seen)


def a_page(**people: bool) -> Page:
    """The same; by default ben alone, who hasn't been seen."""
    return paged(people or {"U0BEN": False})


def everything(about: Incident, page: Page) -> list[Message]:
    """All messages of a page."""
    direct = [paged_message(about, page, each) for each in page.people]
    return [page_message(about, page), *direct, unseen_message(about, page, tuple(page.people))]


@given(reasons, crowds, st.sampled_from(IncidentStatus), st.data())
def test_slack_takes_every_page_and_nothing_in_it_pings(
    why: str, crowd: list[str], status: IncidentStatus, data: st.DataObject
) -> None:
    page = paged({each: data.draw(st.booleans()) for each in crowd}, why)
    for message in everything(incident(status=status, title=why or "x"), page):
        check(message)


def test_the_first_message_mentions_each_person_once() -> None:
    told = page_message(incident(), a_page(U0BEN=False, U0CHEN=False))
    [text] = [block["text"]["text"] for block in told.blocks if block["type"] == "section"]
    assert (text.count("<@U0BEN>"), text.count("<@U0CHEN>")) == (1, 1)
    assert [block["type"] for block in told.blocks] == ["section", "actions"]


def test_a_page_shows_who_has_been_seen_until_all_have() -> None:
    one = page_message(incident(), a_page(U0BEN=True, U0CHEN=False, U0DEE=False))
    assert "✓ <@U0BEN> · waiting for <@U0CHEN>, <@U0DEE>" in shown(one)
    assert action_ids(one.blocks) == ["answer_page"]
    every = page_message(incident(), a_page(U0BEN=True, U0CHEN=True))
    assert "✓ <@U0BEN>, <@U0CHEN>" in shown(every)
    assert "waiting" not in shown(every)
    assert action_ids(every.blocks) == []
    over = page_message(incident(status=IncidentStatus.RESOLVED), a_page())
    assert "INC-12 is resolved, so nobody else is needed" in shown(over)
    assert action_ids(over.blocks) == []


@pytest.mark.parametrize(
    ("status", "is_seen", "wanted", "buttons"),
    [
        ("open", False, "🟠 High · Open", ["answer_page"]),
        ("open", True, "✓ Seen", []),
        ("resolved", False, "you're no longer needed", []),
        ("closed", True, "✓ Seen", []),
    ],
)
def test_the_direct_message_says_whether_somebody_is_still_needed(
    status: str, is_seen: bool, wanted: str, buttons: list[str]
) -> None:
    about = incident(status=IncidentStatus(status))
    told = paged_message(about, a_page(U0BEN=is_seen), "U0BEN")
    assert wanted in shown(told)
    assert "<@U0ANA> needs you in *INC-12" in shown(told)
    assert action_ids(told.blocks) == buttons


def test_groups_are_named_by_their_handles_without_a_mention() -> None:
    page = Page(5, 12, "U0ANA", NOW, "x", ("on<call",), people={"U0BEN": None})
    assert "<@U0BEN> (@on<call) here" in shown(page_message(incident(), page))
    check(page_message(incident(), page))


def test_whoever_asked_can_page_again_from_the_message() -> None:
    told = unseen_message(incident(), a_page(U0BEN=True, U0CHEN=False), ("U0CHEN",))
    assert "No sign of <@U0CHEN> in *INC-12" in shown(told)
    assert "<@U0BEN>" not in shown(told)
    assert action_ids(told.blocks) == ["run_line_0", "show_people"]
    [buttons] = [block for block in told.blocks if block["type"] == "actions"]
    assert buttons["elements"][0]["value"] == '{"line": "page INC-12 <@U0CHEN> The pool is full"}'


@given(reasons, st.sampled_from([(), (ERASED,), ("U0BEN",), tuple(f"U{number}" for number in range(8))]))
def test_the_timeline_says_who_was_paged_and_why(why: str, people: tuple[str, ...]) -> None:
    found = entry(EntryKind.PAGE, by="U0ANA", to_value=" ".join(people), text=why)
    check(Message(change_line(found)))
    assert entry_words(found, NAMES).startswith("Ana Alvarez paged")


def test_a_long_list_on_the_timeline_ends_with_how_many_more() -> None:
    many = entry(EntryKind.PAGE, by="U0ANA", to_value="U1 U2 U3 U4 U5 U6 U7", text="Help")
    assert change_line(many) == "📟 <@U0ANA> paged <@U1>, <@U2>, <@U3>, <@U4>, <@U5> and 2 more: Help"
    one = entry(EntryKind.PAGE, by="U0ANA", to_value="U0BEN", text="Help")
    assert entry_words(one, NAMES) == "Ana Alvarez paged Ben Baker: Help"


def option(group: str) -> dict[str, object]:
    """A chosen user group, as Slack sends it."""
    return {"text": {"type": "plain_text", "text": group}, "value": group}


def filled(view: object, why: str, *people: str, groups: tuple[str, ...] = ()) -> dict[str, object]:
    """The form's state as Slack submits it."""
    assert isinstance(view, dict)
    values = {
        "people": {"people": {"type": "multi_users_select", "selected_users": list(people)}},
        "groups": {"groups": {"type": "multi_static_select", "selected_options": [*map(option, groups)]}},
        "why": {"why": {"type": "plain_text_input", "value": why}},
    }
    return {**view, "id": "V1", "state": {"values": values}}


def test_the_form_comes_back_as_it_was_filled_in() -> None:
    view = page_form(PageFormShown(incident()))
    check_form(view)
    assert "groups" not in [block["block_id"] for block in view["blocks"]]
    assert parse_page(filled(view, "Help", "U0BEN", "U0CHEN")) == PageInput(12, ("U0BEN", "U0CHEN"), "Help")
    read = parse_page(filled(view, "Help", groups=("S0CALL",)))
    assert read == PageInput(12, (), "Help", ("S0CALL",))
    with pytest.raises(OutdatedButton):
        parse_page({**filled(view, "Help"), "private_metadata": "{}"})


@pytest.mark.parametrize("count", [1, 100, 300])
def test_the_form_offers_user_groups_if_there_are_any(count: int) -> None:
    known = tuple(UserGroup(f"S{number}", f"{'x' * 80}{number}", "X") for number in range(count))
    view = page_form(PageFormShown(incident(), known))
    check_form(view)
    assert [block["block_id"] for block in view["blocks"]] == ["people", "groups", "why"]
    assert [block["optional"] for block in view["blocks"]] == [True, True, False]
    assert ("hint" in view["blocks"][1]) is (count > 100), "the others can be typed"


@pytest.mark.parametrize(
    ("error", "agreed"),
    [
        (OutsidersPaged(ref="INC-12", person="U0BEN", name="Ben", others=" and 2 others"), "invites"),
        (PagedRecently(by="U0CHEN", person="U0BEN", name="Ben", others="", minutes=5), "again"),
    ],
)
def test_a_question_opens_the_form_again_and_submitting_that_agrees(
    error: OutsidersPaged | PagedRecently, agreed: str
) -> None:
    submitted = filled(page_form(FORM), "Help", "U0BEN", groups=("S1",))
    again = page_form_again(submitted, error, "Page again", agreed)
    check_form(again)
    assert again["submit"]["text"] == "Page again"
    assert "<@U0BEN>" in str(again["blocks"][0])
    assert again["blocks"][1]["element"]["initial_users"] == ["U0BEN"]
    assert [each["value"] for each in again["blocks"][2]["element"]["initial_options"]] == ["S1"]
    read = parse_page(filled(again, "Help", "U0BEN"))
    assert (read.again, read.invites) == (agreed == "again", agreed == "invites")


def test_a_question_has_a_button_that_agrees_and_one_that_cancels() -> None:
    error = OutsidersPaged(ref="INC-12", person="U0BEN", name="Ben", others=" and 1 other")
    error.offers = {"Invite and page": "page INC-12 invite <@U0BEN> help"}
    offers = answer_to(error)
    assert isinstance(offers, Offers)
    told = offers_message(offers)
    check(told)
    assert "INC-12 is private, and <@U0BEN> and 1 other can't see it." in shown(told)
    assert action_ids(told.blocks) == ["run_line_0", "cancel_offer"]
    assert "Ben and 1 other can't see it" in plain_sentence(error)


def test_the_view_of_people_is_short_however_many_there_are() -> None:
    page = paged({f"U{number}": number % 2 == 0 for number in range(25)})
    roles = Roles(holders={"commander": "U0ANA", "scribe": "U0BEN"})
    absent = tuple(f"W{number}" for number in range(MAX_SHOWN + 12))
    told = people_tray(PeopleShown(incident(), roles, tuple((each, page) for each in page.people), absent))
    check(told)
    text = shown(told)
    assert "*Commander* · <@U0ANA>\n*Scribe* · <@U0BEN>" in text
    assert "✓ <@U0> · seen" in text
    assert "⏳ <@U1> · not seen · paged" in text
    assert text.count("and 12 more") == 1
    assert text.count("and 13 more") == 1
    assert action_ids(told.blocks) == ["page_people", "show_roles"]


def test_the_view_of_people_of_a_new_and_of_a_finished_incident() -> None:
    fresh = people_tray(PeopleShown(incident(), Roles(), (), ()))
    check(fresh)
    assert "Nobody has a role yet." in shown(fresh)
    assert "Everybody who was invited has been seen here." in shown(fresh)
    over = people_tray(PeopleShown(incident(status=IncidentStatus.CLOSED), Roles(), (), ("U0BEN",)))
    assert action_ids(over.blocks) == ["show_roles"]
    assert "*Invited, and not seen yet*\n<@U0BEN>" in shown(over)
