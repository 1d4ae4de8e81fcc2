"""Two people who declare the same thing at once learn of each other, and nothing they typed is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.incidents.model import IncidentSeverity
from bot.domain.kit.errors import DeclaredMeanwhile, UnknownRef
from bot.domain.surface.forms import DeclareInput, DeclareStart
from bot.domain.surface.shown import DeclareShown
from tests.support.office import Office, keys

FILLED = DeclareInput("Checkout is down", IncidentSeverity.HIGH, None, "", None, None)


def opens(office: Office, by: str = "BEN") -> DeclareShown:
    """What the form shows to somebody who opens it now."""
    return office.answers.declaring(DeclareStart(), by)


def submits(office: Office, newest: int | None, key: str = "", by: str = "BEN") -> int:
    """Submit the form that was shown when that was the newest incident; the number of what it declared."""
    filled = replace(FILLED, newest=newest)
    return office.manager.declare_from_form(filled, by=by, key=key or next(keys)).id


def test_the_form_shows_what_was_declared_in_the_last_ten_minutes(office: Office) -> None:
    assert (opens(office).recent, opens(office).newest) == ((), 0)
    first = office.declare("Checkout is down")
    office.clock.move(minutes=9)
    second = office.declare("Search is slow")
    assert [each.id for each in opens(office).recent] == [second.id, first.id]
    office.clock.move(minutes=2)
    assert [each.id for each in opens(office).recent] == [second.id]
    office.clock.move(minutes=10)
    assert (opens(office).recent, opens(office).newest) == ((), second.id)


def test_what_somebody_may_not_see_is_in_no_form_and_asks_nothing(office: Office) -> None:
    newest = opens(office).newest
    office.declare("A leak", is_private=True)
    assert (opens(office).recent, opens(office).newest) == ((), 0)
    assert opens(office, "ANA").recent
    assert submits(office, newest)


def test_the_first_submission_names_what_was_declared_meanwhile_and_the_second_declares(
    office: Office,
) -> None:
    newest = opens(office).newest
    theirs = office.declare("Checkout is down")
    before = office.count_incidents()
    with pytest.raises(DeclaredMeanwhile) as found:
        submits(office, newest, "view/1")
    assert found.value.values["refs"] == theirs.ref
    assert [each.id for each in office.manager.declared_since(newest or 0, viewer="BEN")] == [theirs.id]
    assert office.count_incidents() == before
    number = submits(office, theirs.id, "view/1")
    # A redelivery of either submission finds what was declared.
    assert submits(office, newest, "view/1") == submits(office, theirs.id, "view/1") == number
    assert office.count_incidents() == before + 1


def test_ones_own_declaration_and_a_form_that_says_nothing_ask_nothing(office: Office) -> None:
    newest = opens(office).newest
    office.declare("Search is slow", by="BEN")
    assert submits(office, newest)
    office.declare("Mail is late", by="ANA")
    assert submits(office, None)


def test_whoever_joins_is_invited_once(office: Office) -> None:
    made = office.declare()
    for _ in range(2):
        office.manager.join(made.id, by="BEN", key="click/1")
    assert sum("click/1" in key for key in office.rows()) == 1
    secret = office.declare(is_private=True)
    with pytest.raises(UnknownRef):
        office.manager.join(secret.id, by="BEN", key=next(keys))


def test_from_a_private_incidents_channel_the_form_is_private(office: Office) -> None:
    made = office.declare(is_private=True)
    office.perform_all()
    start = DeclareStart("x", "", f"C{made.id}", "1.0")
    assert office.answers.declaring(start, "ANA").start.is_private
    assert not office.answers.declaring(start, "BEN").start.is_private
