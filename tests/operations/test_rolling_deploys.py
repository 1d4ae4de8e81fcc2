"""While a deploy rolls, this revision and the one before work on one database, and each reads what the other
writes.

What the one before does is in here as its SQL: it knows none of the columns of revision 0008.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.action_items.model import NewActionItem
from bot.domain.five_whys.model import NewAnalysis
from tests.support.office import Office

CREATED = ("incident_id", "item_id", "analysis_id")
"""The columns in which the revision before keeps what a request created."""


def execute(office: Office, statement: str, **values: Any) -> list[Any]:
    """Run the statement; the rows that it returns."""

    def work(tx: Any) -> list[Any]:
        done = tx.execute(text(statement), values)
        return list(done.all()) if done.returns_rows else []

    return office.database.run(work)


def create(office: Office, kind: str, key: str) -> int:
    """Create something by a request with this key; its id."""
    match kind:
        case "incident_id":
            return office.declare(key=key).id
        case "item_id":
            return office.items.create_action_item(NewActionItem(1, "Look"), by="ANA", key=key).id
        case _:
            return office.whys.start_from_form(NewAnalysis(1, "It broke", "ANA"), by="ANA", key=key).id


def as_the_revision_before_handled_it(office: Office, key: str) -> None:
    execute(office, "UPDATE inbound SET result = NULL WHERE key = :key", key=key)


@pytest.mark.parametrize("kind", CREATED)
def test_a_request_that_the_revision_before_handled_creates_nothing_again(office: Office, kind: str) -> None:
    office.declare()
    office.declare()
    made = create(office, kind, "view/V1")
    as_the_revision_before_handled_it(office, "view/V1")
    assert create(office, kind, "view/V1") == made


@pytest.mark.parametrize("kind", CREATED)
def test_the_revision_before_finds_what_a_request_has_created(office: Office, kind: str) -> None:
    office.declare()
    office.declare()
    made = create(office, kind, "view/V1")
    [[*found]] = execute(
        office, "SELECT incident_id, item_id, analysis_id FROM inbound WHERE key = :key", key="view/V1"
    )
    assert found == [made if each == kind else None for each in CREATED]


@pytest.mark.parametrize("kind", CREATED)
def test_neither_revision_purges_a_request_that_has_created_something(office: Office, kind: str) -> None:
    office.declare()
    ours, earlier = "view/V1", "view/V2"
    made = create(office, kind, ours)
    execute(
        office,
        f"INSERT INTO inbound (key, received_at, {kind}) VALUES (:key, :at, :made)",  # noqa: S608
        key=earlier,
        at=office.clock.now,
        made=made,
    )
    office.clock.move(days=100)
    execute(
        office,
        "DELETE FROM inbound WHERE received_at < :before"
        " AND incident_id IS NULL AND item_id IS NULL AND analysis_id IS NULL",
        before=office.clock.now,
    )
    office.outbox.purge()
    left = {key for (key,) in execute(office, "SELECT key FROM inbound")}
    assert {ours, earlier} <= left
