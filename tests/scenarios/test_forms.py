"""The forms: nothing has to be typed, nothing typed is lost, errors are shown at their field."""

from __future__ import annotations

import pytest

from bot.bootstrap import Bot
from bot.domain.kit.people import SYSTEM
from tests.support.people import Workspace, buttons, eventually, shown
from tests.support.promises import ref


@pytest.fixture
def declared(acme: Workspace, acme_bot: Bot) -> DeclaredLast:
    """Returns the incident that was declared last."""
    return DeclaredLast(acme_bot)


class DeclaredLast:
    """The newest incident, as it is stored."""

    def __init__(self, bot: Bot) -> None:
        self._incidents = bot.services.incidents

    def __call__(self) -> tuple[str, str | None, str | None]:
        """Its title, description and project."""
        newest = self._incidents.get_incidents_for_project(None, viewer=SYSTEM)[0]
        return newest.title, newest.description, newest.project_id


def test_nothing_has_to_be_typed(acme: Workspace, declared: DeclaredLast) -> None:
    acme.open_form("declare")
    assert not acme.submit()
    assert declared() == ("Untitled incident", None, None)
    name = eventually(lambda: next((each for each in acme.incident_channels() if "untitled" in each), None))
    eventually(lambda: acme.card(name))
    assert "Cache is cold" in acme.publicly("rename Cache is cold", acme.channel(name)["id"])


def test_without_a_title_the_description_provides_one(acme: Workspace, declared: DeclaredLast) -> None:
    acme.open_form("declare")
    assert not acme.submit(title=" \u200b ", description="\n  5xx at 4 %\nsince 10:00")
    assert declared() == ("5xx at 4 %", "5xx at 4 %\nsince 10:00", None)


def test_each_severity_is_shown_with_its_meaning(acme: Workspace) -> None:
    form = acme.open_form("declare")
    [severity] = [block for block in form["blocks"] if block["block_id"] == "severity"]
    meanings = {each["value"]: each["description"]["text"] for each in severity["element"]["options"]}
    assert meanings == {
        "critical": "Service down, data loss",
        "high": "Major functionality impacted",
        "medium": "Partial functionality impacted",
        "low": "Minor impact",
    }
    acme.post("view-close", user="ana")


def test_earlier_projects_are_suggested_and_new_ones_accepted(
    acme: Workspace, declared: DeclaredLast
) -> None:
    for project in ("Payments", "100%_real"):
        acme.open_form("declare")
        assert not acme.submit(title="Down", project=project)
        assert declared()[2] == project
    acme.open_form("declare")
    assert {"Payments", "100%_real"} <= set(_suggested(acme, ""))
    assert _suggested(acme, "pay") == ["pay", "Payments"]
    assert _suggested(acme, "%_") == ["%_", "100%_real"]
    assert _suggested(acme, "Payments") == ["Payments"]
    assert _suggested(acme, "Something new") == ["Something new"]
    acme.post("view-close", user="ana")


def test_an_error_is_shown_at_its_field_and_what_was_typed_stays(acme: Workspace) -> None:
    channel = acme.declare()
    acme.click(channel, (acme.card(channel) or {})["ts"], "edit_incident")
    eventually(lambda: acme.form("ana"))
    assert acme.submit(title="\u2060\u200b") == {"title": "A title needs at least one visible character."}
    assert set(acme.submit(title="x" * 201, why="because")) == {"title"}
    form = acme.form("ana")
    assert form and form["state"]["values"]["why"]["why"]["value"] == "because"
    assert not acme.submit(title="Better", severity="low")


def test_a_title_that_is_too_long_continues_in_the_description(
    acme: Workspace, declared: DeclaredLast
) -> None:
    words = "word " * 100
    acme.open_form(f"declare {words}")
    assert not acme.submit()
    title, description, _ = declared()
    assert len(title) == 200 and title.endswith("…")
    assert description == words.strip()


def test_a_form_whose_trigger_expired_can_be_opened_with_a_button(acme: Workspace) -> None:
    acme.faults({"method": "views.open", "effect": "delay", "seconds": 3.1, "times": 1})
    offer = acme.asked("declare Cold & late")
    assert buttons(offer) == {"Open the form": "open_form"}
    assert acme.form("ana") is None
    acme.click("general", offer["ts"], "open_form")
    form = eventually(lambda: acme.form("ana"))
    assert form["state"]["values"]["title"]["title"]["value"] == "Cold & late"
    acme.post("view-close", user="ana")


@pytest.mark.parametrize("error", ["exchanged_trigger_id", "invalid_arguments", "fatal_error"])
def test_a_form_that_failed_to_open_for_another_reason_can_be_opened_with_a_button(
    acme: Workspace, error: str
) -> None:
    channel = acme.declare()
    acme.command("resolve", channel=channel)
    tray = acme.asked("", channel)
    acme.faults({"method": "views.open", "effect": f"error:{error}", "times": 1})
    offer = acme.answered(lambda: acme.click(channel, tray["ts"], "reopen_incident"), channel)
    acme.click(channel, offer["ts"], "open_form")
    form = eventually(lambda: acme.form("ana"))
    assert ref(channel) in shown({"blocks": [form["title"]]})
    acme.post("view-close", user="ana")


def _suggested(workspace: Workspace, typed: str) -> list[str]:
    """What the project field suggests when this is typed."""
    found = workspace.post("suggest", user="ana", view="modal", action="project", value=typed)
    return [option["value"] for option in found["options"]]
