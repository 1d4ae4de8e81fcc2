"""After a restore, nothing that may have been done since the backup is done again without a look or a yes."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date
from functools import partial
from types import SimpleNamespace

import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import insert, select

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.action_items.model import NewActionItem
from bot.domain.kit.errors import NothingToRetry, RestoreUnfinished
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import KINDS, Effect, PinCard
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import CONFIRMED, RESTORED, Claimed
from bot.domain.surface.shown import DoctorShown
from bot.effects.failures import CallFailed
from bot.effects.slack import Slack
from bot.operations.restored import PastAlarms, Restored
from bot.parts import alarm_handlers
from bot.views.backups import waiting
from bot.views.doctor import doctor
from bot.views.kit.labels import EFFECT
from bot.views.kit.message import Message
from storage import outbox, outbox_reads, workspace
from storage.tables import outbox as table
from tests.support.examples import NOW
from tests.support.office import Office, keys

UNSEEN = ("direct_channel(", "self._invite(", "show_to(", "write_to(", "_calendar.book(")
"""What a performer calls if it writes to one person, invites somebody, or has a calendar send mails."""
MAY_ANSWER = {"SendAnswerUnlessShown"}
"""Sends what ``SendAnswer`` sends, by its function."""
MAY_INVITE = {"PutDueDate", "PutTimeBlock", "ArrangeMeeting"}
"""Events with guests: whether they get an e-mail is up to the calendar."""


@pytest.fixture
def leftovers(office: Office) -> Restored:
    return Restored(office.database, office.clock)


def add(office: Office, kind: str, state: str = "waiting", error: str | None = None, key: str = "") -> None:
    values = {
        "kind": kind,
        "payload": {},
        "key": key or kind,
        "lane": key or kind,
        "is_refresh": False,
        "state": state,
        "attempts": 7,
        "look_first": False,
        "not_before": NOW,
        "created_at": NOW,
        "last_error": error,
        "queue": "people",
        "lease_until": NOW if state == "running" else None,
        "owner": "worker" if state == "running" else None,
    }
    office.database.run(lambda tx: tx.execute(insert(table).values(**values)))


def row(office: Office, key: str) -> dict[str, object]:
    query = select(table).where(table.c.key == key)
    return office.database.run(lambda tx: tx.execute(query).one()._asdict())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("state", ["waiting", "running"])
def test_what_waited_is_looked_for_or_waits_for_a_decision(
    office: Office, leftovers: Restored, kind: type[Effect], state: str
) -> None:
    name = kind.__name__
    add(office, name, state)
    leftovers.finish()
    found = row(office, name)
    marks = (found["look_first"], found["attempts"], found["last_error"], found["lease_until"])
    assert marks == (True, 0, RESTORED, None)
    assert found["state"] == (state if KINDS[kind].can_look else "dead")
    assert leftovers.undecided() == ({} if KINDS[kind].can_look else {name: 1})
    assert KINDS[kind].can_look or EFFECT[name] in waiting(leftovers.undecided())


def test_whatever_is_written_to_one_person_or_invites_somebody_waits_for_a_decision(sqlite_url: str) -> None:
    bot = build(
        Settings.model_validate(
            {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "database_url": sqlite_url}
        )
    )
    table = bot.worker._attempts._performers
    bot.database.close()
    hidden = {
        kind.__name__
        for kind, performer in table.items()
        if any(call in inspect.getsource(performer) for call in UNSEEN)
    }
    assert len(hidden) > 8
    blind = {kind.__name__ for kind, how in KINDS.items() if not how.can_look}
    assert hidden | MAY_INVITE | MAY_ANSWER == blind, "say so in KINDS of bot/domain/outbox/effects.py"


def test_what_was_done_stays_done(office: Office, leftovers: Restored) -> None:
    add(office, "TellDeclarer", "done")
    leftovers.finish()
    assert (row(office, "TellDeclarer")["state"], leftovers.undecided()) == ("done", {})


def test_what_had_been_given_up_waits_for_a_decision_too(office: Office, leftovers: Restored) -> None:
    add(office, "PostUpdate", "dead", "is_archived")
    leftovers.finish()
    assert row(office, "PostUpdate")["last_error"] == "restored: is_archived"
    assert leftovers.undecided() == {"PostUpdate": 1}


def test_a_backup_of_a_restored_database_is_marked_once(office: Office, leftovers: Restored) -> None:
    add(office, "Remind")
    leftovers.finish()
    leftovers.finish()
    assert (row(office, "Remind")["last_error"], leftovers.undecided()) == (RESTORED, {"Remind": 1})


def test_retry_leaves_alone_what_waits_for_a_decision(office: Office, leftovers: Restored) -> None:
    """Neither a click on Retry, nor a channel that is unarchived, decides about everything at once."""
    add(office, "Remind")
    leftovers.finish()
    with pytest.raises(NothingToRetry):
        office.outbox.retry(None, by="ANA")
    assert office.database.run(lambda tx: outbox.revive(tx, NOW, None, SYSTEM)) == 0
    add(office, "SetTopic", "dead", "is_archived")
    office.outbox.retry(None, by="ANA")
    assert (row(office, "Remind")["state"], row(office, "SetTopic")["state"]) == ("dead", "waiting")


def test_after_a_yes_it_is_done_after_a_look(office: Office, leftovers: Restored) -> None:
    add(office, "Remind")
    add(office, "TellDeclarer")
    leftovers.finish()
    assert leftovers.send() == 2
    found = row(office, "Remind")
    assert (found["state"], found["look_first"], found["last_error"]) == ("waiting", True, CONFIRMED)
    assert leftovers.undecided() == {}


def test_after_a_no_it_is_never_done(office: Office, leftovers: Restored) -> None:
    add(office, "Remind")
    leftovers.finish()
    assert leftovers.drop() == 1
    assert (row(office, "Remind")["state"], leftovers.undecided()) == ("done", {})


def test_that_it_comes_from_a_backup_survives_failures(office: Office, leftovers: Restored) -> None:
    office.declare()
    leftovers.finish()
    [claimed] = [each for each in office.claim().values() if each.key == "INC-1/channel"]
    assert (claimed.is_restored, claimed.look_first, claimed.attempt) == (True, True, 1)
    office.outbox.fail(claimed, Failure(FailureKind.PASSING, "http_503"))
    assert row(office, "INC-1/channel")["last_error"] == "restored: http_503"
    office.clock.move(minutes=1)
    [claimed] = [each for each in office.claim().values() if each.key == "INC-1/channel"]
    office.outbox.fail(claimed, Failure(FailureKind.FINAL, "not_in_channel"))
    assert leftovers.undecided() == {"CreateChannel": 1, "InvitePeople": 1, "TellDeclarer": 1}


class NoHistory:
    """A client of a server that shows no history."""

    def conversations_history(self, **_: object) -> object:
        raise SlackApiError("x", {"ok": False, "error": "not_in_channel"})  # type: ignore[no-untyped-call]

    def chat_postMessage(self, **_: object) -> SimpleNamespace:  # noqa: N802 - the SDK's name
        return SimpleNamespace(data={"ts": "1.1"})


def test_a_message_that_cannot_be_looked_for_is_not_posted(office: Office, leftovers: Restored) -> None:
    slack = Slack(NoHistory(), office.clock)  # type: ignore[arg-type]
    claimed = Claimed(1, "k", PinCard(1), 1, look_first=True, created_at=NOW, owner="w")
    assert slack.post(claimed, "k", "C1", Message("hello", ())) == "1.1"
    with pytest.raises(CallFailed, match="not_in_channel"):
        slack.post(replace(claimed, is_restored=True), "k", "C2", Message("hello", ()))


def test_the_doctor_says_who_decides(office: Office, leftovers: Restored) -> None:
    add(office, "Remind")
    leftovers.finish()
    dead = office.database.run(lambda tx: outbox_reads.dead(tx, SYSTEM))
    assert "option `--restored`" in str(doctor(DoctorShown(tuple(dead), ())).blocks)


def test_reminders_that_people_got_after_the_backup_wait_for_a_decision(
    office: Office, leftovers: Restored
) -> None:
    incident = office.declare()
    new = NewActionItem(incident.id, "More disks", assigned_to="BEN", due_date=date(2026, 3, 11))
    office.items.create_action_item(new, by="ANA", key=next(keys))
    office.perform_all()
    # Restored on a Saturday night: what was sent on Wednesday must not be planned for Monday.
    office.clock.now = NOW.replace(day=14, hour=23)
    PastAlarms(office.database, partial(alarm_handlers, office.database)).replay(office.clock())
    leftovers.finish()
    assert leftovers.undecided()["Remind"] == 4
    reminders = [key for key in office.rows() if "/reminder/" in key]
    days = sorted(f"{row(office, key)['created_at']:%d}" for key in reminders)
    assert days == ["06", "10", "11", "12"], "when they were sent, so that they can be looked for"
    office.ring()
    office.clock.move(days=1)
    office.ring()
    assert {key for key in office.rows() if "/reminder/" in key} == set(reminders)


def test_a_bot_does_not_start_on_a_database_that_is_half_restored(
    office: Office, leftovers: Restored
) -> None:
    office.startup.require_whole_restore()
    office.database.run(lambda tx: workspace.save(tx, workspace.RESTORING, NOW.isoformat()))
    with pytest.raises(RestoreUnfinished):
        office.startup.require_whole_restore()
    leftovers.finish()
    office.startup.require_whole_restore()
