"""A transaction has one instant, and begins with the gate and the request's natural key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select

from bot.domain.incidents.model import IncidentSeverity, NewIncident
from bot.domain.kit.errors import NotAllowed
from bot.domain.kit.people import SYSTEM, Actor
from bot.operations.incidents.manage import IncidentManager
from bot.operations.kit.gate import begin
from bot.operations.kit.transaction import Operations, Tx, transaction
from storage.database import Database
from storage.tables import outbox
from tests.support.examples import NOW
from tests.support.office import NOBODIES, Office

T = TypeVar("T")


class HurryingClock:
    """A clock that moves a second each time it is read."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> datetime:
        self.looks += 1
        return NOW + timedelta(seconds=self.looks)


class Forgetful(Database):
    """A database that runs everything twice, as if the first attempt had been lost."""

    def __init__(self, real: Database) -> None:
        self._real = real

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run it twice; the second result."""
        self._real.run(work)
        return self._real.run(work)


class Notes(Operations):
    """Records the time of each attempt."""

    def __init__(self, database: Database, clock: HurryingClock) -> None:
        super().__init__(database, clock)
        self.noted: list[datetime] = []

    @transaction
    def note(self, tx: Tx) -> datetime:
        """The time of this attempt."""
        self.noted.append(tx.now)
        return tx.now


def begun(office: Office, by: Actor, key: str) -> bool:
    return office.database.run(lambda connection: begin(Tx(connection, NOW), by, key))


def test_everything_in_one_transaction_happens_at_one_instant(office: Office) -> None:
    clock = HurryingClock()
    new = NewIncident("Database is slow", IncidentSeverity.HIGH)
    incident = IncidentManager(office.database, clock).declare_incident(new, by="ANA", key="k")
    at = NOW + timedelta(seconds=1)
    assert clock.looks == 1
    assert [entry.at for entry in office.entries(incident)] == [at]
    assert (incident.declared_at, incident.created_at, incident.updated_at) == (at, at, at)
    planned = office.database.run(
        lambda connection: connection.execute(select(outbox.c.created_at)).scalars().all()
    )
    assert planned
    assert set(planned) == {at}


def test_a_repeated_attempt_has_a_time_of_its_own(database: Database) -> None:
    notes = Notes(Forgetful(database), HurryingClock())
    assert notes.note() == notes.noted[1]
    assert notes.noted == [NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)]


def test_a_request_is_new_once(office: Office) -> None:
    assert [begun(office, "ANA", "k"), begun(office, "ANA", "k"), begun(office, "ANA", "other")] == [
        True,
        False,
        True,
    ]


def test_the_bot_itself_passes_the_gate_and_is_deduplicated_too(office: Office) -> None:
    assert [begun(office, SYSTEM, "k"), begun(office, SYSTEM, "k")] == [True, False]


@pytest.mark.parametrize("nobody", NOBODIES)
def test_a_request_that_the_gate_refuses_is_not_noted(office: Office, nobody: str) -> None:
    with pytest.raises(NotAllowed):
        begun(office, nobody, "k")
    assert begun(office, "ANA", "k")


def test_being_refused_comes_before_anything_about_an_earlier_delivery(office: Office) -> None:
    begun(office, "ANA", "k")
    with pytest.raises(NotAllowed):
        begun(office, "GUEST", "k")
