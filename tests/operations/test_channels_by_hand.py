"""What people do to a channel by hand is repaired once, however often Slack reports it."""

from __future__ import annotations

import pytest

from bot.domain.outbox.retry import Failure, FailureKind
from bot.operations.incidents.channels import Channels
from tests.support.office import Office

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
