"""Plain text shows the names that are stored, and no private channel's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.kit.groups import UserGroup
from bot.domain.kit.references import Kind
from bot.operations.groups import UserGroups
from bot.operations.names import KnownNames
from bot.operations.privacy.manage import ChannelPrivacy
from tests.support.office import Office

TEXT = "ask <!subteam^S1> in <#C9>"


@pytest.fixture
def names(office: Office) -> KnownNames:
    known = KnownNames(office.database, office.clock)
    known.save(Kind.CHANNEL, {"C9": "random"})
    UserGroups(office.database, office.clock).save([UserGroup("S1", "oncall", "On call")])
    return known


def test_a_text_has_the_names_that_are_stored(names: KnownNames) -> None:
    assert names.plain(TEXT) == "ask @oncall in #random"


def test_a_newer_name_replaces_an_older_one_and_never_the_other_way_round(names: KnownNames) -> None:
    now = names.clock()
    names.save(Kind.CHANNEL, {"C9": "lounge"}, now + timedelta(seconds=2))
    names.save(Kind.CHANNEL, {"C9": "random"}, now + timedelta(seconds=1))
    assert names.plain(TEXT) == "ask @oncall in #lounge"


def test_a_channel_that_becomes_private_loses_its_name(office: Office, names: KnownNames) -> None:
    ChannelPrivacy(office.database, office.clock).converted("C9", is_private=True)
    assert names.plain("<#C9|random>") == "a private channel"


def test_a_private_incidents_channel_has_no_name(office: Office, names: KnownNames) -> None:
    incident = office.declare(is_private=True)
    office.perform_all()
    assert names.plain(f"<#C{incident.id}|inc-1-secret>") == "a private channel"


def test_what_a_complete_list_lacks_is_forgotten(names: KnownNames) -> None:
    names.forget_before(Kind.CHANNEL, names.clock() + timedelta(seconds=1))
    assert names.plain(TEXT) == "ask @oncall in a private channel"
