"""With many incidents, queries stay quick because they don't read each of them."""

from __future__ import annotations

from functools import partial

from sqlalchemy import insert

from bot.domain.incidents.model import MAX_COUNTED, IncidentQuery, IncidentSeverity
from bot.domain.kit.people import SYSTEM
from storage import incidents
from storage.database import Database
from storage.tables import incidents as table
from tests.support.examples import NOW

ONE = {
    "title": "x",
    "severity": "low",
    "status": "closed",
    "declared_at": NOW,
    "declared_by": "U0ANA",
    "channel_name": "inc",
    "metadata": {},
    "created_at": NOW,
    "updated_at": NOW,
}


def test_incidents_are_counted_up_to_a_number_and_no_further(database: Database) -> None:
    def count(query: IncidentQuery) -> int:
        return database.read(partial(incidents.count, query=query, viewer=SYSTEM))

    many = [ONE] * (MAX_COUNTED + 5)
    database.run(lambda tx: tx.execute(insert(table), many))
    database.run(lambda tx: tx.execute(insert(table), [{**ONE, "severity": "high"}] * 3))
    assert count(IncidentQuery()) == MAX_COUNTED
    assert count(IncidentQuery(severity=IncidentSeverity.HIGH)) == 3
