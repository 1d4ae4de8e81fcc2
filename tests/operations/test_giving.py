"""Whoever is given a session or a postmortem hears of it in a message of their own, once."""

from __future__ import annotations

from bot.domain.five_whys.model import NewAnalysis
from bot.domain.outbox.effects import TellFacilitator, TellPostmortemOwner
from bot.domain.postmortems.model import NewPostmortem
from tests.support.office import Office, keys
from tests.support.rows import effects


def told(office: Office) -> list[TellFacilitator | TellPostmortemOwner]:
    """The notifications that are planned."""
    return [
        each for each in effects(office.database) if isinstance(each, TellFacilitator | TellPostmortemOwner)
    ]


def test_a_new_facilitator_is_notified(office: Office) -> None:
    number = office.declare().id
    found = office.whys.conduct_five_whys(number, "ANA", by="ANA", key=next(keys))
    assert told(office) == []
    key = next(keys)
    for _redelivery in range(2):
        office.whys.hand_over(found.id, "BEN", by="ANA", key=key)
    office.whys.hand_over(found.id, "BEN", by="CHEN", key=next(keys))
    assert told(office) == [TellFacilitator(number, found.id, "BEN", "ANA")]


def test_a_facilitator_named_at_the_start_is_notified_too(office: Office) -> None:
    number = office.declare().id
    new = NewAnalysis(number, "Why?", "BEN")
    found = office.whys.start_from_form(new, by="ANA", key=next(keys))
    assert told(office) == [TellFacilitator(number, found.id, "BEN", "ANA")]


def test_a_session_that_somebody_takes_notifies_nobody(office: Office) -> None:
    found = office.whys.conduct_five_whys(office.declare().id, "ANA", by="ANA", key=next(keys))
    office.whys.hand_over(found.id, "BEN", by="BEN", key=next(keys))
    assert told(office) == []


def test_a_new_owner_of_a_postmortem_is_notified(office: Office) -> None:
    number = office.declare().id
    office.postmortems.create_postmortem(number, by="ANA", key=next(keys))
    assert told(office) == []
    key = next(keys)
    for _redelivery in range(2):
        office.postmortems.set_owner(number, "BEN", by="ANA", key=key)
    office.postmortems.set_owner(number, None, by="ANA", key=next(keys))
    office.postmortems.set_owner(number, "CHEN", by="CHEN", key=next(keys))
    assert told(office) == [TellPostmortemOwner(number, "BEN", "ANA")]


def test_an_owner_for_whom_a_postmortem_is_started_is_notified_too(office: Office) -> None:
    number = office.declare().id
    office.postmortems.create_postmortem(number, NewPostmortem(owner_id="BEN"), by="ANA", key=next(keys))
    assert told(office) == [TellPostmortemOwner(number, "BEN", "ANA")]
