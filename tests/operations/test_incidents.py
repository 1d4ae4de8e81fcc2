"""Declaring once, however often it is submitted, and finding the incident again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from bot.domain.incidents.model import ACTIVE, UNTITLED, IncidentQuery, IncidentSeverity, IncidentStatus
from bot.domain.incidents.planned import after_declare
from bot.domain.incidents.timeline import EntryKind, PostedMessage
from bot.domain.kit.errors import (
    BotError,
    NoneOpen,
    ProjectTooLong,
    TextTooLong,
    TitleTooLong,
    UnknownRef,
    WhichIncident,
)
from bot.views.kit.fitting import fitted_text
from storage.database import Database
from tests.support.examples import HOSTILE, NOW
from tests.support.office import Office

HIGH, LOW = IncidentSeverity.HIGH, IncidentSeverity.LOW


def test_a_declared_incident_is_open_and_numbered_and_all_its_effects_are_planned(office: Office) -> None:
    incident = office.declare("Database connection timeout", by="BEN", severity=IncidentSeverity.CRITICAL)
    assert (incident.ref, incident.status, incident.severity) == ("INC-1", IncidentStatus.OPEN, "critical")
    assert (incident.declared_by, incident.declared_at, incident.commander_id) == ("BEN", NOW, None)
    assert (incident.channel_name, incident.channel_id) == ("inc-1-database-connection-timeout", None)
    assert office.rows() == {row.key: "waiting" for row in after_declare(incident)}
    assert office.facts(incident, EntryKind.DECLARED) == [("BEN", None, "critical", "")]
    assert office.declare().ref == "INC-2"


def test_submitting_a_declaration_twice_makes_one_incident_and_one_set_of_effects(office: Office) -> None:
    first = office.declare(key="view/V1")
    rows = office.rows()
    assert office.declare("Another title", key="view/V1") == first
    assert office.rows() == rows
    assert office.count_incidents() == 1


def test_ten_simultaneous_submissions_make_one_incident(office: Office) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: office.declare(key="view/V1"), range(10)))
    assert {incident.ref for incident in found} == {"INC-1"}
    assert office.count_incidents() == 1
    assert set(office.rows()) == {row.key for row in after_declare(found[0])}


def test_ten_simultaneous_declarations_make_ten_incidents(office: Office) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: office.declare(), range(10)))
    assert len({incident.id for incident in found}) == 10
    assert len(office.rows()) == 10 * len(after_declare(found[0]))


def test_an_empty_form_declares_an_incident(office: Office) -> None:
    incident = office.fill_in()
    assert incident.title == UNTITLED
    assert office.fill_in(description="\n checkout fails \n for all").title == "checkout fails"


@pytest.mark.parametrize(
    ("values", "error", "field"),
    [
        ({"title": "x" * 201}, TitleTooLong, "title"),
        ({"title": "x" * 40_000}, TitleTooLong, "title"),
        ({"project": "x" * 76}, ProjectTooLong, "project"),
        ({"description": "x" * 3001}, TextTooLong, "description"),
    ],
)
def test_an_invalid_form_says_so_at_its_field_and_declares_nothing(
    office: Office, values: dict[str, str], error: type[BotError], field: str
) -> None:
    with pytest.raises(error) as refused:
        office.fill_in(key="view/V1", **values)
    assert refused.value.field == field
    assert office.rows() == {}
    assert office.fill_in(key="view/V1", title="Better").ref == "INC-1"


def test_whatever_is_typed_is_stored_verbatim(office: Office) -> None:
    for text in HOSTILE:
        incident = office.fill_in(title=text, description=text, project=fitted_text(text, 50))
        kept = office.manager.get_incident(incident.id, viewer="ANA")
        assert kept
        assert kept.title.split() == text.replace("\x00", "").replace("\ud800", "").split()
        office.step(incident, "resolved", note=text)
    assert office.count_incidents() == len(HOSTILE)


def test_only_a_link_to_the_source_message_is_stored(office: Office) -> None:
    office.startup.note_team("T1", "https://acme.slack.com/")
    message = PostedMessage(
        "C1",
        "1700000000.000100",
        "BEN",
        None,
        "it \x00is <!channel> \ud800down",
        thread_ts="1600000000.000100",
    )
    office.recorder.keep_source(message)
    incident = office.fill_in(source_channel="C1", source_ts=message.ts)
    assert incident.metadata["source"] == {
        "channel_id": "C1",
        "ts": "1700000000.000100",
        "thread_ts": "1600000000.000100",
        "permalink": "https://acme.slack.com/archives/C1/p1700000000000100"
        "?thread_ts=1600000000.000100&cid=C1",
    }
    assert "INC-1/source" in office.rows()
    assert office.fill_in(source_channel="C1", source_ts="unheard of").metadata == {}


def test_incidents_are_found_by_project_and_filters_newest_first(office: Office) -> None:
    for title, project, severity in (
        ("a", "checkout", HIGH),
        ("b", "checkout", LOW),
        ("c", "search", HIGH),
        ("d", None, HIGH),
        ("e", "checkout", HIGH),
    ):
        office.declare(title, project_id=project, severity=severity)
    last = office.declare("f", project_id="checkout", severity=HIGH)
    office.step(last, "resolved")

    def found(project: str | None, **query: object) -> str:
        asked = IncidentQuery(**query) if query else None  # type: ignore[arg-type]
        return "".join(
            each.title for each in office.manager.get_incidents_for_project(project, asked, viewer="ANA")
        )

    assert found("checkout") == "feba"
    assert found(None) == "fedcba"
    assert found("checkout", severity=HIGH) == "fea"
    assert found("checkout", status=IncidentStatus.RESOLVED) == "f"
    assert found("checkout", statuses=ACTIVE, severity=HIGH) == "ea"
    assert found("checkout", limit=2) == "fe"
    assert found("checkout", limit=2, offset=2) == "ba"
    assert found("Checkout") == ""
    assert office.manager.suggest_projects(" CHECK ", 5, viewer="ANA") == ["checkout"]
    assert office.manager.suggest_projects("", 1, viewer="ANA") == ["checkout"]


def test_a_request_without_a_ref_means_the_channels_incident_or_asks_which_one(office: Office) -> None:
    which = partial(office.manager.which, viewer="ANA")
    with pytest.raises(NoneOpen):
        which(None, "C9", "resolve")
    one = office.declare("<!channel> " + "x" * 150)
    assert which(1, None, "resolve").id == which(1, "C9", "resolve").id == one.id
    with pytest.raises(UnknownRef):
        which(2, "C9", "resolve")
    with pytest.raises(WhichIncident) as asked:
        which(None, "C9", "resolve")
    assert asked.value.values["example"] == "resolve INC-1"
    assert len(asked.value.values["candidates"]) < 100
    office.perform_all()
    assert which(None, "C1", "resolve").id == one.id
    here = office.manager.in_channel("C1", viewer="ANA")
    assert here and here.id == one.id
    assert office.manager.in_channel("C9", viewer="ANA") is None


def test_only_incidents_that_a_command_could_mean_are_offered(office: Office) -> None:
    resolved = office.declare("resolved one")
    office.declare("open one")
    office.step(resolved, "resolved")
    for command, ref in (("close", "INC-1"), ("reopen", "INC-1"), ("resolve", "INC-2"), ("lead", "INC-2")):
        with pytest.raises(WhichIncident) as asked:
            office.manager.which(None, None, command, viewer="ANA")
        assert ref in asked.value.values["candidates"]
        assert "," not in asked.value.values["candidates"]
    for number in range(7):
        office.declare(f"more {number}")
    with pytest.raises(WhichIncident) as many:
        office.manager.which(None, None, "resolve", viewer="ANA")
    assert many.value.values["candidates"].endswith(", and 3 more")


def test_an_incident_comes_with_its_whole_timeline(office: Office) -> None:
    incident = office.declare()
    office.step(incident, "resolved")
    found = office.manager.get_incident(incident.id, viewer="ANA")
    assert found
    assert found.timeline == {str(entry.id): entry for entry in office.entries(incident)}


def test_committed_data_survives_a_restart(office: Office, database: Database) -> None:
    incident = office.step(office.declare(), "resolved")
    rows = office.rows()
    url = database.engine.url.render_as_string(hide_password=False)
    database.close()
    again = Office(**{**vars(office), "database": Database(url)})
    assert again.rows() == rows
    assert len(again.entries(incident)) == 2
    again.database.close()


def test_after_an_incident_the_most_recently_resolved_one_is_offered_first(office: Office) -> None:
    first, second, third = (office.declare(title) for title in ("first", "second", "third"))
    office.step(second, "resolved")
    office.clock.move(minutes=5)
    office.step(first, "resolved")
    office.step(first, "closed")
    for command in ("postmortem", "meet", "whys"):
        with pytest.raises(WhichIncident) as asked:
            office.manager.which(None, None, command, viewer="ANA", arguments="it & all")
        refs = [each.ref for each in (first, second, third)]
        assert list(asked.value.offers.values()) == [f"{command} {ref} it & all" for ref in refs]
        assert asked.value.values["example"] == f"{command} INC-1"
    for command in ("action", "timeline"):
        with pytest.raises(WhichIncident) as asked:
            office.manager.which(None, None, command, viewer="ANA")
        assert list(asked.value.offers.values()) == [
            f"{command} {ref}" for ref in ("INC-3", "INC-1", "INC-2")
        ]


def test_with_everything_resolved_the_postmortems_incident_is_still_asked_for(office: Office) -> None:
    office.step(office.declare(), "resolved")
    with pytest.raises(WhichIncident):
        office.manager.which(None, None, "postmortem", viewer="ANA")
    with pytest.raises(NoneOpen):
        office.manager.which(None, None, "resolve", viewer="ANA")


def test_a_private_incident_is_offered_to_nobody_else(office: Office) -> None:
    office.step(office.declare("secret", is_private=True), "resolved")
    with pytest.raises(NoneOpen):
        office.manager.which(None, None, "postmortem", viewer="BEN")
