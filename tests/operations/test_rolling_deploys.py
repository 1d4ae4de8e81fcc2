"""While a deploy rolls, this revision and the one before work on one database, and each reads what the other
writes.

What the one before does is in here as its SQL: it knows none of the columns of revision 0008.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.domain.action_items.model import NewActionItem
from bot.domain.five_whys.model import FiveWhysAnalysis, NewAnalysis
from storage.tables import five_whys_analyses
from tests.support.office import Office, keys
from tests.support.rows import purge

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
    purge(office.database, office.clock.now)
    left = {key for (key,) in execute(office, "SELECT key FROM inbound")}
    assert {ours, earlier} <= left


def a_quiet_session(office: Office) -> FiveWhysAnalysis:
    """A session that has been quiet for so long that it is nudged next."""
    started = office.whys.conduct_five_whys(office.declare().id, "ANA", by="ANA", key=next(keys))
    office.clock.move(minutes=31)
    return started


def set_metadata(office: Office, session: FiveWhysAnalysis, metadata: str, nudge_at: datetime | None) -> None:
    """Change a session as the revision before does."""
    changed = update(five_whys_analyses).where(five_whys_analyses.c.id == session.id)
    values = {"metadata": json.loads(metadata), "nudge_at": nudge_at}
    office.database.run(lambda tx: tx.execute(changed.values(values)))


def nudges(office: Office, session: FiveWhysAnalysis) -> int:
    return sum(key.startswith(f"{session.ref}/nudge/") for key in office.rows())


def test_a_session_that_the_revision_before_has_nudged_is_not_nudged_again(office: Office) -> None:
    session = a_quiet_session(office)
    set_metadata(office, session, '{"was_nudged": true}', None)
    office.whys.add_why(session.id, "It was full", "ANA", key=next(keys))
    office.clock.move(minutes=31)
    office.ring()
    assert nudges(office, session) == 0


def test_a_session_that_the_revision_before_has_resumed_is_nudged_once_more(office: Office) -> None:
    session = a_quiet_session(office)
    office.ring()
    assert nudges(office, session) == 1
    set_metadata(office, session, '{"was_nudged": false}', office.clock.now)
    office.clock.move(minutes=31)
    office.whys.add_why(session.id, "It was full", "ANA", key=next(keys))
    office.clock.move(minutes=31)
    office.ring()
    assert nudges(office, session) == 2


def test_the_revision_before_does_not_nudge_a_session_again(office: Office) -> None:
    a_quiet_session(office)
    office.ring()
    [(metadata, nudge_at)] = office.database.run(
        lambda tx: tx.execute(select(five_whys_analyses.c["metadata"], five_whys_analyses.c.nudge_at)).all()
    )
    assert metadata["was_nudged"] is True
    assert nudge_at is None
