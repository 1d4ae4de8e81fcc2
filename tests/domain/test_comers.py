"""Everybody comes once, however often they are named; and nobody comes unasked where that is a surprise."""

from __future__ import annotations

from bot.domain.incidents.comers import MAX_UNASKED, Party, each_once, everybody, is_asked_first, named

OWNERS = Party("owners of Checkout", ("ANA", "BEN", "BEN"))
ONCALL = Party("@oncall, for Checkout", ("BEN", "CHEN"), is_group=True)
CRITICAL = Party("every critical incident", ("CHEN", "DAN"))


def test_everybody_is_in_the_first_party_that_has_them() -> None:
    found = each_once([OWNERS, ONCALL, CRITICAL], {"ANA"})
    assert [each.user_ids for each in found] == [("BEN",), ("CHEN",), ("DAN",)]
    assert everybody(found) == ("BEN", "CHEN", "DAN")


def test_a_party_whose_people_all_come_anyway_is_left_out_and_an_empty_group_is_not() -> None:
    empty = Party("@nobody, for Checkout, is empty", (), is_group=True)
    assert each_once([OWNERS, empty, ONCALL], {"ANA", "BEN", "CHEN"}) == (empty,)


def test_only_people_are_named() -> None:
    assert named([OWNERS, ONCALL, CRITICAL]) == (OWNERS, CRITICAL)


def test_many_people_and_people_of_a_private_incident_come_only_after_a_question() -> None:
    crowd = Party("@all", tuple(f"U{number}" for number in range(MAX_UNASKED)), is_group=True)
    assert not is_asked_first([crowd], is_private=False)
    assert is_asked_first([crowd, CRITICAL], is_private=False)
    assert is_asked_first([CRITICAL], is_private=True)
    assert not is_asked_first([Party("@empty", (), is_group=True)], is_private=True)
