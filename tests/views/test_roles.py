"""Roles on screen: Slack takes them, each has the button that fits, and the form comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.roles import BUILT_IN, MAX_ADDED, SCRIBE, Roles, key_of
from bot.domain.incidents.timeline import EntryKind
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.errors import OutdatedButton
from bot.domain.kit.people import ERASED
from bot.domain.kit.text import storable
from bot.domain.settings import Role
from bot.domain.surface.forms import HandOverRoleInput
from bot.domain.surface.shown import HandOverRoleShown, RolesShown
from bot.views.answers import tray
from bot.views.home import home
from bot.views.incidents.card import announcement, card
from bot.views.incidents.roles import hand_over_role_form, parse_hand_over_role, roles_tray, told_holder
from tests.support.examples import NAMES, any_text, entry, incident
from tests.views.screens import action_ids, check, check_form, shown, submitted, texts

names = any_text.map(storable).map(lambda text: text[:40]).filter(str.strip)
added = st.lists(st.builds(Role, names, any_text.map(storable)), max_size=MAX_ADDED).map(tuple)
people = st.sampled_from(["U0ANA", "U0BEN", ERASED])


@given(added, st.data())
def test_slack_takes_every_role_and_nothing_in_it_pings(more: tuple[Role, ...], data: st.DataObject) -> None:
    table = (*BUILT_IN, *more)
    holders = data.draw(st.dictionaries(st.sampled_from([key_of(each.name) for each in table]), people))
    roles = Roles(table, holders)
    check(roles_tray(RolesShown(incident(), roles, "U0ANA")))
    check(card(incident(), supporting=roles.supporting))
    for view in (announcement, tray):
        check(view(incident(), roles.supporting))
    for role in table:
        check(told_holder(incident(), role, "U0ANA", "U0BEN"))
        check_form(hand_over_role_form(HandOverRoleShown(incident(), role, roles.holder(role))))


def test_the_card_the_announcement_and_the_tray_name_every_holder() -> None:
    supporting = ((SCRIBE, "U0BEN"), (Role("R&D", "Asks"), "U0CHEN"))
    led = incident(commander_id="U0ANA")
    for message in (card(led, supporting=supporting), announcement(led, supporting), tray(led, supporting)):
        for wanted in ("<@U0ANA>", "Scribe", "<@U0BEN>", "R&D", "<@U0CHEN>"):
            assert wanted in shown(message)


def test_each_role_has_the_button_that_fits() -> None:
    roles = Roles(holders={"commander": "U0ANA", "scribe": "U0BEN"})
    [_, *blocks] = roles_tray(RolesShown(incident(), roles, "U0BEN")).blocks
    buttons = [(each["accessory"]["action_id"], each["accessory"]["value"]) for each in blocks[:-1]]
    assert buttons == [
        ("hand_over_role", "12/commander"),
        ("take_role", "12/communications"),
        ("give_up_role", "12/scribe"),
    ]


@pytest.mark.parametrize("role", [*BUILT_IN, Role("Liaison", "Talks to support")])
def test_a_holder_reads_who_gave_it_what_it_is_for_and_has_its_buttons(role: Role) -> None:
    given_it, took_it = (told_holder(incident(), role, "U0BEN", by) for by in ("U0ANA", "U0BEN"))
    assert "<@U0ANA> gave you the role" in shown(given_it)
    assert "You took the role" in shown(took_it)
    assert role.duty in shown(given_it)
    buttons = action_ids(given_it.blocks)
    assert buttons[-2:] == ["hand_over_role", "give_up_role"]
    assert len(buttons) > 2


def test_a_role_without_a_duty_is_shown_without_one() -> None:
    lost = Role("Gone", "")
    assert len(told_holder(incident(), lost, "U0BEN", None).blocks) == 3
    check(roles_tray(RolesShown(incident(), Roles((lost,), {"gone": "U0BEN"}), "U0ANA")))


@pytest.mark.parametrize(("viewer", "buttons"), [("U0ANA", []), ("U0BEN", ["give_up_role"])])
def test_a_role_that_the_settings_have_lost_can_only_be_given_up(viewer: str, buttons: list[str]) -> None:
    lost = Roles((Role("Gone", ""),), {"gone": "U0BEN"})
    assert action_ids(roles_tray(RolesShown(incident(), lost, viewer)).blocks) == buttons


@pytest.mark.parametrize(("holder", "said"), [("U0BEN", "<@U0BEN> has it now"), (None, "Nobody has it now")])
def test_the_form_comes_back_with_what_it_showed(holder: str | None, said: str) -> None:
    view = hand_over_role_form(HandOverRoleShown(incident(), SCRIBE, holder))
    assert said in "".join(texts(view["blocks"], "mrkdwn"))
    filled = submitted(view, {})
    filled["state"]["values"]["assigned_to"]["assigned_to"]["selected_user"] = "U0CHEN"
    assert parse_hand_over_role(filled) == HandOverRoleInput(12, "scribe", "U0CHEN", holder)
    del filled["state"]["values"]["assigned_to"]
    with pytest.raises(OutdatedButton):
        parse_hand_over_role(filled)


def test_the_home_says_which_roles_the_reader_has() -> None:
    view = home([incident(), incident(id=13)], roles={12: ["Scribe", "R&D"], 13: ["Commander"]})
    told = "\n".join(texts(view["blocks"], "mrkdwn"))
    assert "Your roles: Scribe, R&amp;D" in told
    assert "Your role: Commander" in told


@pytest.mark.parametrize(
    ("by", "after", "said"),
    [
        ("U0BEN", "U0BEN", "Ben Baker took the role Scribe"),
        ("U0BEN", "U0ANA", "Ben Baker gave the role Scribe to Ana Alvarez"),
        ("U0BEN", None, "Ben Baker gave up the role Scribe"),
    ],
)
def test_documents_say_what_became_of_a_role(by: str, after: str | None, said: str) -> None:
    changed = entry(EntryKind.ROLE, by=by, from_value="U0BEN", to_value=after, text="Scribe")
    assert entry_words(changed, NAMES) == said
    told = entry_words(entry(EntryKind.COMMANDER, by=by, to_value=after), NAMES)
    assert told == said.replace("the role Scribe", "command")
