"""Updates on screen: Slack takes them whatever is typed, and each part of them is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.incidents.model import Incident, IncidentStatus
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.text import cut, storable
from bot.domain.surface.forms import CorrectionInput, UpdateInput
from bot.domain.surface.shown import SubscriptionShown, UpdateFormShown
from bot.domain.updates.model import KNOWN_LIMIT, MORE_LIMIT, NudgeState, Update
from bot.views.incidents.card import card
from bot.views.incidents.changes import change_line
from bot.views.kit.message import Message
from bot.views.updates.forms import (
    correction_form,
    parse_correction,
    parse_update,
    update_form,
    update_form_again,
)
from bot.views.updates.messages import nudge, posted, shared, subscription, told, told_status
from tests.support.examples import NOW, any_text, entry, incident, update
from tests.views.screens import action_ids, check, check_form, shown, submitted

VIEWS: tuple[Callable[[Incident, Update], Message], ...] = (posted, shared, told, card)
LONG = st.sampled_from(["&" * KNOWN_LIMIT, "*" * KNOWN_LIMIT, "🔥" * (KNOWN_LIMIT // 2)])
typed = (LONG | any_text.map(storable)).filter(bool)
updates = st.builds(
    update,
    known=typed.map(lambda text: cut(text, KNOWN_LIMIT)),
    doing=st.just("") | typed.map(lambda text: cut(text, MORE_LIMIT)),
    next=st.just("") | typed.map(lambda text: cut(text, MORE_LIMIT)),
    due_at=st.none() | st.just(NOW),
    is_unchanged=st.booleans(),
    corrected_at=st.none() | st.just(NOW),
    corrected_by=st.sampled_from(["U0ANA", "U0BEN"]),
)
few = settings(max_examples=25)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
@few
@given(updates)
def test_slack_accepts_every_update_and_nothing_in_it_pings_or_links(
    view: Callable[[Incident, Update], Message], example: Update
) -> None:
    check(view(incident(), example))


@pytest.mark.parametrize("view", [posted, shared, told], ids=lambda view: view.__name__)
def test_an_update_says_who_what_and_when_the_next_one_is_due(
    view: Callable[[Incident, Update], Message],
) -> None:
    text = shown(view(incident(), update()))
    for part in ("<@U0BEN>", "pdate 2", "A third of all payments", "Rolling back", "We look at the pool"):
        assert part in text
    assert f"Next update: <!date^{int((NOW + timedelta(minutes=30)).timestamp())}" in text


def test_a_promise_ends_with_the_incident() -> None:
    assert "Next update" not in shown(posted(incident(status=IncidentStatus.RESOLVED), update()))


def test_a_correction_by_somebody_else_says_so() -> None:
    own = shown(posted(incident(), update(corrected_at=NOW, corrected_by="U0BEN")))
    assert "Corrected" in own and own.count("<@U0BEN>") == 1
    other = shown(posted(incident(), update(corrected_at=NOW, corrected_by="U0ANA")))
    assert "by <@U0ANA>" in other


def test_only_the_channels_copy_can_be_corrected_and_only_a_subscribers_unsubscribed() -> None:
    assert action_ids(list(posted(incident(), update()).blocks)) == ["correct_update"]
    assert action_ids(list(shared(incident(), update()).blocks)) == []
    assert action_ids(list(told(incident(), update()).blocks)) == ["unsubscribe_incident"]
    unchanged = update(known="", is_unchanged=True)
    assert action_ids(list(posted(incident(), unchanged).blocks)) == []
    assert "No change" in shown(told(incident(), unchanged))


def test_a_subscriber_reads_what_the_status_is_now() -> None:
    changed = entry(EntryKind.STATUS, from_value="open", to_value="resolved", text="Rolled back")
    message = told_status(incident(status=IncidentStatus.RESOLVED), changed)
    check(message)
    assert "*Resolved*: Rolled back" in shown(message)
    assert action_ids(list(message.blocks)) == ["unsubscribe_incident"]


@pytest.mark.parametrize("state", NudgeState)
def test_a_nudge_has_buttons_only_while_it_is_open(state: NudgeState) -> None:
    message = nudge(incident(), update(nudge_at=NOW), update(number=3), "U0ANA", state)
    check(message)
    buttons = ["write_update", "no_change_update", "snooze_update"] if state is NudgeState.OPEN else []
    assert action_ids(list(message.blocks)) == buttons
    assert ("<@U0ANA>" in shown(message)) is (state is NudgeState.OPEN)


def test_a_nudge_for_nobody_mentions_nobody() -> None:
    assert "<@" not in shown(nudge(incident(), update(), update(), None, NudgeState.OPEN))


def test_the_card_shows_the_latest_update_in_one_line() -> None:
    text = shown(card(incident(), update(known="First line\nsecond line")))
    assert "*Latest update*, <!date" in text
    assert "First line second line Now: Rolling back" in text
    assert "Latest update" not in shown(card(incident()))


def test_the_timeline_names_the_update_and_its_author() -> None:
    sent = entry(EntryKind.UPDATE, to_value="2", text="It is slow")
    assert change_line(sent) == "📣 <@U0BEN> sent update 2: It is slow"


def test_whoever_is_subscribed_is_offered_the_opposite() -> None:
    for is_subscribed, action in ((True, "unsubscribe_incident"), (False, "subscribe_incident")):
        message = subscription(SubscriptionShown(incident(), is_subscribed))
        check(message)
        assert action_ids(list(message.blocks)) == [action]


@pytest.mark.parametrize("minutes", [0, 15, 60, 240])
def test_an_untouched_form_takes_the_severitys_time(minutes: int) -> None:
    view = update_form(UpdateFormShown(incident(), None, minutes))
    check_form(view)
    found = parse_update(submitted(view, {"known": "Slow"}))
    assert found == UpdateInput(12, "Slow", "", "", minutes, 0)


def test_a_resolved_incidents_form_asks_for_no_time() -> None:
    view = update_form(UpdateFormShown(incident(status=IncidentStatus.RESOLVED), update(), 30))
    assert parse_update(submitted(view, {"known": "Still fine"})).minutes is None


@few
@given(updates)
def test_forms_show_the_update_before_and_keep_what_was_typed(example: Update) -> None:
    view = update_form(UpdateFormShown(incident(), example, 30))
    check_form(view)
    again = update_form_again(submitted(view, {"known": "Mine", "due": "15"}), update(number=9))
    check_form(again)
    found = parse_update(submitted(again, {}))
    assert (found.known, found.minutes, found.seen) == ("Mine", 15, 9)
    correcting = correction_form(incident(), example)
    check_form(correcting)


def test_a_correction_starts_with_what_the_update_says() -> None:
    view = correction_form(incident(), update(corrected_at=NOW))
    found = parse_correction(submitted(view, {"doing": None}))
    known, coming = update().known, update().next
    assert found == CorrectionInput(12, 2, known, "", coming, NOW.isoformat())
