"""From declared to closed, once each, whoever asks and however often."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.domain.errors import (
    AlreadyLed,
    AlreadyThere,
    BotError,
    IllegalTransition,
    NobodyKnown,
    NoneOpen,
    NotAllowed,
    NothingToChange,
    ProjectTooLong,
    ReasonMissing,
    TextTooLong,
    TitleMissing,
    TitleTooLong,
    UnknownRef,
    WhichIncident,
    WhyWithoutChange,
)
from bot.domain.forms import EditInput
from bot.domain.incidents import (
    ACTIVE,
    NEXT_STEPS,
    UNTITLED,
    Incident,
    IncidentQuery,
    IncidentSeverity,
    IncidentStatus,
)
from bot.domain.plans import after_declare
from bot.domain.timeline import EntryKind, PostedMessage
from storage.database import Database
from tests.domain.examples import HOSTILE, NOW, tried
from tests.operations.office import MEMBERS, NOBODIES, Office, keys

HIGH, LOW = IncidentSeverity.HIGH, IncidentSeverity.LOW


def facts(office: Office, incident: Incident, kind: EntryKind) -> list[tuple[str | None, ...]]:
    """Who, from, to and why of each change of a kind, oldest first."""
    return [
        (entry.by, entry.from_value, entry.to_value, entry.text) for entry in office.entries(incident, kind)
    ]


def test_a_declared_incident_is_open_numbered_and_has_everything_on_its_way(office: Office) -> None:
    incident = office.declare("Database connection timeout", by="BEN", severity=IncidentSeverity.CRITICAL)
    assert (incident.ref, incident.status, incident.severity) == ("INC-1", IncidentStatus.OPEN, "critical")
    assert (incident.declared_by, incident.declared_at, incident.commander_id) == ("BEN", NOW, None)
    assert (incident.channel_name, incident.channel_id) == ("inc-1-database-connection-timeout", None)
    assert office.rows() == {row.key: "waiting" for row in after_declare(incident)}
    assert facts(office, incident, EntryKind.DECLARED) == [("BEN", None, "critical", "")]
    assert office.declare().ref == "INC-2"


def test_an_incident_goes_from_declared_to_closed_with_every_step_on_record(office: Office) -> None:
    incident = office.declare()
    for minute, (status, by, note) in enumerate(
        [("investigating", "BEN", ""), ("resolved", "CHEN", "rolled back"), ("closed", "ANA", "")], start=1
    ):
        office.clock.move(minutes=1)
        incident = office.step(incident, status, by=by, note=note)
        assert incident.status == status
        assert incident.updated_at == NOW + timedelta(minutes=minute)
    assert incident.resolved_at == NOW + timedelta(minutes=2)
    assert facts(office, incident, EntryKind.STATUS) == [
        ("BEN", "open", "investigating", ""),
        ("CHEN", "investigating", "resolved", "rolled back"),
        ("ANA", "resolved", "closed", ""),
    ]
    assert [entry.at for entry in office.entries(incident)] == [
        NOW + timedelta(minutes=minute) for minute in range(4)
    ]


def test_a_closed_incident_is_reopened_with_a_reason_and_resolved_anew(office: Office) -> None:
    incident = office.declare()
    for status in ("resolved", "closed"):
        incident = office.step(incident, status)
    for reason in ("", "  \n", "\u200b"):
        with pytest.raises(ReasonMissing) as refused:
            office.step(incident, "open", note=reason)
        assert refused.value.field == "why"
    incident = office.step(incident, "open", note="the errors are back")
    assert (incident.status, incident.resolved_at) == (IncidentStatus.OPEN, None)
    office.clock.move(hours=1)
    assert office.step(incident, "resolved").resolved_at == NOW + timedelta(hours=1)


PATHS = ((), ("investigating",), ("resolved",), ("resolved", "closed"))
"""Ways to each status."""


def test_a_step_that_is_not_possible_says_which_are_and_changes_nothing(office: Office) -> None:
    for path, wanted in itertools.product(PATHS, IncidentStatus):
        incident = office.declare()
        for status in path:
            incident = office.step(incident, status)
        rows = office.rows()
        result = tried(partial(office.step, incident, wanted, note="why not"))
        if isinstance(result, IllegalTransition):
            assert result.values["status"] == incident.status
            assert result.values["possible"].split(" or ") == list(NEXT_STEPS[incident.status])
            assert office.rows() == rows
        else:
            assert isinstance(result, Incident)
            assert result.status is wanted


def test_submitting_a_declaration_twice_makes_one_incident_and_one_set_of_effects(office: Office) -> None:
    first = office.declare(key="view/V1")
    rows = office.rows()
    assert office.declare("Another title", key="view/V1") == first
    assert office.rows() == rows
    assert office.count_incidents() == 1


def test_submitting_a_declaration_ten_times_at_once_makes_one_incident(office: Office) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: office.declare(key="view/V1"), range(10)))
    assert {incident.ref for incident in found} == {"INC-1"}
    assert office.count_incidents() == 1
    assert set(office.rows()) == {row.key for row in after_declare(found[0])}


def test_ten_declarations_at_once_make_ten_incidents(office: Office) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: office.declare(), range(10)))
    assert len({incident.id for incident in found}) == 10
    assert len(office.rows()) == 10 * len(after_declare(found[0]))


def test_of_two_who_resolve_at_once_one_does_and_the_other_is_told_who_was_first(office: Office) -> None:
    for _ in range(5):
        incident = office.declare()
        before = set(office.rows())
        with ThreadPoolExecutor(3) as pool:
            steps = [partial(office.step, incident, "resolved", by=by) for by in MEMBERS]
            results = list(pool.map(tried, steps))
        [entry] = office.entries(incident, EntryKind.STATUS)
        assert [isinstance(result, Incident) for result in results].count(True) == 1
        for by, result in zip(MEMBERS, results, strict=True):
            if by == entry.by:
                assert isinstance(result, Incident)
            else:
                assert isinstance(result, AlreadyThere)
                assert result.values["by"] == entry.by
                assert result.values["name"] == str(entry.by).title()
        told = [key for key in set(office.rows()) - before if f"{incident.ref}/entry/" in key]
        assert len(told) == 1


def test_who_clicks_twice_is_not_told_that_they_were_first(office: Office) -> None:
    incident = office.declare()
    office.step(incident, "resolved", by="BEN")
    rows = office.rows()
    assert office.step(incident, "resolved", by="BEN").status is IncidentStatus.RESOLVED
    assert len(office.entries(incident, EntryKind.STATUS)) == 1
    assert office.rows() == rows


def test_who_opens_what_is_open_is_told_who_declared_it(office: Office) -> None:
    incident = office.declare(by="ANA")
    with pytest.raises(AlreadyThere) as refused:
        office.step(incident, "open", by="BEN")
    assert refused.value.values["by"] == "ANA"


def test_a_redelivered_step_changes_nothing_and_answers_as_before(office: Office) -> None:
    incident = office.declare()
    first = office.step(incident, "resolved", by="BEN", key="click/1")
    rows = office.rows()
    assert office.step(incident, "resolved", by="BEN", key="click/1") == first
    office.step(incident, "open", by="CHEN", note="back again")
    assert office.step(incident, "resolved", by="BEN", key="click/1").status is IncidentStatus.OPEN
    assert set(rows) < set(office.rows())
    assert len(office.entries(incident, EntryKind.STATUS)) == 2


def acts(office: Office, incident: Incident) -> list[Callable[[str], object]]:
    """Everything that somebody can do to an incident."""
    manager = office.manager
    edited = EditInput(incident.id, "New", LOW, "", was_title=incident.title, was_severity=incident.severity)
    return [
        lambda by: office.declare(by=by),
        lambda by: office.fill_in(by=by),
        lambda by: office.step(incident, "resolved", by=by),
        lambda by: manager.change_severity(incident.id, LOW, by=by, key=next(keys)),
        lambda by: manager.rename(incident.id, "New", by=by, key=next(keys)),
        lambda by: manager.edit_from_form(edited, by=by, key=next(keys)),
        lambda by: manager.assign_commander(incident.id, "ANA", by=by, key=next(keys)),
        lambda by: office.deliveries.retry(incident.id, by=by),
        office.people.check_may_act,
        office.answers.home,
    ]


def test_guests_strangers_bots_the_departed_and_the_unknown_change_nothing(office: Office) -> None:
    incident = office.declare()
    before, rows = office.manager.get_incident(incident.id), office.rows()
    for act in acts(office, incident):
        for nobody in NOBODIES:
            with pytest.raises(NotAllowed):
                act(nobody)
    assert office.manager.get_incident(incident.id) == before
    assert office.rows() == rows
    assert office.count_incidents() == 1


def test_what_is_not_there_can_not_be_changed(office: Office) -> None:
    missing = replace(office.declare(), id=404)
    for act in acts(office, missing)[2:7]:
        with pytest.raises(UnknownRef) as refused:
            act("ANA")
        assert refused.value.values["ref"] == "INC-404"
    assert office.manager.get_incident(404) is None


def test_severity_is_changed_and_recorded_from_to_and_why(office: Office) -> None:
    incident = office.declare(severity=LOW)
    changed = office.manager.change_severity(incident.id, HIGH, by="BEN", key=next(keys), why="EU is down")
    assert changed.severity is HIGH
    assert facts(office, incident, EntryKind.SEVERITY) == [("BEN", "low", "high", "EU is down")]
    with pytest.raises(NothingToChange) as refused:
        office.manager.change_severity(incident.id, HIGH, by="BEN", key=next(keys))
    assert refused.value.values == {"ref": "INC-1", "what": "severity"}


def test_the_title_is_changed_and_recorded_and_the_channel_follows(office: Office) -> None:
    incident = office.declare("Old")
    changed = office.manager.rename(incident.id, "  New   title ", by="BEN", key=next(keys))
    assert changed.title == "New title"
    assert facts(office, incident, EntryKind.TITLE) == [("BEN", "Old", "New title", "")]
    assert any(key.startswith("INC-1/rename/") for key in office.rows())
    for title, error in (("New title", NothingToChange), (" ", TitleMissing), ("x" * 201, TitleTooLong)):
        with pytest.raises(error):
            office.manager.rename(incident.id, title, by="BEN", key=next(keys))


def test_command_is_taken_once_and_handed_over_on_record(office: Office) -> None:
    incident = office.declare()
    take = {"only_if_free": True}

    def lead(who: str, by: str, **how: bool) -> Incident:
        return office.manager.assign_commander(incident.id, who, by=by, key=next(keys), **how)

    assert lead("BEN", "BEN", **take).commander_id == "BEN"
    with pytest.raises(AlreadyLed) as refused:
        lead("CHEN", "CHEN", **take)
    assert refused.value.values == {"by": "BEN", "ref": "INC-1"}
    assert lead("BEN", "BEN", **take).commander_id == "BEN"
    assert lead("CHEN", "ANA").commander_id == "CHEN"
    assert facts(office, incident, EntryKind.COMMANDER) == [
        ("BEN", None, "BEN", ""),
        ("ANA", "BEN", "CHEN", ""),
    ]
    for nobody in NOBODIES:
        with pytest.raises(NobodyKnown) as unknown:
            lead(nobody, "ANA")
        assert unknown.value.values == {"person": nobody}


def test_of_two_who_take_command_at_once_one_gets_it(office: Office) -> None:
    incident = office.declare()

    def take(by: str) -> Incident | BotError:
        return tried(
            lambda: office.manager.assign_commander(incident.id, by, by=by, key=next(keys), only_if_free=True)
        )

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(take, MEMBERS))
    [entry] = office.entries(incident, EntryKind.COMMANDER)
    for by, result in zip(MEMBERS, results, strict=True):
        assert isinstance(result, Incident) == (by == entry.to_value)


def test_an_edit_changes_what_was_changed_in_the_form_and_nothing_else(office: Office) -> None:
    incident = office.declare("Old", severity=LOW)
    shown = EditInput(incident.id, "Old", LOW, "", was_title="Old", was_severity=LOW)

    def submit(**values: object) -> Incident:
        return office.manager.edit_from_form(replace(shown, **values), by="BEN", key=next(keys))  # type: ignore[arg-type]

    assert submit() == incident
    both = submit(title="New", severity=HIGH, why="worse")
    assert (both.title, both.severity) == ("New", HIGH)
    # Meanwhile others have changed both; a form that was opened before them leaves their changes alone.
    assert submit() == both
    assert submit(title="Newer").severity is HIGH
    assert facts(office, incident, EntryKind.TITLE) == [
        ("BEN", "Old", "New", ""),
        ("BEN", "New", "Newer", ""),
    ]
    assert facts(office, incident, EntryKind.SEVERITY) == [("BEN", "low", "high", "worse")]
    for values, error in (({"why": "just so"}, WhyWithoutChange), ({"title": ""}, TitleMissing)):
        with pytest.raises(error):
            submit(**values)


def test_a_form_with_nothing_typed_declares_something(office: Office) -> None:
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
def test_a_form_that_is_not_right_says_so_at_its_field_and_declares_nothing(
    office: Office, values: dict[str, str], error: type[BotError], field: str
) -> None:
    with pytest.raises(error) as refused:
        office.fill_in(key="view/V1", **values)
    assert refused.value.field == field
    assert office.rows() == {}
    assert office.fill_in(key="view/V1", title="Better").ref == "INC-1"


def test_whatever_is_typed_is_kept_verbatim(office: Office) -> None:
    for text in HOSTILE:
        incident = office.fill_in(title=text, description=text, project=text[:40])
        kept = office.manager.get_incident(incident.id)
        assert kept
        assert kept.title.split() == text.replace("\x00", "").replace("\ud800", "").split()
        office.step(incident, "resolved", note=text)
    assert office.count_incidents() == len(HOSTILE)


def test_a_message_that_an_incident_is_declared_from_is_kept_with_its_address(office: Office) -> None:
    office.deliveries.note_team("T1", "https://acme.slack.com/")
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
        "user_id": "BEN",
        "text": "it is <!channel> down",
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
        return "".join(each.title for each in office.manager.get_incidents_for_project(project, asked))

    assert found("checkout") == "feba"
    assert found(None) == "fedcba"
    assert found("checkout", severity=HIGH) == "fea"
    assert found("checkout", status=IncidentStatus.RESOLVED) == "f"
    assert found("checkout", statuses=ACTIVE, severity=HIGH) == "ea"
    assert found("checkout", limit=2) == "fe"
    assert found("checkout", limit=2, offset=2) == "ba"
    assert found("Checkout") == ""
    assert office.manager.suggest_projects(" CHECK ", 5) == ["checkout"]
    assert office.manager.suggest_projects("", 1) == ["checkout"]


def test_a_request_without_a_ref_is_about_the_channels_own_incident_or_asks_back(office: Office) -> None:
    which = office.manager.which
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
    here = office.manager.in_channel("C1")
    assert here and here.id == one.id
    assert office.manager.in_channel("C9") is None


def test_only_what_a_command_could_mean_is_offered(office: Office) -> None:
    resolved = office.declare("resolved one")
    office.declare("open one")
    office.step(resolved, "resolved")
    for command, ref in (("close", "INC-1"), ("reopen", "INC-1"), ("resolve", "INC-2"), ("lead", "INC-2")):
        with pytest.raises(WhichIncident) as asked:
            office.manager.which(None, None, command)
        assert ref in asked.value.values["candidates"]
        assert "," not in asked.value.values["candidates"]
    for number in range(7):
        office.declare(f"more {number}")
    with pytest.raises(WhichIncident) as many:
        office.manager.which(None, None, "resolve")
    assert many.value.values["candidates"].endswith(", and 3 more")


def test_an_incident_comes_with_its_whole_timeline(office: Office) -> None:
    incident = office.declare()
    office.step(incident, "resolved")
    found = office.manager.get_incident(incident.id)
    assert found
    assert found.timeline == {str(entry.id): entry for entry in office.entries(incident)}


def test_what_was_committed_is_there_after_a_restart(office: Office, database: Database) -> None:
    incident = office.step(office.declare(), "resolved")
    rows = office.rows()
    url = database.engine.url.render_as_string(hide_password=False)
    database.close()
    again = Office(**{**vars(office), "database": Database(url)})
    assert again.rows() == rows
    assert len(again.entries(incident)) == 2
    again.database.close()
