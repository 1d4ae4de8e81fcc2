"""The gate knows people without asking the network, and asks once about somebody it doesn't know."""

from __future__ import annotations

import pytest

from bot.domain.kit.errors import CannotCheck, NotAllowed
from bot.operations.people import People
from tests.support.office import Office

NEW = {"id": "NEW", "name": "nora", "updated": 100, "team_id": "T1"}


def test_somebody_unknown_is_looked_up_once(office: Office) -> None:
    office.slacks_people["NEW"] = NEW
    for _ in range(2):
        office.people.ensure_known("NEW")
    assert office.asked == ["NEW"]
    office.people.check_may_act("NEW")


def test_somebody_known_is_not_looked_up(office: Office) -> None:
    office.people.ensure_known("ANA")
    assert office.asked == []


def test_people_slack_does_not_know_may_not_act(office: Office) -> None:
    office.people.ensure_known("NEW")
    with pytest.raises(NotAllowed):
        office.people.check_may_act("NEW")
    assert office.people.get("NEW") is None


def test_if_slack_does_not_answer_nobody_is_let_in_on_a_guess(office: Office) -> None:
    def no_answer(_user_id: str) -> None:
        raise CannotCheck

    people = People(office.database, office.clock, no_answer)
    with pytest.raises(CannotCheck):
        people.ensure_known("NEW")
    people.ensure_known("ANA")


def test_a_messages_author_is_looked_up_once_and_no_answer_is_no_obstacle(office: Office) -> None:
    office.slacks_people["NEW"] = NEW
    for _ in range(2):
        for user_id in ("NEW", "UNHEARD_OF"):
            office.people.learn(user_id)
    assert office.asked == ["NEW", "UNHEARD_OF"]
    assert office.people.get("NEW")

    def no_answer(_user_id: str) -> None:
        raise CannotCheck

    People(office.database, office.clock, no_answer).learn("SILENT")
    assert office.people.get("SILENT") is None


def test_late_news_does_not_replace_newer_news(office: Office) -> None:
    guest = {**NEW, "is_restricted": True, "updated": 200}
    for user in (NEW, guest, NEW):
        office.people.save([user])
    with pytest.raises(NotAllowed):
        office.people.check_may_act("NEW")


def test_people_of_another_workspace_are_strangers(office: Office) -> None:
    office.startup.note_team("T1", "https://acme.slack.com/")
    office.people.save([{**NEW, "team_id": "T2"}, {**NEW, "id": "OURS"}])
    office.people.check_may_act("OURS")
    with pytest.raises(NotAllowed):
        office.people.check_may_act("NEW")


def test_a_name_is_stored_without_characters_that_no_database_can_store(office: Office) -> None:
    office.people.save([{**NEW, "name": "no\x00ra \ud800"}])
    person = office.people.get("NEW")
    assert person
    assert person.name == "nora "
