"""What is red, and what isn't yet."""

from __future__ import annotations

from bot.intake.health import Health
from bot.operations.outbox import Outbox
from storage.database import Database
from tests.support.bots import free_port
from tests.support.office import Office
from tests.support.rows import end_leases

NO_TROUBLE = (lambda: None, lambda: None)


def test_a_row_that_nobody_performs_is_overdue_after_two_minutes(office: Office) -> None:
    health = Health(office.outbox, lambda: True, *NO_TROUBLE)
    assert health.report() == {"database": "ok", "outbox": "ok", "slack": "ok"}
    office.declare()
    office.clock.move(seconds=119)
    assert health.report()["outbox"] == "ok"
    office.clock.move(seconds=2)
    assert health.report() == {"database": "ok", "outbox": "overdue", "slack": "ok"}


def test_a_poll_that_takes_too_long_is_red_at_once(office: Office) -> None:
    health = Health(office.outbox, lambda: True, lambda: None, lambda: "polls take too long")
    assert health.report() == {"database": "ok", "outbox": "polls take too long", "slack": "ok"}


def test_a_row_that_is_being_performed_is_not_overdue(office: Office) -> None:
    office.declare()
    health = Health(office.outbox, lambda: True, *NO_TROUBLE)
    office.clock.move(seconds=121)
    office.claim()
    assert health.report()["outbox"] == "ok"
    # The worker that claimed them has died in the meantime.
    end_leases(office.database)
    assert health.report()["outbox"] == "overdue"


def test_a_calendar_that_does_not_answer_makes_nothing_overdue(office: Office) -> None:
    office.connect_calendar()
    office.perform_all()
    office.declare()
    while held := {key: row for key, row in office.claim().items() if "/event" not in key}:
        for row in held.values():
            office.outbox.finish(row, office.outcome_of(row))
    office.outbox.release("worker")
    office.clock.move(seconds=121)
    assert "waiting" in office.rows().values() or "running" in office.rows().values()
    assert Health(office.outbox, lambda: True, *NO_TROUBLE).report()["outbox"] == "ok"


def test_an_unavailable_database_is_named(office: Office) -> None:
    away = Outbox(Database(f"postgresql://127.0.0.1:{free_port()}/muster"), office.clock)
    assert Health(away, lambda: True, lambda: "silent", lambda: None).report() == {
        "database": "not reached",
        "outbox": "unknown",
        "slack": "silent",
    }
    assert Health(away, lambda: False, *NO_TROUBLE).report()["database"] == "not reached yet"
    away.database.close()


def test_incidents_are_counted_by_status_and_rows_by_state(office: Office) -> None:
    first, _second = office.declare(), office.declare()
    office.step(first, "resolved")
    figures = office.outbox.figures()
    assert figures.incidents == {"open": 1, "resolved": 1}
    waiting = {each.kind: each.count for each in figures.rows if each.state == "waiting"}
    assert waiting["CreateChannel"] == 2
