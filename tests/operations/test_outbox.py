"""The outbox's life: what succeeds is stored, what fails is retried or shown, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.incidents.planned import failures_key
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import NotAllowed, NothingToRetry
from bot.domain.outbox.effects import ReportFailures, SendDigest
from bot.domain.outbox.retry import Failure, FailureKind, GiveUp, RetryAt
from bot.domain.outbox.rows import OVERDUE_AFTER, MessagePosted, Planned
from bot.domain.surface.answers import Doctor, Sentence
from bot.domain.surface.shown import DoctorShown
from bot.effects.checkup import outbox
from bot.operations.checkup import Checkup
from bot.operations.failures import Report
from bot.views.doctor import doctor
from tests.support.examples import NOW
from tests.support.office import NOBODIES, Office
from tests.support.rows import add, end_leases

FINAL = Failure(FailureKind.FINAL, "is_archived")
PASSING = Failure(FailureKind.PASSING, "fatal_error", may_be_applied=True)


def reports(office: Office) -> list[str]:
    """The states of the rows that report the first incident's failures."""
    return [state for key, state in office.rows().items() if key.startswith(failures_key(1))]


def report(office: Office, incident: Incident) -> Report:
    """What the declarer is told of the incident's failures."""
    return office.performer_reads.failures(incident, "ANA", failures_key(incident.id))


def test_a_declaration_is_done_in_three_rounds(office: Office) -> None:
    office.declare()
    assert office.perform_all() == [
        {"INC-1/channel"},
        {f"INC-1/{each}" for each in ("members", "card", "topic", "purpose", "announcement", "declarer")}
        | {"INC-1/history/declared"},
        {"INC-1/pin"},
    ]
    assert set(office.rows().values()) == {"done"}


def test_the_channel_that_was_made_becomes_the_incidents(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    found = office.performer_reads.incident(incident.id)
    assert found
    assert (found.channel_id, found.channel_name) == ("C1", "inc-1-made")


def test_every_change_links_to_the_message_about_it(office: Office) -> None:
    incident = office.declare()
    office.step(incident, "resolved")
    office.perform_all()
    declared, resolved = office.entries(incident)
    assert (declared.channel_id, declared.ts) == office.performer_reads.where("INC-1/card")
    assert (resolved.channel_id, resolved.ts) == office.performer_reads.where(f"INC-1/entry/{resolved.id}")
    assert office.performer_reads.declaration(incident.id) == declared
    assert office.performer_reads.entry(resolved.id) == resolved
    office.performer_reads.forget("INC-1/card")
    assert office.performer_reads.where("INC-1/card") is None


def test_many_changes_while_slack_is_unavailable_are_one_refresh_and_a_message_each(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    for status in ("resolved", "open", "resolved", "open", "resolved"):
        incident = office.step(incident, status, note="again")
    first = office.perform_all()
    assert len({key for keys in first for key in keys if "/entry/" in key}) == 5
    assert len([key for keys in first for key in keys if "/card/" in key]) == 1


def test_a_row_that_is_no_longer_held_stores_nothing(office: Office) -> None:
    incident = office.declare()
    late = office.perform_until("INC-1/channel")
    end_leases(office.database)
    [again] = office.outbox.claim("other", [late.id], (), {late.queue: 1})
    assert again.look_first
    office.outbox.finish(late, office.outcome_of(late))
    assert office.rows()["INC-1/channel"] == "running"
    assert office.performer_reads.incident(incident.id) == incident
    office.outbox.finish(again, office.outcome_of(again))
    assert office.rows()["INC-1/channel"] == "done"


def test_rows_that_a_killed_process_held_are_free_at_the_next_start(office: Office) -> None:
    office.declare()
    office.perform_until("INC-1/channel")
    assert not office.claim()
    assert office.startup.start_alone() == 1
    assert set(office.claim()) == {"INC-1/channel"}
    assert office.outbox.release("worker") == 1
    assert set(office.claim()) == {"INC-1/channel"}


def test_a_temporary_failure_is_retried_later_and_looks_first(office: Office) -> None:
    office.declare()
    row = office.perform_until("INC-1/channel")
    decision = office.outbox.fail(row, PASSING)
    assert decision == RetryAt(NOW + timedelta(seconds=1))
    assert not office.claim()
    office.clock.move(seconds=1)
    again = office.claim()["INC-1/channel"]
    assert (again.attempt, again.look_first) == (2, True)
    assert office.outbox.fail(again, Failure(FailureKind.PASSING, "refused")) == RetryAt(
        office.clock.now + timedelta(seconds=2)
    )
    office.clock.move(seconds=2)
    assert office.claim()["INC-1/channel"].look_first, "the first attempt may still have been applied"


def test_waiting_for_slacks_rate_limit_is_never_given_up_and_costs_no_attempt(office: Office) -> None:
    office.declare()
    row = office.perform_until("INC-1/channel")
    for _ in range(60):
        at = office.clock.now + timedelta(seconds=30)
        limited = Failure(FailureKind.NOT_YET, "ratelimited", retry_at=at)
        assert office.outbox.fail(row, limited) == RetryAt(at)
        office.clock.now = at - timedelta(microseconds=1)
        assert not office.claim(), "never early"
        office.clock.now = at
        row = office.claim()["INC-1/channel"]
        assert (row.attempt, row.look_first) == (1, False)
    assert isinstance(office.outbox.fail(row, PASSING), RetryAt)


def test_what_is_given_up_is_reported_once_and_continues_after_a_click(office: Office) -> None:
    incident = office.declare()
    topic = office.perform_until("INC-1/topic")
    assert office.outbox.fail(topic, FINAL) == GiveUp()
    assert reports(office) == ["waiting"]
    told = report(office, incident)
    assert ([row.kind for row in told.dead], told.trying) == (["SetTopic"], ())
    office.perform_all()

    office.clock.move(minutes=1)
    office.outbox.retry(incident.id, by="BEN")
    told = report(office, incident)
    assert (told.dead, [row.kind for row in told.trying]) == ((), ["SetTopic"])
    assert office.perform_all()
    assert (report(office, incident).dead, report(office, incident).trying) == ((), ())
    assert set(office.rows().values()) == {"done"}
    with pytest.raises(NothingToRetry):
        office.outbox.retry(incident.id, by="BEN")


def test_a_report_that_was_shown_is_updated_with_the_failure(office: Office) -> None:
    incident = office.declare()
    office.outbox.fail(office.perform_until("INC-1/topic"), FINAL)
    office.perform_all()
    assert reports(office) == ["done"]
    office.clock.move(minutes=1)
    office.outbox.retry(incident.id, by="ANA")
    office.clock.move(minutes=1)
    trying, done = office.perform_all()
    assert "INC-1/topic" in trying
    assert len(trying) == 2, "the report says that it is being tried again"
    assert len(done) == 1, "and then that it is done"
    assert reports(office) == ["done"] * 3


def test_a_report_that_fails_is_not_reported_but_listed(office: Office) -> None:
    office.declare()
    office.outbox.fail(office.perform_until("INC-1/topic"), FINAL)
    report = next(row for row in office.claim().values() if isinstance(row.effect, ReportFailures))
    assert office.outbox.fail(report, FINAL) == GiveUp()
    assert reports(office) == ["dead"]
    shown = office.answers.load(Doctor(), "ANA")
    assert isinstance(shown, DoctorShown)
    assert {row.kind for row in shown.dead} == {"SetTopic", "ReportFailures"}


def test_a_failed_answer_is_listed_and_retried_with_everything(office: Office) -> None:
    office.answers.send(Sentence("Done."), to="ANA", channel_id="C1", thread_ts=None, key="mention/1")
    [row] = office.claim().values()
    assert office.outbox.fail(row, FINAL) == GiveUp()
    assert office.rows() == {"answer/mention/1": "dead"}
    office.outbox.retry(None, by="ANA")
    assert office.rows() == {"answer/mention/1": "waiting"}


def test_rows_that_wait_too_long_are_listed(office: Office) -> None:
    office.declare()
    office.clock.move(seconds=OVERDUE_AFTER.total_seconds())
    assert office.answers.load(Doctor(), "ANA") == DoctorShown((), ())
    office.clock.move(seconds=1)
    shown = office.answers.load(Doctor(), "ANA")
    assert isinstance(shown, DoctorShown)
    assert len(shown.overdue) == len(office.rows())


def test_the_doctor_counts_what_it_has_no_room_for(office: Office) -> None:
    checkup = Checkup(office.database, office.clock)
    for each in (f"digest/{number}" for number in range(25)):
        add(office.database, Planned(SendDigest("ANA", "2026-W10"), each, each))
    [first, *rest] = office.claim().values()
    assert office.outbox.fail(first, Failure(FailureKind.FINAL, "user_disabled")) == GiveUp()
    for row in rest:
        assert office.outbox.fail(row, FINAL) == GiveUp()
    shown = office.answers.load(Doctor(), "ANA")
    assert isinstance(shown, DoctorShown)
    assert (len(shown.dead), shown.more_dead, shown.more_overdue) == (20, 5, 0)
    assert "and 5 more" in str(doctor(shown).blocks)
    waiting, late, given_up = checkup.outbox()
    assert (waiting, late) == (0, 0)
    assert given_up == [("SendDigest", "is_archived", 24), ("SendDigest", "user_disabled", 1)]


def test_a_terminal_shows_a_reason_without_slacks_markup(office: Office) -> None:
    add(office.database, Planned(SendDigest("ANA", "2026-W10"), "digest", "digest"))
    [row] = office.claim().values()
    refused = Failure(FailureKind.FINAL, "user_disabled", concerns="U0BEN & <others>")
    assert office.outbox.fail(row, refused) == GiveUp()
    [_, dead] = outbox(Checkup(office.database, office.clock))
    assert "user_disabled: U0BEN & <others>: " in dead.found


def test_people_who_may_not_act_retry_nothing(office: Office) -> None:
    incident = office.declare()
    office.outbox.fail(office.perform_until("INC-1/topic"), FINAL)
    for nobody in NOBODIES:
        with pytest.raises(NotAllowed):
            office.outbox.retry(incident.id, by=nobody)
    assert office.rows()["INC-1/topic"] == "dead"


def test_a_failed_card_that_a_later_one_replaced_is_not_reported_twice(office: Office) -> None:
    incident = office.declare()
    office.outbox.fail(office.perform_until("INC-1/card"), FINAL)
    office.step(incident, "resolved")
    [entry] = office.entries(incident, EntryKind.STATUS)
    office.clock.move(seconds=1)
    office.outbox.fail(office.perform_until(f"INC-1/card/{entry.id}"), FINAL)
    assert [row.key for row in report(office, incident).dead] == [f"INC-1/card/{entry.id}"]


def test_a_start_lists_people_and_looks_for_an_announcements_channel_until_it_has_one(office: Office) -> None:
    office.startup.prepare("incidents")
    office.clock.move(seconds=1)
    office.startup.prepare("incidents")
    assert sorted(key.split("/")[0] for key in office.rows()) == [
        "announcements",
        "names",
        "people",
        "privacy",
    ]
    office.perform_all()
    office.startup.note_announcements_channel("incidents", "C0ALL")
    assert office.startup.announcements_channel("incidents") == "C0ALL"
    assert office.startup.announcements_channel("others") is None
    office.clock.move(seconds=1)
    office.startup.prepare("incidents")
    waiting = [key.split("/")[0] for key, state in office.rows().items() if state == "waiting"]
    assert sorted(waiting) == ["names", "people", "privacy"]


def test_the_workspaces_url_is_stored(office: Office) -> None:
    assert office.performer_reads.team_url() == ""
    office.startup.note_team("T1", "https://acme.slack.com/")
    assert office.performer_reads.team_url() == "https://acme.slack.com/"


def test_what_gets_done_while_failures_are_being_reported_is_reported_too(office: Office) -> None:
    incident = office.declare()
    office.outbox.fail(office.perform_until("INC-1/pin"), PASSING)
    office.perform_all()
    office.step(incident, "investigating")
    office.outbox.fail(office.perform_until("INC-1/topic/2"), FINAL)
    office.clock.move(minutes=1)
    held = office.claim().values()
    [report] = [row for row in held if isinstance(row.effect, ReportFailures)]
    [pin] = [row for row in held if row.key == "INC-1/pin"]
    # The report says that pinning is tried again. The bot doesn't know yet that it was posted.
    office.outbox.finish(pin, None)
    assert sorted(reports(office)) == ["running", "waiting"]
    office.outbox.finish(report, office.outcome_of(report))
    assert sorted(reports(office)) == ["done", "waiting"]


def test_a_report_no_longer_lists_a_refresh_that_a_newer_one_replaced(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    office.step(incident, "investigating")
    office.outbox.fail(office.perform_until("INC-1/topic/2"), FINAL)
    office.clock.move(minutes=1)
    office.outbox.retry(1, by="ANA")
    held = office.claim()
    [report] = [row for row in held.values() if isinstance(row.effect, ReportFailures)]
    # The report says that the topic is tried again.
    office.outbox.finish(report, MessagePosted(report.key, "D1", "1700000000.000100"))
    office.step(incident, "resolved")
    office.outbox.fail(held["INC-1/topic/2"], PASSING)
    assert "waiting" in reports(office)


def test_a_refusal_that_comes_after_the_channel_was_unarchived_is_tried_again(office: Office) -> None:
    office.declare()
    topic = office.perform_until("INC-1/topic")
    # Slack has refused it, and then somebody unarchives the channel before the bot has noted that.
    office.channels.is_back("C1", "E1")
    assert office.outbox.fail(topic, FINAL) == RetryAt(office.clock() + timedelta(seconds=1))
    office.clock.move(minutes=1)
    assert office.outbox.fail(office.claim()["INC-1/topic"], FINAL) == GiveUp()
