"""From open to closed and back: each change once, by the first person, and on record."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.domain.incidents.model import NEXT_STEPS, Incident, IncidentSeverity, IncidentStatus
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import (
    AlreadyCommander,
    AlreadyLed,
    AlreadySo,
    AlreadyThere,
    BotError,
    IllegalTransition,
    NobodyKnown,
    NotAllowed,
    NothingToChange,
    ReasonMissing,
    TitleMissing,
    TitleTooLong,
    UnknownRef,
    WhyWithoutChange,
)
from bot.domain.surface.forms import EditInput
from tests.support.examples import NOW, tried
from tests.support.office import MEMBERS, NOBODIES, OUTSIDERS, Office, keys

HIGH, LOW = IncidentSeverity.HIGH, IncidentSeverity.LOW


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
    assert office.facts(incident, EntryKind.STATUS) == [
        ("BEN", "open", "investigating", ""),
        ("CHEN", "investigating", "resolved", "rolled back"),
        ("ANA", "resolved", "closed", ""),
    ]
    assert [entry.at for entry in office.entries(incident)] == [
        NOW + timedelta(minutes=minute) for minute in range(4)
    ]


def test_a_closed_incident_is_reopened_with_a_reason_and_resolved_again(office: Office) -> None:
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
"""The steps that lead to each status."""


def test_an_impossible_step_is_refused_and_changes_nothing(office: Office) -> None:
    for path, wanted in itertools.product(PATHS, IncidentStatus):
        incident = office.declare()
        for status in path:
            incident = office.step(incident, status)
        rows = office.rows()
        result = tried(partial(office.step, incident, wanted, note="why not"))
        if isinstance(result, IllegalTransition):
            assert result.values["status"] == incident.status
            assert wanted not in NEXT_STEPS[incident.status]
            assert office.rows() == rows
        else:
            assert isinstance(result, Incident)
            assert result.status is wanted


def test_if_two_people_resolve_at_once_the_second_learns_who_was_first(office: Office) -> None:
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


def test_a_second_click_by_the_same_person_changes_nothing(office: Office) -> None:
    incident = office.declare()
    office.step(incident, "resolved", by="BEN")
    rows = office.rows()
    assert office.step(incident, "resolved", by="BEN").status is IncidentStatus.RESOLVED
    assert len(office.entries(incident, EntryKind.STATUS)) == 1
    assert office.rows() == rows
    office.clock.move(minutes=1)
    with pytest.raises(AlreadySo):
        office.step(incident, "resolved", by="BEN")


def test_opening_an_open_incident_names_who_declared_it(office: Office) -> None:
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
        lambda by: office.outbox.retry(incident.id, by=by),
        office.people.check_may_act,
        office.answers.home,
    ]


def test_guests_strangers_bots_former_members_and_unknown_people_change_nothing(office: Office) -> None:
    incident = office.declare()
    before, rows = office.manager.get_incident(incident.id, viewer="ANA"), office.rows()
    for act in acts(office, incident):
        for nobody in NOBODIES:
            with pytest.raises(NotAllowed):
                act(nobody)
    assert office.manager.get_incident(incident.id, viewer="ANA") == before
    assert office.rows() == rows
    assert office.count_incidents() == 1


def test_a_missing_incident_cannot_be_changed(office: Office) -> None:
    missing = replace(office.declare(), id=404)
    for act in acts(office, missing)[2:7]:
        with pytest.raises(UnknownRef) as refused:
            act("ANA")
        assert refused.value.values["ref"] == "INC-404"
    assert office.manager.get_incident(404, viewer="ANA") is None


def test_a_change_of_severity_is_recorded_with_from_to_and_why(office: Office) -> None:
    incident = office.declare(severity=LOW)
    changed = office.manager.change_severity(incident.id, HIGH, by="BEN", key=next(keys), why="EU is down")
    assert changed.severity is HIGH
    assert office.facts(incident, EntryKind.SEVERITY) == [("BEN", "low", "high", "EU is down")]
    with pytest.raises(NothingToChange) as refused:
        office.manager.change_severity(incident.id, HIGH, by="BEN", key=next(keys))
    assert refused.value.values == {"ref": "INC-1", "what": "severity"}


def test_a_change_of_title_is_recorded_and_the_channel_follows(office: Office) -> None:
    incident = office.declare("Old")
    changed = office.manager.rename(incident.id, "  New   title ", by="BEN", key=next(keys))
    assert changed.title == "New title"
    assert office.facts(incident, EntryKind.TITLE) == [("BEN", "Old", "New title", "")]
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
    with pytest.raises(AlreadyCommander):
        lead("BEN", "ANA")
    assert lead("CHEN", "ANA").commander_id == "CHEN"
    assert office.facts(incident, EntryKind.COMMANDER) == [
        ("BEN", None, "BEN", ""),
        ("ANA", "BEN", "CHEN", ""),
    ]
    named = {person.id: person.name for person in OUTSIDERS}
    for nobody in NOBODIES:
        with pytest.raises(NobodyKnown) as unknown:
            lead(nobody, "ANA")
        assert unknown.value.values == {"person": nobody, "name": named.get(nobody, "This person")}


def test_a_second_click_is_silent_for_ten_seconds(office: Office) -> None:
    incident = office.declare()

    def lead() -> Incident:
        return office.manager.assign_commander(incident.id, "BEN", by="ANA", key=next(keys))

    lead()
    office.clock.move(seconds=10)
    assert lead().commander_id == "BEN"
    office.clock.move(microseconds=1)
    with pytest.raises(AlreadyCommander):
        lead()


def test_if_two_people_take_command_at_once_one_gets_it(office: Office) -> None:
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


def test_an_edit_changes_only_what_was_changed_in_the_form(office: Office) -> None:
    incident = office.declare("Old", severity=LOW)
    shown = EditInput(incident.id, "Old", LOW, "", was_title="Old", was_severity=LOW)

    def submit(**values: object) -> Incident:
        return office.manager.edit_from_form(replace(shown, **values), by="BEN", key=next(keys))  # type: ignore[arg-type]

    assert submit() == incident
    both = submit(title="New", severity=HIGH, why="worse")
    assert (both.title, both.severity) == ("New", HIGH)
    # Meanwhile others have changed both; a form that was opened before that leaves their changes alone.
    assert submit() == both
    assert submit(title="Newer").severity is HIGH
    assert office.facts(incident, EntryKind.TITLE) == [
        ("BEN", "Old", "New", ""),
        ("BEN", "New", "Newer", ""),
    ]
    assert office.facts(incident, EntryKind.SEVERITY) == [("BEN", "low", "high", "worse")]
    for values, error in (({"why": "just so"}, WhyWithoutChange), ({"title": ""}, TitleMissing)):
        with pytest.raises(error):
            submit(**values)
