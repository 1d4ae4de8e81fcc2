"""What the doctor needs to be noted, and who hears that the app lacks a scope."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.kit.people import Person
from bot.domain.surface.answers import Doctor
from bot.domain.surface.slack_app import SCOPES
from bot.operations.checkup import Checkup
from storage import people
from tests.support.office import Office

EVERY = {scope.name for scope in SCOPES}
ADMINS = ("ANA", "CARO")


@pytest.fixture(autouse=True)
def _admins(office: Office) -> None:
    """Two members who are admins of the workspace, and one who was."""
    known = [Person(name, name.title(), "UTC", is_admin=True) for name in ADMINS]
    gone = Person("GONE", "Gone", "UTC", is_admin=True, is_deleted=True)
    later = office.clock() + timedelta(seconds=1)
    office.database.run(lambda tx: people.save(tx, [*known, gone], later))


def lacking(office: Office) -> set[str]:
    """The rows that notify somebody of a missing scope."""
    return {key.rpartition("/")[2] for key in office.rows() if key.startswith("lacking/")}


def test_each_admin_hears_once_of_a_scope_that_a_new_version_needs(office: Office) -> None:
    office.startup.note_scopes(EVERY)
    assert not lacking(office)
    office.startup.note_scopes(EVERY - {"pins:write"})
    assert lacking(office) == set(ADMINS)
    rows = len(office.rows())
    office.clock.move(hours=1)
    office.startup.note_scopes(EVERY - {"pins:write"})
    assert len(office.rows()) == rows, "a restart repeats nothing"
    office.startup.note_scopes(EVERY - {"im:write"})
    assert len(office.rows()) == rows + len(ADMINS), "another scope is news"


def test_nobody_hears_of_optional_scopes_or_of_a_server_that_lists_none(office: Office) -> None:
    office.startup.note_scopes(EVERY - {scope.name for scope in SCOPES if scope.is_optional})
    office.startup.note_scopes(())
    assert not lacking(office)


def test_only_admins_have_everything_checked(office: Office) -> None:
    checkup = Checkup(office.database, office.clock)
    for _ in range(2):
        assert checkup.ask("C1", None, by="ANA", key="K1") == Doctor(is_followed=True)
        assert checkup.ask("C1", None, by="BEN", key="K2") == Doctor()
    assert list(office.rows()) == ["examine/K1"], "a retry adds none"


def test_events_are_due_some_minutes_after_the_first_public_incident(office: Office) -> None:
    checkup = Checkup(office.database, office.clock)
    office.declare()
    office.perform_all()
    seen = {"message.channels": office.clock(), "socket": office.clock()}
    office.clock.move(hours=1)
    assert checkup.seen() == ({}, False)
    checkup.note_seen(seen)
    assert checkup.seen() == (seen, False), "that incident was declared before anything was noted"
    office.clock.move(minutes=1)
    office.declare()
    office.perform_all()
    assert not checkup.seen()[1]
    office.clock.move(minutes=6)
    assert checkup.seen()[1]
    later = {"message.channels": office.clock() + timedelta(minutes=2)}
    checkup.note_seen(later)
    assert checkup.seen()[0] == seen | later
