"""Postmortems on a database: drafted, edited, curated, completed, with reminders."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.action_items.model import ActionItemPriority, NewActionItem, digest_of
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.incidents.timeline import KeyMark, PostedMessage
from bot.domain.kit.errors import (
    BotError,
    EventMissing,
    EventNotHidden,
    EventOutOfTime,
    LessonChanged,
    LessonMissing,
    NobodyKnown,
    NoPostmortem,
    NotAllowed,
    NotResolved,
    PostmortemFinal,
    PostmortemIncomplete,
    PostmortemThere,
    ReasonMissing,
    SectionChanged,
    TextTooLong,
    TitleMissing,
    TooMany,
    UnknownRef,
    UnknownRevision,
)
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems.model import (
    AddedEvent,
    Curated,
    LessonCategory,
    LessonLearned,
    Missing,
    NewPostmortem,
    Postmortem,
    Section,
    section_text,
)
from bot.views.postmortems.exports import html
from tests.support.office import NOBODIES, Office, keys

LESSON = LessonLearned("Alert earlier", ActionItemPriority.HIGH, LessonCategory.DETECTION)


@pytest.fixture
def incident(office: Office) -> Incident:
    """A resolved incident that has its channel."""
    made = office.declare(description="Payments fail in EU")
    office.perform_all()
    office.step(made, "investigating", note="The pool is full")
    office.clock.move(minutes=30)
    return office.step(made, "resolved", note="Raised the limit")


@pytest.fixture
def found(office: Office, incident: Incident) -> Postmortem:
    """Its postmortem."""
    return office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))


def edit(office: Office, found: Postmortem, section: Section, text: str, by: str = "ANA") -> Postmortem:
    """Edit the version that was seen."""
    was = digest_of(section_text(found, section))
    return office.postmortems.edit(found.incident_id, section, text, was, by=by, key=next(keys))


def fill_in(office: Office, found: Postmortem) -> None:
    """Fill in everything that it should have."""
    edit(office, found, Section.IMPACT, "A third of all payments failed")
    edit(office, found, Section.ROOT_CAUSES, "No limit")
    office.postmortems.add_lesson_learned(found.incident_id, LESSON, by="ANA", key=next(keys))
    due = (office.clock.now + timedelta(days=3)).date()
    item = NewActionItem(found.incident_id, "Set a limit", assigned_to="BEN", due_date=due)
    office.items.create_action_item(item, by="ANA", key=next(keys))


def test_the_specifications_example(office: Office, incident: Incident) -> None:
    new = NewPostmortem(
        title="Postmortem: Database Connection Timeout",
        summary="Root cause analysis and lessons learned",
        impact="Users experienced 5-minute delays",
        root_causes=("Connection pool exhausted", "Missing connection timeout configuration"),
    )
    manager = office.postmortems
    made = manager.create_postmortem(incident.id, new, by="ANA", key=next(keys))
    lesson = LessonLearned("Always configure connection pool limits", category=LessonCategory.INFRASTRUCTURE)
    manager.add_lesson_learned(incident.id, lesson, by="ANA", key=next(keys))
    found = manager.get_postmortem(incident.id, viewer="BEN")
    assert found
    assert (found.title, found.summary, found.impact) == (new.title, new.summary, new.impact)
    assert found.root_causes == new.root_causes
    assert found.lessons_learned == (lesson,)
    assert [each.event for each in found.timeline] == [
        "Declared by Ana, severity high",
        "Investigating (Ana): The pool is full",
        "Resolved (Ana): Raised the limit",
    ]
    assert found.timeline[-1].gap == 1800
    assert made.completed_at is None


def test_it_is_drafted_from_what_is_known_and_nothing_is_guessed(office: Office, incident: Incident) -> None:
    analysis = office.whys.conduct_five_whys(incident.id, "BEN", by="ANA", key=next(keys))
    office.whys.identify_root_cause(analysis.id, "No limit", by="BEN", key=next(keys))
    found = office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))
    assert found.summary.split("\n") == [
        "Payments fail in EU",
        "Investigating: The pool is full",
        "Resolved: Raised the limit",
    ]
    assert found.root_causes == ("No limit",)
    assert found.impact == ""
    document = office.postmortems.document(incident.id, viewer="ANA")
    assert ("Five whys by", "Ben") in document.people
    assert document.measured["resolved"] - document.measured["acknowledged"] == timedelta(minutes=30)


def test_only_a_double_click_starts_it_twice_in_silence(office: Office, found: Postmortem) -> None:
    def starts(by: str) -> Postmortem:
        return office.postmortems.create_postmortem(found.incident_id, by=by, key=next(keys))

    assert starts("ANA").id == found.id
    with pytest.raises(PostmortemThere):
        starts("BEN")
    office.clock.move(minutes=1)
    with pytest.raises(PostmortemThere):
        starts("ANA")
    assert len(office.postmortems.revisions(found.incident_id, viewer="BEN")) == 1


def test_the_later_of_two_editors_sees_what_changed(office: Office, found: Postmortem) -> None:
    edit(office, found, Section.IMPACT, "EU")
    with pytest.raises(SectionChanged) as refused:
        edit(office, found, Section.IMPACT, "US", by="BEN")
    assert refused.value.values == {"by": "ANA", "name": "Ana", "current": "EU"}
    # That doesn't affect another section, and the same words don't conflict.
    edit(office, found, Section.TITLE, "Another title", by="BEN")
    edit(office, found, Section.IMPACT, "EU", by="BEN")


def test_every_save_is_a_revision_that_can_be_viewed(office: Office, found: Postmortem) -> None:
    first = edit(office, found, Section.IMPACT, "EU")
    edit(office, first, Section.IMPACT, "EU and US", by="BEN")
    manager = office.postmortems
    saves = manager.revisions(found.incident_id, viewer="ANA")
    assert [(each.number, each.by, each.section) for each in saves] == [
        (3, "BEN", Section.IMPACT),
        (2, "ANA", Section.IMPACT),
        (1, "ANA", Section.CREATED),
    ]
    assert manager.revision(found.incident_id, 2, viewer="ANA").content["impact"] == "EU"
    with pytest.raises(UnknownRevision):
        manager.revision(found.incident_id, 9, viewer="ANA")


def test_lessons_are_changed_and_removed_without_overwriting_anybody(
    office: Office, found: Postmortem
) -> None:
    manager, number = office.postmortems, found.incident_id
    manager.add_lesson_learned(number, LESSON, by="ANA", key=next(keys))
    was = digest_of(LESSON.lesson)
    changed = manager.change_lesson(number, 1, was, LessonLearned("Alert at 80 %"), by="BEN", key=next(keys))
    assert [each.lesson for each in changed.lessons_learned] == ["Alert at 80 %"]
    with pytest.raises(LessonChanged):
        manager.change_lesson(number, 1, was, LESSON, by="ANA", key=next(keys))
    gone = manager.change_lesson(
        number, 1, digest_of("Alert at 80 %"), LessonLearned(" "), by="ANA", key=next(keys)
    )
    assert gone.lessons_learned == ()


def test_curating_the_timeline_leaves_the_incidents_own_unchanged(
    office: Office, incident: Incident, found: Postmortem
) -> None:
    ts = f"{office.clock.now.timestamp():.6f}"
    office.recorder.record_message(PostedMessage(f"C{incident.id}", ts, "BEN", None, "It is DNS"))
    entry = next(each for each in office.entries(incident) if each.text == "It is DNS")
    manager, number = office.postmortems, incident.id
    at = incident.declared_at + timedelta(minutes=1)
    manager.curate(number, entry.id, Curated(True, "DNS was suspected", at), by="ANA", key=next(keys))
    manager.curate(number, entry.id, Curated(None), by="ANA", key=next(keys))
    event = AddedEvent(at + timedelta(minutes=1), "A customer called")
    manager.add_event(number, event, by="ANA", key=next(keys))
    told = manager.get_postmortem(number, viewer="ANA")
    assert told
    assert [each.event for each in told.timeline][2:4] == ["DNS was suspected", "A customer called"]
    manager.curate(number, entry.id, Curated(is_shown=False), by="ANA", key=next(keys))
    told = manager.get_postmortem(number, viewer="ANA")
    assert told
    assert "DNS was suspected" not in [each.event for each in told.timeline]
    assert next(each for each in office.entries(incident) if each.id == entry.id).text == "It is DNS"
    assert manager.suggest_events(number, "dns", 5, viewer="ANA")[0].which == str(entry.id)


def test_an_added_event_is_reworded_moved_and_removed(office: Office, found: Postmortem) -> None:
    manager, number = office.postmortems, found.incident_id

    def added() -> list[str]:
        told = manager.get_postmortem(number, viewer="ANA")
        return [each.event for each in told.timeline if each.entry_id is None] if told else []

    at = office.clock.now - timedelta(minutes=5)
    manager.add_event(number, AddedEvent(at, "A customer called"), by="ANA", key=next(keys))
    [choice] = manager.suggest_events(number, "customer", 5, viewer="ANA")
    how = Curated(text="Two customers called", at=at - timedelta(minutes=1))
    manager.change_event(number, choice.which, how, by="BEN", key=next(keys))
    assert added() == ["Two customers called"]
    # It has changed in the meantime, so people who saw the old words have to choose again.
    with pytest.raises(EventMissing):
        manager.change_event(number, choice.which, how, by="ANA", key=next(keys))
    [choice] = manager.suggest_events(number, "customers", 5, viewer="ANA")
    with pytest.raises(EventNotHidden):
        manager.change_event(number, choice.which, replace(how, is_shown=False), by="ANA", key=next(keys))
    manager.change_event(number, choice.which, Curated(is_shown=False), by="ANA", key=next(keys))
    assert added() == []


def test_completing_names_what_is_missing_and_a_final_one_stays_unchanged(
    office: Office, found: Postmortem
) -> None:
    manager, number = office.postmortems, found.incident_id
    assert manager.missing(number, viewer="ANA") == [
        Missing.IMPACT,
        Missing.ROOT_CAUSE,
        Missing.LESSON,
        Missing.ACTION_ITEM,
    ]
    with pytest.raises(PostmortemIncomplete):
        manager.complete(number, by="ANA", key=next(keys), despite=" ")
    fill_in(office, found)
    assert manager.missing(number, viewer="ANA") == []
    done = manager.complete(number, by="ANA", key=next(keys), despite="All of it reviewed")
    assert done.completed_at == office.clock.now
    assert done.completed_despite == "All of it reviewed"
    assert f"INC-{number}/postmortem/summary/{done.revision}" in office.rows()
    with pytest.raises(PostmortemFinal):
        edit(office, done, Section.IMPACT, "x")
    assert manager.reopen(number, by="BEN", key=next(keys)).completed_at is None
    assert manager.revisions(number, viewer="ANA")[0].section is Section.REOPENED


def test_an_open_incidents_draft_cannot_be_completed(office: Office) -> None:
    incident = office.declare()
    office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))
    with pytest.raises(NotResolved):
        office.postmortems.complete(incident.id, by="ANA", key=next(keys), despite="because")


def test_a_private_one_is_announced_to_nobody_and_unknown_to_others(office: Office) -> None:
    incident = office.declare("Secret", by="BEN", is_private=True)
    office.postmortems.create_postmortem(incident.id, by="BEN", key=next(keys))
    office.step(incident, "resolved", by="BEN")
    office.postmortems.complete(incident.id, by="BEN", key=next(keys), despite="because")
    assert not any("summary" in key for key in office.rows())
    for number in (incident.id, 99):
        with pytest.raises(UnknownRef):
            office.postmortems.get_postmortem(number, viewer="ANA")
        with pytest.raises(UnknownRef):
            office.postmortems.export(number, "md", by="ANA", key=next(keys))


BAD = (
    (lambda m, n, k: m.edit(n, Section.TITLE, " ", _was(m, n, Section.TITLE), by="ANA", key=k), TitleMissing),
    (
        lambda m, n, k: m.edit(n, Section.SUMMARY, "x" * 3001, _was(m, n, Section.SUMMARY), by="ANA", key=k),
        TextTooLong,
    ),
    (
        lambda m, n, k: m.edit(
            n, Section.ROOT_CAUSES, "\n".join(map(str, range(21))), digest_of(""), by="ANA", key=k
        ),
        TooMany,
    ),
    (lambda m, n, k: m.add_lesson_learned(n, LessonLearned(" "), by="ANA", key=k), LessonMissing),
    (lambda m, n, k: m.curate(n, 9999, Curated(), by="ANA", key=k), EventMissing),
    (lambda m, n, k: m.add_event(n, AddedEvent(m.clock(), " "), by="ANA", key=k), EventMissing),
    (
        lambda m, n, k: m.add_event(n, AddedEvent(datetime(2000, 1, 1, tzinfo=UTC), "x"), by="ANA", key=k),
        EventOutOfTime,
    ),
    (
        lambda m, n, k: m.add_event(n, AddedEvent(m.clock() + timedelta(hours=1), "x"), by="ANA", key=k),
        EventOutOfTime,
    ),
    (lambda m, n, k: m.set_owner(n, "GUEST", by="ANA", key=k), NobodyKnown),
    (lambda m, _n, k: m.complete(99, by="ANA", key=k), UnknownRef),
)


def _was(manager: object, number: int, section: Section) -> str:
    found = manager.get_postmortem(number, viewer=SYSTEM)  # type: ignore[attr-defined]
    return digest_of(section_text(found, section))


@pytest.mark.parametrize(("act", "error"), BAD, ids=map(str, range(len(BAD))))
def test_invalid_input_changes_nothing(
    office: Office, found: Postmortem, act: object, error: type[BotError]
) -> None:
    with pytest.raises(error):
        act(office.postmortems, found.incident_id, next(keys))  # type: ignore[operator]
    assert len(office.postmortems.revisions(found.incident_id, viewer="ANA")) == 1


def test_people_who_may_not_act_cannot_write_one(office: Office, incident: Incident) -> None:
    for nobody in NOBODIES:
        with pytest.raises(NotAllowed):
            office.postmortems.create_postmortem(incident.id, by=nobody, key=next(keys))
    with pytest.raises(NoPostmortem):
        office.postmortems.reopen(incident.id, by="ANA", key=next(keys))


def test_reminders_come_until_it_is_complete(office: Office, incident: Incident) -> None:
    def reminders() -> int:
        office.duties.plan()
        return sum("postmortem/reminder" in key for key in office.rows())

    office.clock.move(days=1)
    assert reminders() == 0
    office.clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert reminders() == 1
    assert reminders() == 1
    found = office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))
    office.clock.now = datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert reminders() == 2
    office.clock.now = datetime(2026, 4, 20, 9, tzinfo=UTC)
    assert reminders() == 3
    fill_in(office, found)
    office.postmortems.complete(incident.id, by="ANA", key=next(keys))
    office.clock.now = datetime(2026, 5, 18, 9, tzinfo=UTC)
    assert reminders() == 3


def test_low_incidents_expect_none_and_a_waived_one_has_no_reminders(
    office: Office, incident: Incident
) -> None:
    low = office.declare("Typo", severity=IncidentSeverity.LOW)
    office.step(low, "resolved")
    assert office.duties.get(low.id) is None
    with pytest.raises(ReasonMissing):
        office.duties.waive(incident.id, " ", by="ANA", key=next(keys))
    office.duties.waive(incident.id, "A drill", by="BEN", key=next(keys))
    duty = office.duties.get(incident.id)
    assert duty
    assert (duty.waived_by, duty.waived_because, duty.remind_at) == ("BEN", "A drill", None)


def test_an_incident_that_is_reopened_expects_none_yet(office: Office, incident: Incident) -> None:
    office.step(incident, "open", note="again")
    assert office.duties.get(incident.id) is None


def test_what_five_whys_find_later_is_added_to_the_draft(office: Office, found: Postmortem) -> None:
    edit(office, found, Section.ROOT_CAUSES, "No limit")
    analysis = office.whys.conduct_five_whys(found.incident_id, "BEN", by="ANA", key=next(keys))
    office.whys.identify_root_cause(analysis.id, "Nobody owns it", by="BEN", key=next(keys))
    told = office.postmortems.get_postmortem(found.incident_id, viewer="ANA")
    assert told
    assert told.root_causes == ("No limit", "Nobody owns it")


def test_two_thousand_entries_are_gathered_and_exported_in_under_a_second(
    office: Office, found: Postmortem
) -> None:
    at, channel = office.clock.now.timestamp(), f"C{found.incident_id}"
    written = [f"{at + number:.6f}" for number in range(2000)]
    lines = [PostedMessage(channel, ts, "BEN", None, f"line {ts}") for ts in written]
    assert office.recorder.record_messages(lines) == []
    for ts in written[::4]:
        office.recorder.mark_key(KeyMark(channel, ts, "BEN", "reaction", present=True, event_ts=ts))
    started = time.process_time()
    document = office.postmortems.document(found.incident_id, viewer="ANA")
    html(document)
    assert time.process_time() - started < 1
    assert len(document.entries) > 2000
    assert len(document.postmortem.timeline) > 500
