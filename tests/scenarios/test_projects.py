"""A project brings its owners, links and home channel to each of its incidents, and asks where it should."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import Workspace, buttons, eventually, shown

WIKI, BOARD = "https://wiki.example.com/checkout", "https://board.example.com/1"


def suggested(acme: Workspace, action: str, typed: str, user: str = "ana") -> dict[str, str]:
    """Label -> value of what a menu of the open form offers when this is typed."""
    found = acme.post("suggest", user=user, view="modal", action=action, value=typed)
    return {each["text"]["text"]: each["value"] for each in found["options"]}


def add_project(acme: Workspace, **values: Any) -> dict[str, str]:
    """Have an admin add a project; the errors at the form's fields."""
    acme.close_forms()
    listed = acme.asked("projects")
    acme.click("general", listed["ts"], "add_project")
    eventually(lambda: acme.form("ana"))
    groups = suggested(acme, "groups", "") if "groups" in values else {}
    chosen = {"groups": [groups[each] for each in values.pop("groups")]} if groups else {}
    return acme.submit("ana", **values, **chosen)


def declare(acme: Workspace, project: str, **values: Any) -> str:
    """Declare an incident with a project from the menu; its channel."""
    acme.open_form("declare", "ben")
    value = suggested(acme, "project", "", "ben")[project]
    acme.close_forms()
    before = set(acme.incident_channels())
    acme.open_form("declare", "ben")
    suggested(acme, "project", "", "ben")
    acme.post("view-submit", user="ben", values={"title": "It is down", "project": value, **values})
    channel = eventually(lambda: next(iter(set(acme.incident_channels()) - before), None))
    eventually(lambda: acme.card(channel))
    return channel


def members(acme: Workspace, channel: str) -> set[str]:
    ids = set(acme.channel(channel)["members"])
    return {each["name"] for each in acme.state()["people"] if each["id"] in ids} - {"muster"}


def mentioning(acme: Workspace, channel: str) -> list[str]:
    """The messages that mention those who were brought in."""
    return [shown(each) for each in acme.messages(channel) if "👋" in shown(each)]


@pytest.mark.usefixtures("sqlite_bot")
def test_owners_come_links_are_bookmarks_and_the_home_channel_hears_of_it(workspace: Workspace) -> None:
    people = workspace
    people.post("user-group", handle="oncall", user="ana", members=["ana", "chen", "ben"])
    eventually(lambda: "@oncall · 3 people" in offered_groups(people))
    links = f"Runbook {WIKI}\nBoard: {BOARD}\n{WIKI}/more"
    errors = add_project(people, project="Checkout", links="Runbook javascript:alert(1)")
    assert "doesn't begin with https://" in errors["links"]
    filled = {"project": "Checkout", "people": ["ana"], "links": links, "home": "random"}
    assert people.submit("ana", **filled, groups=[groups_of(people)["@oncall · 3 people"]]) == {}
    people.post("user-group", handle="oncall", user="ana", was="oncall", members=["chen", "dara"])
    people.close_forms()
    eventually(lambda: "@oncall (2 people)" in shown(people.asked("projects")))

    channel = declare(people, "Checkout")
    eventually(lambda: members(people, channel) == {"ana", "ben", "chen", "dara"})
    [told] = eventually(lambda: mentioning(people, channel))
    assert "owners of Checkout" in told
    assert "@oncall, for Checkout" in told
    assert {user for user in ("ana", "ben", "chen", "dara") if f"<@{people.id_of(user)}>" in told} == {
        "ana",
        "chen",
        "dara",
    }
    eventually(lambda: len(people.channel(channel)["bookmarks"]) == 3)
    assert {each["link"] for each in people.channel(channel)["bookmarks"]} == {WIKI, BOARD, f"{WIKI}/more"}
    card = shown(people.card(channel) or {})
    assert "Checkout" in card
    assert f"<{WIKI}|Runbook>" in card
    for place in ("incidents", "random"):
        eventually(lambda place=place: [e for e in people.messages(place) if "It is down" in shown(e)])  # type: ignore[misc]
    assert "owners of Checkout" in people.command("timeline", channel=channel)

    assert people.post("convert-channel", channel=channel, user="ana", private=True)["changed"]
    eventually(lambda: not [each for each in people.messages("random") if "It is down" in shown(each)])


def groups_of(people: Workspace) -> dict[str, str]:
    return suggested(people, "groups", "")


def offered_groups(people: Workspace) -> dict[str, str]:
    """What the form's menu of groups offers."""
    people.close_forms()
    listed = people.asked("projects")
    people.click("general", listed["ts"], "add_project")
    form = eventually(lambda: people.form("ana"))
    fields = {each.get("block_id") for each in form["blocks"]}
    return groups_of(people) if "groups" in fields else {}


def test_the_list_shows_in_place_what_an_admin_has_just_saved(acme: Workspace) -> None:
    assert add_project(acme, project="Checkout") == {}

    def listed() -> dict[str, Any] | None:
        lists = [each for each in acme.answers("ana", "general") if "add_project" in buttons(each).values()]
        return lists[-1] if lists and "*Checkout*" in shown(lists[-1]) else None

    found = eventually(listed)
    acme.click("general", found["ts"], "edit_project")
    eventually(lambda: acme.form("ana"))
    assert acme.submit("ana", project="Checkout", archived=["archived"]) == {}
    eventually(lambda: "(archived)" in shown(listed() or {}))


@pytest.mark.usefixtures("sqlite_bot")
def test_to_a_private_incident_owners_come_only_once_a_member_agrees(workspace: Workspace) -> None:
    people = workspace
    assert add_project(people, project="Checkout", people=["ana", "chen"], home="random") == {}
    channel = declare(people, "Checkout", private=["private"])
    asked = eventually(
        lambda: next((each for each in people.messages(channel) if "Invite all 2" in buttons(each)), None)
    )
    assert members(people, channel) == {"ben"}
    assert f"<@{people.id_of('chen')}>" not in shown(asked)
    assert mentioning(people, channel) == []
    people.click(channel, asked["ts"], "invite_comers", "ben")
    eventually(lambda: members(people, channel) == {"ana", "ben", "chen"})
    eventually(lambda: mentioning(people, channel))
    eventually(
        lambda: (
            "has been invited" in shown(next(e for e in people.messages(channel) if e["ts"] == asked["ts"]))
        )
    )
    assert not [each for each in people.messages("random") if each.get("bot_id")]


def said(people: Workspace, channel: str, ts: str) -> str:
    return shown(next(each for each in people.messages(channel) if each["ts"] == ts))


@pytest.mark.usefixtures("sqlite_bot")
def test_only_admins_are_shown_projects(workspace: Workspace) -> None:
    assert "Only admins" in workspace.command("projects", user="ben")
