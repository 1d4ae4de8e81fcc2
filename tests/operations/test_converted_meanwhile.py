"""What is still on its way when a channel becomes private stays inside."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.domain.outbox.effects import InvitePeople
from bot.effects.channels import ChannelPerformers
from bot.operations.incidents.channels import Channels
from tests.support.office import Office, keys

BECAME_PRIVATE = "1900000000.000100"


class Server:
    """Notes every person that it is asked to invite."""

    def __init__(self) -> None:
        self.invited: list[str] = []

    def call(self, method: str, *, users: list[str], **_: Any) -> dict[str, Any]:
        assert method == "conversations.invite"
        self.invited += users
        return {}


def invited(office: Office) -> list[str]:
    """Whom the invitations that wait bring in."""
    server = Server()
    performers = ChannelPerformers(cast("Any", server), office.performer_reads, office.startup, lambda: "BOT")
    while held := office.claim():
        for row in held.values():
            if isinstance(row.effect, InvitePeople):
                office.outbox.finish(row, performers.invite(row.effect, row))
            else:
                office.outbox.finish(row, office.outcome_of(row))
    return server.invited


def convert(office: Office, *present: str) -> None:
    """Make the channel private, with these people in it."""
    office.privacy.converted("C1", is_private=True, by="ANA", ts=BECAME_PRIVATE)
    Channels(office.database, office.clock).set_members(1, frozenset(present), office.clock())


@pytest.fixture(autouse=True)
def declared(office: Office) -> None:
    office.declare()
    office.perform_all()


def test_whoever_asked_to_join_a_public_channel_is_not_invited_once_it_is_private(office: Office) -> None:
    office.manager.join(1, by="BEN", key=next(keys))
    convert(office, "ANA")
    assert invited(office) == []


def test_whoever_has_a_role_is_invited_all_the_same(office: Office) -> None:
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    office.roles.take(1, "scribe", by="CHEN", key=next(keys))
    convert(office, "ANA")
    assert invited(office) == ["BEN", "CHEN"]


def test_members_bring_in_whom_they_name(office: Office) -> None:
    convert(office, "ANA")
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    office.manager.assign_commander(1, "CHEN", by="ANA", key=next(keys))
    assert invited(office) == ["BEN", "CHEN"]
