"""What people do to a channel by hand is repaired once, however often Slack reports it."""

from __future__ import annotations

import pytest

from bot.domain.action_items.model import NewActionItem
from bot.domain.incidents.timeline import EntryKind, PostedMessage
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.postmortems.model import NewPostmortem
from bot.effects.channels import channel_of
from bot.effects.failures import Moot
from bot.operations.incidents.channels import Channels
from bot.operations.incidents.vacancies import VacancyReads
from tests.support.everything import content
from tests.support.office import Office, keys

CARD_TS = "1700000001.000100"


@pytest.fixture
def channels(office: Office) -> Channels:
    return Channels(office.database, office.clock)


@pytest.fixture(autouse=True)
def declared(office: Office) -> None:
    """An incident that has its channel and card."""
    office.declare()
    office.perform_all()


def waiting(office: Office) -> set[str]:
    return {key for key, state in office.rows().items() if state == "waiting"}


def test_a_deleted_card_is_shown_again_once(office: Office, channels: Channels) -> None:
    for _ in range(2):
        channels.own_message_deleted("C1", CARD_TS)
    assert waiting(office) == {f"INC-1/card/lost/{CARD_TS}"}
    office.perform_all()
    channels.own_message_deleted("C1", CARD_TS)
    assert waiting(office) == set()


@pytest.mark.parametrize(
    ("channel", "ts"), [("C1", "1.000100"), ("C2", CARD_TS), ("C0ALL", "1700000002.000100")]
)
def test_the_bots_other_messages_may_be_deleted(
    office: Office, channels: Channels, channel: str, ts: str
) -> None:
    channels.own_message_deleted(channel, ts)
    assert waiting(office) == set()


def test_an_unarchived_channel_gets_what_was_given_up(office: Office, channels: Channels) -> None:
    incident = office.performer_reads.incident(1)
    assert incident
    office.step(incident, "investigating")
    held = office.claim()
    office.outbox.fail(held["INC-1/topic/2"], Failure(FailureKind.FINAL, "is_archived"))
    office.perform_all()
    assert office.rows()["INC-1/topic/2"] == "dead"
    channels.is_back("C1", "Ev1")
    assert {"INC-1/topic/2", "INC-1/history/Ev1", "INC-1/failures/Ev1"} <= waiting(office)
    office.perform_all()
    channels.is_back("C1", "Ev1")
    channels.is_back("C0GENERAL", "Ev2")
    assert waiting(office) == set()


def test_a_lost_channel_matters_while_the_incident_is_active(office: Office, channels: Channels) -> None:
    channels.is_lost("C1", "Ev1")
    channels.is_lost("C0GENERAL", "Ev2")
    assert waiting(office) == {"INC-1/history/Ev1"}
    incident = office.performer_reads.incident(1)
    assert incident
    office.step(office.step(incident, "resolved"), "closed")
    office.perform_all()
    channels.is_lost("C1", "Ev3")
    assert waiting(office) == set()


def everything_stored(office: Office) -> str:
    """All rows of all tables, as text."""
    return str(office.database.read(content))


@pytest.mark.parametrize("is_private", [True, False])
def test_a_channel_that_is_being_shared_is_followed_everywhere_and_warned_once(
    office: Office, is_private: bool
) -> None:
    made = office.declare(is_private=is_private)
    office.perform_all()
    channel = f"C{made.id}"
    heard = PostedMessage(channel, "1700000009.000100", "ANA", None, "Look", ())
    office.recorder.record_message(heard)
    office.items.create_from_message(made.id, heard, by="ANA")
    office.perform_all()
    assert f"'{channel}'" in everything_stored(office)
    for _ in range(2):
        office.channels.has_new_id(channel, "C0NEW", "Ev1")
        office.channels.is_shared("C0NEW")
    told = [each for each in waiting(office) if "/notice/" in each]
    assert told == [f"{made.ref}/notice/shared"]
    assert f"{made.ref}/history/Ev1" in waiting(office)
    assert (f"{made.ref}/announcement/Ev1" in waiting(office)) is not is_private
    found = office.manager.in_channel("C0NEW", viewer=SYSTEM)
    assert found and found.id == made.id
    assert f"'{channel}'" not in everything_stored(office)
    office.perform_all()
    assert [entry.channel_id for entry in office.entries(made, EntryKind.MESSAGE)] == ["C0NEW"]


def test_a_new_id_reaches_links_and_rows_that_wait(office: Office) -> None:
    source = {"channel_id": "C0ALERTS", "permalink": "https://acme.slack.com/archives/C0ALERTS/p1"}
    made = office.declare(metadata={"source": {**source, "ts": "1.000100", "thread_ts": None}})
    office.channels.has_new_id("C0ALERTS", "C0NEW", "Ev1")
    found = office.performer_reads.incident(made.id)
    assert found and found.metadata["source"]["permalink"].endswith("/C0NEW/p1")
    assert found.metadata["source"]["channel_id"] == "C0NEW"


def test_an_incident_goes_on_without_its_channel(office: Office) -> None:
    for _ in range(2):
        office.channels.is_deleted("C1", "Ev1")
    assert [each for each in waiting(office) if "/notice/" in each] == ["INC-1/notice/deleted/Ev1"]
    found = office.performer_reads.incident(1)
    assert found and found.channel_id is None
    office.perform_all()
    assert office.step(found, "resolved").resolved_at
    with pytest.raises(Moot):
        channel_of(found)


def test_a_channel_that_is_not_found_is_looked_for(office: Office) -> None:
    incident = office.performer_reads.incident(1)
    assert incident
    office.step(incident, "investigating")
    held = office.claim()
    office.outbox.fail(held["INC-1/topic/2"], Failure(FailureKind.FINAL, "channel_not_found"))
    [looks] = [each for each in waiting(office) if each.startswith("INC-1/lookup/")]
    for row in held.values():
        if row.key != "INC-1/topic/2":
            office.outbox.finish(row, office.outcome_of(row))
    again = office.perform_until(looks)
    office.outbox.fail(again, Failure(FailureKind.FINAL, "channel_not_found"))
    assert not [each for each in waiting(office) if each.startswith("INC-1/lookup/")]


@pytest.mark.parametrize("what", ["deleted", "is_restricted"])
def test_when_somebody_can_no_longer_act_others_are_asked_to_take_over_once(
    office: Office, what: str
) -> None:
    ben = {"id": "BEN", "name": "ben", "updated": 100, "team_id": "T1"}
    led = office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    written, asked, done = (office.declare(by="ANA") for _ in range(3))
    new = NewPostmortem(owner_id="BEN")
    office.postmortems.create_postmortem(written.id, new, by="ANA", key=next(keys))
    session = office.whys.conduct_five_whys(asked.id, "BEN", by="ANA", key=next(keys))
    item = office.items.create_action_item(
        NewActionItem(asked.id, "Raise the limit", assigned_to="BEN"), by="ANA", key=next(keys)
    )
    office.manager.assign_commander(done.id, "BEN", by="ANA", key=next(keys))
    office.step(done, "resolved")
    office.perform_all()
    for _ in range(2):
        office.people.save([{**ben, what: True, "updated": 200}])
    told = {key.rpartition("/")[0] for key in waiting(office) if "/notice/" in key}
    numbers = (led.id, written.id, asked.id)
    assert told == {f"INC-{number}/notice/vacant/BEN" for number in numbers}
    reads = VacancyReads(office.database, office.clock)
    assert [bool(reads.of(each, "BEN")) for each in (*numbers, done.id)] == [True, True, True, False]
    left = reads.of(asked.id, "BEN")
    assert left and (left.sessions, left.items) == (
        ((session.id, session.ref),),
        ((item.id, item.ref, item.title),),
    )
    taken = office.manager.assign_commander(1, "CHEN", by="CHEN", key=next(keys), only_if_free=True)
    assert taken.commander_id == "CHEN"
    assert reads.of(1, "BEN") is None


def test_failures_are_not_reported_to_a_commander_who_has_left(office: Office) -> None:
    led = office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    assert office.performer_reads.whom_to_tell(led) == ["BEN", "ANA"]
    office.people.save([{"id": "BEN", "name": "ben", "updated": 200, "team_id": "T1", "deleted": True}])
    assert office.performer_reads.whom_to_tell(led) == ["ANA"]
