"""An incident whose channel people make private or public, with events in any order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import NotAllowed, PrivacyDecided, PrivacyMoot, UnknownRef
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import AskPublic
from bot.views.privacy import question_message
from tests.support.examples import NOW
from tests.support.office import NOBODIES, Office, keys

CHANNEL = "C1"


def ts(seconds: int) -> str:
    """The ts of a message that many seconds after now."""
    return f"{(NOW + timedelta(seconds=seconds)).timestamp():.6f}"


def declared(office: Office, *, private: bool = False) -> Incident:
    """An incident with its channel."""
    office.declare(is_private=private)
    office.perform_all()
    return now(office)


def now(office: Office) -> Incident:
    """The incident as it is stored."""
    found = office.manager.get_incident(1, viewer=SYSTEM)
    assert found
    return found


def convert(office: Office, *, private: bool, at: int, by: str | None = "BEN") -> None:
    """Have Slack report that somebody made the channel private or public."""
    office.privacy.converted(CHANNEL, is_private=private, by=by, ts=ts(at))


def who_sees_it(office: Office) -> set[str]:
    """The people who may see the incident."""
    return {each for each in ("ANA", "BEN", "CHEN") if office.manager.get_incident(1, viewer=each)}


def changes(office: Office) -> list[tuple[str | None, ...]]:
    """Who made it private or public."""
    return office.facts(now(office), EntryKind.PRIVACY)


def questions(office: Office) -> set[str]:
    """The keys of the rows that ask somebody what to do."""
    return {key for key in office.rows() if "/question/" in key}


def test_until_the_channels_members_are_known_only_those_involved_see_it(office: Office) -> None:
    declared(office)
    convert(office, private=True, at=5)
    assert who_sees_it(office) == {"ANA", "BEN"}
    office.channels.set_members(1, frozenset({"BEN", "CHEN"}), office.clock())
    assert who_sees_it(office) == {"BEN", "CHEN"}


def test_a_redelivered_conversion_is_one_change_with_its_own_time(office: Office) -> None:
    declared(office)
    for at in (5, 5, 5):
        convert(office, private=True, at=at)
    [entry] = office.entries(now(office), EntryKind.PRIVACY)
    assert (entry.by, entry.from_value, entry.to_value) == ("BEN", "public", "private")
    assert entry.at == NOW + timedelta(seconds=5)


def test_a_conversion_noticed_before_slacks_message_arrives_is_recorded_once(office: Office) -> None:
    declared(office)
    office.privacy.converted(CHANNEL, is_private=True)
    convert(office, private=True, at=5)
    assert changes(office) == [(None, "public", "private", "")]


def test_an_older_conversion_that_comes_late_changes_nothing(office: Office) -> None:
    declared(office)
    convert(office, private=True, at=5)
    convert(office, private=False, at=9)
    office.privacy.decide(1, is_public=True, by="ANA", key=next(keys))
    convert(office, private=True, at=5)
    assert who_sees_it(office) == {"ANA", "BEN", "CHEN"}
    assert len(changes(office)) == 2


def test_members_from_an_earlier_private_time_do_not_count(office: Office) -> None:
    declared(office)
    convert(office, private=True, at=5)
    office.channels.set_members(1, frozenset({"ANA", "BEN", "CHEN"}), office.clock())
    convert(office, private=False, at=9)
    office.privacy.decide(1, is_public=True, by="ANA", key=next(keys))
    convert(office, private=True, at=12)
    assert who_sees_it(office) == {"ANA", "BEN"}


def test_while_its_channel_is_public_nobody_new_sees_a_private_incident(office: Office) -> None:
    declared(office, private=True)
    convert(office, private=False, at=5)
    office.manager.note_member(CHANNEL, "CHEN", present=True, event_ts=ts(6))
    office.channels.set_members(1, frozenset({"ANA", "BEN", "CHEN"}), office.clock())
    assert who_sees_it(office) == {"ANA"}
    convert(office, private=True, at=9)
    office.channels.set_members(1, frozenset({"ANA", "BEN"}), office.clock())
    assert who_sees_it(office) == {"ANA", "BEN"}
    assert changes(office) == []


def test_only_one_person_in_charge_is_asked(office: Office) -> None:
    incident = declared(office, private=True)
    office.manager.assign_commander(incident.id, "CHEN", by="ANA", key=next(keys))
    convert(office, private=False, at=5)
    convert(office, private=False, at=5)
    assert questions(office) == {f"INC-1/question/{ts(5)}/CHEN"}
    asked = office.claim()[f"INC-1/question/{ts(5)}/CHEN"].effect
    assert asked == AskPublic(1, ts(5), "CHEN")


def test_a_channel_that_is_made_public_twice_is_asked_about_twice(office: Office) -> None:
    declared(office, private=True)
    convert(office, private=False, at=5)
    office.privacy.decide(1, is_public=False, by="ANA", key=next(keys))
    convert(office, private=True, at=7)
    convert(office, private=False, at=9)
    assert len({key for key in questions(office) if key.endswith("/ANA")}) == 2
    office.privacy.decide(1, is_public=True, by="ANA", key=next(keys))
    assert who_sees_it(office) == {"ANA", "BEN", "CHEN"}


@pytest.mark.parametrize("is_public", [True, False])
def test_a_question_stays_open_when_slacks_message_arrives_after_it(office: Office, is_public: bool) -> None:
    declared(office, private=True)
    office.privacy.converted(CHANNEL, is_private=False)
    [key] = questions(office)
    asked = office.perform_until(key).effect
    convert(office, private=False, at=5)
    assert isinstance(asked, AskPublic)
    assert "Make INC-1 public" in str(question_message(now(office), asked.ts))
    office.privacy.decide(1, is_public=is_public, by="ANA", key=next(keys))
    assert "<@ANA> decided." in question_message(now(office), asked.ts).text
    assert len(questions(office)) == 2


@pytest.mark.parametrize("is_public", [True, False])
def test_it_is_decided_once(office: Office, is_public: bool) -> None:
    declared(office, private=True)
    convert(office, private=False, at=5)
    key = next(keys)
    for _ in range(2):
        office.privacy.decide(1, is_public=is_public, by="ANA", key=key)
    with pytest.raises(PrivacyDecided) as told:
        office.privacy.decide(1, is_public=not is_public, by="ANA", key=next(keys))
    assert told.value.values["privacy"] == ("public" if is_public else "private")
    assert changes(office) == [("ANA", "private", "public", "")] * is_public


def test_without_a_question_nothing_is_decided(office: Office) -> None:
    declared(office)
    with pytest.raises(PrivacyMoot):
        office.privacy.decide(1, is_public=True, by="BEN", key=next(keys))
    convert(office, private=True, at=5)
    with pytest.raises(PrivacyMoot):
        office.privacy.decide(1, is_public=True, by="BEN", key=next(keys))
    assert now(office).is_private


def test_outsiders_decide_nothing(office: Office) -> None:
    declared(office, private=True)
    convert(office, private=False, at=5)
    with pytest.raises(UnknownRef):
        office.privacy.decide(1, is_public=True, by="BEN", key=next(keys))
    for nobody in NOBODIES:
        with pytest.raises(NotAllowed):
            office.privacy.decide(1, is_public=True, by=nobody, key=next(keys))
    assert now(office).is_private


def test_only_channels_whose_known_privacy_differs_are_reported(office: Office) -> None:
    declared(office)
    assert office.privacy.differing({CHANNEL: False, "C2": True}) == []
    [(incident, is_private)] = office.privacy.differing({CHANNEL: True})
    assert (incident.id, is_private) == (1, True)
    convert(office, private=True, at=5)
    assert office.privacy.differing({CHANNEL: True}) == []
    assert office.privacy.differing({CHANNEL: False}) != []
    convert(office, private=False, at=9)
    assert office.privacy.differing({CHANNEL: False}) == []
    office.privacy.decide(1, is_public=True, by="ANA", key=next(keys))
    assert office.privacy.differing({CHANNEL: False}) == []
    assert office.privacy.differing({CHANNEL: True}) != []
