"""Whoever asked for something hears of its failure, in a message that notifies."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.domain.incidents.planned import failures_key, personal_failures_key
from bot.domain.outbox.effects import KINDS, InvitePeople, ReportFailures, TellAsker
from bot.domain.outbox.hearers import Hearer
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import MessagePosted, Planned
from bot.effects.posts import PostPerformers
from bot.effects.reports import ReportPerformers
from bot.operations import failures
from tests.support.office import Office, keys
from tests.support.rows import add, end_leases

REFUSED = Failure(FailureKind.FINAL, "file_uploads_disabled")


@pytest.mark.parametrize("hearer", Hearer)
def test_every_kind_of_hearer_can_be_found(hearer: Hearer) -> None:
    assert hearer in failures._ASKED


@pytest.mark.parametrize("kind", [kind for kind, how in KINDS.items() if how.hearer is Hearer.DOCTOR])
def test_only_reports_and_what_belongs_to_no_incident_are_left_to_the_doctor(kind: type) -> None:
    is_report = kind in {ReportFailures, TellAsker}
    assert is_report or "incident_id" not in kind.__dataclass_fields__  # type: ignore[attr-defined]


class Slack:
    """Direct messages, by person."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str]] = []
        self.edited: list[str] = []
        self.deleted: list[str] = []

    def direct_channel(self, user_id: str) -> str:
        return f"D{user_id}"

    def attempted(self, *_: Any) -> None:
        """Nothing is ever posted unnoticed."""

    def post_unseen(self, _key: str, channel: str, message: Any, *_: Any) -> str:
        self.posted.append((channel, str(message.arguments())))
        return f"17000{len(self.posted):05}.000100"

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        {"chat.update": self.edited, "chat.delete": self.deleted}[method].append(asked["ts"])
        return {}


def refused(*_: Any) -> str:
    raise ConnectionError


@pytest.fixture
def slack() -> Slack:
    return Slack()


def tell(office: Office, slack: Slack) -> None:
    """Perform the reports that are planned."""
    none = cast("Any", None)
    posts = PostPerformers(cast("Any", slack), office.performer_reads, none, none, none, "", none)
    reports = ReportPerformers(cast("Any", slack), office.performer_reads, posts)
    for row in office.claim().values():
        if type(row.effect) in {ReportFailures, TellAsker}:
            outcome = reports.performers()[type(row.effect)](row.effect, row)
            assert outcome is None or isinstance(outcome, MessagePosted)
            office.outbox.finish(row, outcome)
        else:
            office.outbox.finish(row, office.outcome_of(row))


def fail(office: Office, kind: str, failure: Failure = REFUSED) -> None:
    """Let the rows of a kind fail that are waiting."""
    for row in office.claim().values():
        if type(row.effect).__name__ == kind:
            office.outbox.fail(row, failure)
        else:
            office.outbox.finish(row, office.outcome_of(row))


def begun(office: Office) -> int:
    """An incident of Ana's with a postmortem, about which everything has been done."""
    number = office.declare().id
    office.postmortems.create_postmortem(number, by="ANA", key=next(keys))
    office.perform_all()
    return number


def test_an_export_that_fails_is_reported_to_whoever_asked(office: Office, slack: Slack) -> None:
    number = begun(office)
    office.postmortems.export(number, "md", by="BEN", key=next(keys))
    fail(office, "SendExport")
    tell(office, slack)
    [(channel, told)] = slack.posted
    assert channel == "DBEN" and "send an export of a postmortem" in told
    assert office.performer_reads.where(failures_key(number)) is None


def test_a_second_failure_comes_in_a_new_message_and_a_retry_in_an_edit(office: Office, slack: Slack) -> None:
    number = begun(office)
    for times in (1, 2):
        office.postmortems.export(number, "md", by="BEN", key=next(keys))
        fail(office, "SendExport")
        tell(office, slack)
        assert len(slack.posted) == times
    assert len(slack.deleted) == 1, "one report is enough"
    office.clock.move(minutes=1)
    office.outbox.retry(number, by="BEN")
    tell(office, slack)
    assert (len(slack.posted), len(slack.edited)) == (2, 1)
    tell(office, slack)
    assert office.performer_reads.where(personal_failures_key(number, "BEN")) is None


def test_a_report_stands_until_the_one_that_replaces_it_is_posted(
    office: Office, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = begun(office)
    office.postmortems.export(number, "md", by="BEN", key=next(keys))
    fail(office, "SendExport")
    tell(office, slack)
    office.postmortems.export(number, "md", by="BEN", key=next(keys))
    fail(office, "SendExport")
    with monkeypatch.context() as patch:
        patch.setattr(slack, "post_unseen", refused)
        with pytest.raises(ConnectionError):
            tell(office, slack)
    assert slack.deleted == []
    end_leases(office.database)
    office.held.clear()
    tell(office, slack)
    assert (len(slack.posted), len(slack.deleted)) == (2, 1)


def test_what_fails_again_after_a_retry_notifies_again(office: Office, slack: Slack) -> None:
    number = begun(office)
    office.postmortems.export(number, "md", by="BEN", key=next(keys))
    fail(office, "SendExport")
    tell(office, slack)
    office.clock.move(minutes=1)
    office.outbox.retry(number, by="BEN")
    claimed = office.claim()
    for row in claimed.values():
        if type(row.effect) is TellAsker:
            posts = PostPerformers(cast("Any", slack), office.performer_reads, *[cast("Any", None)] * 5)
            reports = ReportPerformers(cast("Any", slack), office.performer_reads, posts)
            office.outbox.finish(row, reports.report(row.effect, row))
    office.clock.move(minutes=1)
    for row in claimed.values():
        if type(row.effect) is not TellAsker:
            office.outbox.fail(row, REFUSED)
    tell(office, slack)
    assert [channel for channel, _ in slack.posted] == ["DBEN", "DBEN"]


def test_a_refused_invitation_is_no_silent_edit_of_an_old_report(office: Office, slack: Slack) -> None:
    number = begun(office)
    for person in ("BEN", "CHEN"):
        row = Planned(InvitePeople(number, (person,)), f"INC-{number}/members/{person}", person)
        add(office.database, row)
        told = Failure(FailureKind.FINAL, "user_is_restricted", concerns=f"U0{person}")
        fail(office, "InvitePeople", told)
        tell(office, slack)
    assert [channel for channel, _ in slack.posted] == ["DANA", "DANA"]
    assert "<@U0CHEN>" in slack.posted[1][1] and "<@U0BEN>" in slack.posted[1][1]


def test_the_same_failure_of_a_later_refresh_is_not_news(office: Office, slack: Slack) -> None:
    incident = office.declare()
    office.perform_all()
    for status in ("investigating", "resolved"):
        office.clock.move(minutes=1)
        office.step(incident, status)
        fail(office, "SetTopic", Failure(FailureKind.FINAL, "is_archived"))
        tell(office, slack)
        tell(office, slack)
    assert len(slack.posted) == 1


def test_whoever_may_no_longer_see_the_incident_hears_nothing(office: Office, slack: Slack) -> None:
    number = office.declare(is_private=True).id
    office.postmortems.create_postmortem(number, by="ANA", key=next(keys))
    office.perform_all()
    add(office.database, Planned(TellAsker(number, "BEN"), "report", "report"))
    tell(office, slack)
    assert slack.posted == []
