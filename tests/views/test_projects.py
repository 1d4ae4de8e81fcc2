"""Projects as admins see them, and what an incident's channel is told of who comes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.incidents.comers import Party
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.groups import UserGroup
from bot.domain.projects.model import LINKS_LIMIT, Link, Project, choice_of, read_links
from bot.domain.surface.answers import ProjectList
from bot.domain.surface.forms import ProjectInput
from bot.domain.surface.shown import ProjectFormShown, ProjectsShown
from bot.views.incidents.card import announcement, card
from bot.views.incidents.comers import brought_in, offer_message
from bot.views.incidents.forms import project_options
from bot.views.kit.menus import GROUPS_MISSING
from bot.views.kit.message import Block, Message
from bot.views.projects.forms import parse_project, project_form
from bot.views.projects.messages import project_list
from tests.support.examples import NOW, entry, incident
from tests.views.screens import check, shown

ONCALL = UserGroup("S1", "oncall", "On call", ("U0BEN", "U0CHEN"))
WIKI = "https://acme.slack.com/runbook"
PROJECT = Project(
    7,
    "Check & out",
    ("U0ANA",),
    ("S1", "S2", "S3"),
    (Link("Run|book", f"{WIKI}?a=1&b=2"),),
    "U0BOSS",
    NOW,
    "U0ANA",
    NOW,
    "C0HOME",
)
OWNERS = Party("owners of Check & out", ("U0ANA", "U0BEN"))
GROUP = Party("@oncall, for Check & out", tuple(f"U{number:03}" for number in range(60)), is_group=True)
GONE = Party("a user group for Check & out no longer exists", (), is_group=True)


def listed(*projects: Project, page: int = 1, pages: int = 1) -> str:
    groups = {"S1": ONCALL, "S2": UserGroup("S2", "empty", "Empty"), "S3": None}
    found = project_list(ProjectsShown(ProjectList(page), projects, groups, pages, len(projects)))
    check(found)
    return shown(found)


def test_a_project_is_listed_with_all_that_follows_from_it() -> None:
    text = listed(PROJECT)
    assert "*Check & out*" in text
    assert (
        "Owners: <@U0ANA>, @oncall (2 people), @empty (⚠️ nobody is in it), ⚠️ a group that no longer exists"
        in text
    )
    assert f"Links: <{WIKI}?a=1&b=2|Run book>" in text
    assert "Home: <#C0HOME>" in text
    assert "Changed by <@U0ANA> <!date" in text
    assert "archived" not in text


def test_a_project_without_anything_says_that_nobody_comes() -> None:
    bare = replace(PROJECT, people=(), groups=(), links=(), home_channel=None, archived_at=NOW)
    text = listed(bare)
    assert "*Check & out* (archived)" in text
    assert "Owners: nobody yet" in text
    assert "Links" not in text
    assert "Home" not in text


def test_an_empty_list_says_what_a_project_is_for() -> None:
    assert "There are no projects yet." in listed()


def test_a_long_list_fits_and_has_pages() -> None:
    long = replace(
        PROJECT,
        people=tuple(f"U{number:09}" for number in range(50)),
        links=tuple(Link(f"Link {number}", WIKI + "x" * 200) for number in range(10)),
    )
    text = listed(*[long] * 10, page=2, pages=3)
    assert "40 more people" in text
    assert "9 more in the bookmarks" in text
    assert text.count("Changed by") == 10


def block(form: Block, block_id: str) -> Block:
    return next(each for each in form["blocks"] if each.get("block_id") == block_id)


def test_the_form_shows_what_is_stored() -> None:
    form = project_form(ProjectFormShown(PROJECT, (ONCALL,), gone=2, has_groups=True))
    assert block(form, "project")["element"]["initial_value"] == "Check & out"
    assert block(form, "people")["element"]["initial_users"] == ["U0ANA"]
    [chosen] = block(form, "groups")["element"]["initial_options"]
    assert (chosen["value"], chosen["text"]["text"]) == ("S1", "@oncall · 2 people")
    assert block(form, "groups")["hint"]["text"] == "2 chosen groups no longer exist, and won't be kept."
    assert block(form, "links")["element"]["initial_value"] == f"Run|book {WIKI}?a=1&b=2"
    assert block(form, "home")["element"]["initial_channel"] == "C0HOME"
    assert "initial_options" not in block(form, "archived")["element"]


def test_without_groups_the_form_says_why() -> None:
    form = project_form(ProjectFormShown(None))
    assert "groups" not in {each.get("block_id") for each in form["blocks"]}
    assert GROUPS_MISSING in str(form["blocks"])
    assert "archived" not in {each.get("block_id") for each in form["blocks"]}, "a new project isn't"


def submitted(form: Block, **values: Any) -> dict[str, Any]:
    state = {name: {name: value} for name, value in values.items()}
    return {**form, "id": "V1", "state": {"values": state}}


def test_what_is_filled_in_is_read() -> None:
    form = project_form(ProjectFormShown(PROJECT, (ONCALL,), has_groups=True))
    view = submitted(
        form,
        project={"value": "Basket"},
        people={"selected_users": ["U0BEN"]},
        groups={"selected_options": [{"value": "S1"}]},
        links={"value": f"Runbook {WIKI}"},
        home={"selected_channel": None},
        archived={"selected_options": [{"value": "archived"}]},
    )
    was = NOW.isoformat()
    assert parse_project(view) == ProjectInput(
        7, was, "Basket", ("U0BEN",), ("S1",), f"Runbook {WIKI}", None, is_archived=True
    )
    empty = submitted(project_form(ProjectFormShown(None)), project={"value": "New"})
    assert parse_project(empty) == ProjectInput(None, "", "New")


def test_all_links_that_can_be_stored_can_be_shown_again() -> None:
    most = "\n".join(f"Link {number} https://x.example/{'x' * 265}" for number in range(10))
    form = project_form(ProjectFormShown(replace(PROJECT, links=read_links(most))))
    assert block(form, "links")["element"]["initial_value"] == most
    assert len(most) <= LINKS_LIMIT


def test_projects_come_before_what_was_typed_and_no_name_is_there_twice() -> None:
    options = project_options("check", ["CHECK & OUT", "Payments"], [PROJECT])
    found = [(each["text"]["text"], each["value"]) for each in options]
    assert found == [("Check & out", choice_of(7)), ("check", "check"), ("Payments", "Payments")]


def test_the_card_and_the_announcement_name_the_project_once() -> None:
    about = incident(project_id="Check & out")
    assert shown(announcement(about)).count("Check & out") == 1
    text = shown(card(about, links=PROJECT.links))
    assert text.count("Check & out") == 1
    assert f"🔗 <{WIKI}?a=1&b=2|Run book>" in text


def test_one_message_mentions_everybody_and_says_why() -> None:
    told = brought_in(
        incident(),
        [
            entry(EntryKind.PEOPLE, to_value="U0ANA U0BEN", text="owners of <Checkout>"),
            entry(EntryKind.PEOPLE, to_value=None, text="@empty, for Checkout, is empty"),
        ],
    )
    check(told)
    text = shown(told)
    assert "👋 <@U0ANA>, <@U0BEN>: owners of <Checkout>" in text
    assert "⚠️ Not everybody could be invited: @empty, for Checkout, is empty" in text


def test_hundreds_are_mentioned_once_as_far_as_they_fit() -> None:
    crowd = [f"U{number:09}" for number in range(600)]
    why = "@everybody for Checkout"
    told = brought_in(incident(), [entry(EntryKind.PEOPLE, to_value=" ".join(crowd[:300]), text=why)])
    check(told)
    in_blocks = "\n".join(each["text"]["text"] for each in told.blocks)
    assert all(in_blocks.count(f"<@{each}>") == 1 for each in crowd[:300])
    assert in_blocks.endswith(f"<@{crowd[299]}>: {why}")
    both = [crowd[:540], crowd[540:]]
    told = brought_in(
        incident(), [entry(EntryKind.PEOPLE, to_value=" ".join(each), text=why) for each in both]
    )
    check(told)
    text = shown(told)
    assert f"<@{crowd[549]}> and 50 more people: {why}" in text
    assert f"<@{crowd[550]}>" not in text


def labels(message: Message) -> list[str]:
    return [
        each["text"]["text"]
        for block in message.blocks
        for each in block.get("elements", ())
        if "value" in each
    ]


def test_the_question_names_numbers_and_mentions_nobody_on_the_list() -> None:
    asked = offer_message(incident(declared_by="U0DEC"), [OWNERS, GROUP, GONE])
    check(asked)
    text = shown(asked)
    assert "<@U0DEC>, 62 people are on the list for this incident. Invite them?" in text
    assert "owners of Check & out: 2 people" in text
    assert "⚠️ a user group for Check & out no longer exists" in text
    assert "<@U0ANA>" not in text
    assert labels(asked) == ["Invite all 62", "Invite only the 2 named individually"]


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        ([OWNERS], ["Invite all 2"]),
        ([replace(OWNERS, user_ids=("U0ANA",))], ["Invite"]),
        (
            [replace(OWNERS, user_ids=("U0ANA",)), GROUP],
            ["Invite all 61", "Invite only the one named individually"],
        ),
        ([GROUP], ["Invite all 60"]),
    ],
)
def test_a_private_incident_is_asked_whom_to_invite(parties: list[Party], expected: list[str]) -> None:
    asked = offer_message(incident(is_private=True), parties)
    assert "private, so I haven't invited anybody" in shown(asked)
    assert labels(asked) == expected


def test_once_everybody_is_there_nothing_is_asked() -> None:
    settled = offer_message(incident(is_private=True), [GONE])
    assert "Everybody on the list for this incident has been invited." in shown(settled)
    assert labels(settled) == []
