"""Messages and questions to those in charge of an incident when its channel becomes private or public."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.incidents.model import Conversion, Incident
from bot.domain.privacy.model import DigestSent, Kept
from bot.views.kit.message import Message
from bot.views.privacy import question_message, traces_message
from tests.support.examples import HOSTILE, NOW, incident
from tests.support.people import buttons, shown
from tests.views.screens import check

LINK = "https://acme.slack.com/archives/C0ALL/p1700000000000100"


def text(message: Message) -> str:
    """All of its texts."""
    return shown(message.arguments())


def exposed(**values: object) -> Incident:
    """A private incident whose channel is public, and ana was asked about it."""
    hidden = replace(incident(), is_private=True)
    known = Conversion(is_private=False, ts="5.0", by="U0BEN", asked="U0ANA", question="5.0")
    return replace(hidden, conversion=replace(known, **values))  # type: ignore[arg-type]


def test_each_place_is_named_with_its_link_or_its_person() -> None:
    sent = DigestSent("C0ALL", "1700000000.000100", NOW, LINK)
    own = replace(sent, user_id="U0BEN", channel_id="D0BEN")
    message = traces_message(incident(), Kept((sent, own), ("U0CHEN",), "https://acme.slack.com/?a&b"))
    check(message)
    told = text(message)
    assert f"<{LINK}|the weekly digest>" in told
    assert "<@U0BEN>'s digest" in told
    assert "sent to <@U0CHEN>" in told
    assert "<https://acme.slack.com/?a&amp;b|" in told


def test_an_empty_list_says_so_and_what_does_not_fit_is_counted() -> None:
    check(traces_message(incident(), Kept()))
    assert "nothing else" in text(traces_message(incident(), Kept()))
    many = tuple(DigestSent("C0ALL", f"{n}.0", NOW, LINK) for n in range(200))
    message = traces_message(incident(), Kept(many))
    check(message)
    assert "… and 170 more" in text(message)


@pytest.mark.parametrize("title", HOSTILE)
def test_neither_message_shows_the_title(title: str) -> None:
    named = replace(exposed(), title=title)
    for message in (question_message(named, "5.0"), traces_message(named, Kept())):
        check(message)
        assert len(title) < 4 or title not in text(message)


def test_the_question_has_buttons_until_it_is_decided_or_moot() -> None:
    asked = question_message(exposed(), "5.0")
    assert set(buttons(asked.arguments()).values()) == {"make_public", "keep_private"}
    kept = question_message(exposed(answered_by="U0ANA"), "5.0")
    opened = question_message(replace(exposed(answered_by="U0ANA"), is_private=False), "5.0")
    moot = question_message(exposed(is_private=True), "5.0")
    older = question_message(exposed(question="9.0"), "5.0")
    for message in (asked, kept, opened, moot, older):
        check(message)
    assert [buttons(each.arguments()) for each in (kept, opened, moot, older)] == [{}] * 4
    assert "stays private: <@U0ANA> decided." in text(kept)
    assert "is now public: <@U0ANA> decided." in text(opened)
    assert "nothing to decide" in text(moot)
