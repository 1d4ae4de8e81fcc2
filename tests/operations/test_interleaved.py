"""Two requests in the middle of each other: what one changes isn't lost on the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from bot.domain.incidents.model import IncidentStatus
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.rows import MessagePosted
from bot.domain.surface.forms import UpdateInput
from bot.operations.incidents.manage import IncidentManager
from bot.operations.kit.transaction import Tx
from bot.operations.updates.manage import IncidentUpdates
from storage.database import Database
from tests.support.databases import postgresql
from tests.support.office import Office, keys, open_office

__all__ = ["postgresql"]
BRIEFLY = 0.5
"""Seconds in which whoever doesn't have to wait is done."""


@contextmanager
def before_statement(database: Database, begins: str, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Call ``meanwhile`` in a thread when a statement that begins like this is about to be executed."""
    begun = list[Future[object]]()

    def stop(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(begins) and not begun:
            begun.append(pool.submit(meanwhile))
            wait(begun, BRIEFLY)

    with ThreadPoolExecutor(1) as pool:
        event.listen(database.engine, "before_cursor_execute", stop)
        try:
            yield
        finally:
            event.remove(database.engine, "before_cursor_execute", stop)
        [each.result() for each in begun]


def test_a_project_that_is_renamed_during_a_declaration_gives_it_the_new_name(office: Office) -> None:
    project = office.add_project("Checkout")

    def rename() -> None:
        office.add_project("Payments", project_id=project.id, was=project.updated_at.isoformat())

    with before_statement(office.database, "INSERT INTO incidents", rename):
        office.declare(project_id="Checkout")
    found = office.manager.get_incident(1, viewer=SYSTEM)
    assert found and found.project_id == "Payments"


def test_two_replicas_that_hear_of_a_departure_at_once_ask_once_for_people_to_take_over(
    database: Database,
) -> None:
    office, other = open_office(database), open_office(database)
    office.declare()
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    other.clock.move(seconds=1)
    left = {"id": "BEN", "name": "ben", "deleted": True, "updated": 9}
    with before_statement(database, "INSERT INTO people", lambda: other.people.save([left])):
        office.people.save([left])
    assert len([key for key in office.rows() if "/notice/vacant/" in key]) == 1


def test_a_nudge_that_is_planned_while_the_incident_is_resolved_is_withdrawn(postgresql: Database) -> None:
    office = open_office(postgresql)
    office.declare()
    office.updates.write(UpdateInput(1, "Payments fail", minutes=15), by="ANA", key=next(keys))
    office.perform_all()
    office.clock.move(minutes=16)
    planned, resolved, may_plan, may_resolve = (threading.Event() for _ in range(4))

    def plan(connection: Connection) -> None:
        IncidentUpdates.plan_nudges.__wrapped__(office.updates, Tx(connection, office.clock()))  # type: ignore[attr-defined]
        planned.set()
        may_plan.wait(10)

    def resolve(connection: Connection) -> None:
        update = IncidentManager.update_status.__wrapped__  # type: ignore[attr-defined]
        update(
            office.manager,
            Tx(connection, office.clock()),
            1,
            IncidentStatus.RESOLVED,
            by="ANA",
            key="click",
        )
        resolved.set()
        may_resolve.wait(10)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(postgresql.run, plan)
        assert planned.wait(10)
        second = pool.submit(postgresql.run, resolve)
        resolved.wait(BRIEFLY)
        may_plan.set()
        first.result(10)
        row = office.claim()["INC-1/update/1/nudge/1"]
        office.outbox.finish(row, MessagePosted(row.key, "C1", "1900000000.000100"))
        may_resolve.set()
        second.result(10)
    assert [key for key in office.rows() if key.startswith("INC-1/update/1/nudge/1/entry/")]
