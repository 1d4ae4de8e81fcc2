"""A call is a link that is safe to click, whoever typed it."""

from __future__ import annotations

import pytest

from bot.domain.incidents.calls import call_of, is_none, read_call
from bot.domain.kit.errors import CallUnusable
from bot.domain.kit.links import LIMIT
from bot.views.kit.errors import sentence

HOST = "https://meet.example.com/"
USABLE = {
    "https://meet.example.com/room": "https://meet.example.com/room",
    "  https://zoom.example/j/1?pwd=a&amp;b=c ": "https://zoom.example/j/1?pwd=a&b=c",
    "<https://meet.example.com/room>": "https://meet.example.com/room",
    "<https://meet.example.com/room|meet.example.com/room>": "https://meet.example.com/room",
    "HTTPS://meet.example.com:8443/{ref}": "https://meet.example.com:8443/{ref}",
    HOST + "x" * (LIMIT - len(HOST)): HOST + "x" * (LIMIT - len(HOST)),
}
UNUSABLE = {
    "http://meet.example.com": "doesn't begin with",
    "javascript:alert(1)": "doesn't begin with",
    "<javascript:alert(1)|https://meet.example.com>": "doesn't begin with",
    "data:text/html,x": "doesn't begin with",
    "meet.example.com/room": "doesn't begin with",
    "": "doesn't begin with",
    "https://": "names no server",
    "https:///room": "names no server",
    "https://:443/room": "names no server",
    "https://[::1/room": "names no server",
    "https://meet.example.com:99999/": "names no server",
    "https://meet.example.com/a room": "a space",
    "https://meet.example.com/&lt;!channel&gt;": "a character that no link",
    "https://meet.example.com/a|b": "a character that no link",
    "https://meet.example.com/\x00": "a character that no link",
    HOST + "x" * LIMIT: "longer than 2,000 characters",
    HOST + "&" * (LIMIT // 4): "longer than 2,000 characters",
}


@pytest.mark.parametrize("typed", USABLE)
def test_a_link_is_read_however_slack_sends_it(typed: str) -> None:
    assert read_call(typed) == USABLE[typed]


@pytest.mark.parametrize("typed", UNUSABLE)
def test_anything_else_is_refused_with_the_reason(typed: str) -> None:
    with pytest.raises(CallUnusable) as refused:
        read_call(typed)
    said = sentence(refused.value)
    assert UNUSABLE[typed] in said
    assert "https://meet.example.com/room" in said


def test_the_ref_is_filled_in() -> None:
    assert call_of("https://meet.example.com/acme-{ref}", "INC-12") == "https://meet.example.com/acme-INC-12"
    assert call_of("https://meet.example.com/always", "INC-12") == "https://meet.example.com/always"
    assert call_of(None, "INC-12") is None


@pytest.mark.parametrize("typed", ["none", " Remove ", "off", "STOP", "no", "delete", "clear", "end"])
def test_a_call_is_removed_in_the_words_that_people_try(typed: str) -> None:
    assert is_none(typed)


@pytest.mark.parametrize("typed", ["", "https://none.example.com", "none of these", "<https://off>"])
def test_other_words_remove_nothing(typed: str) -> None:
    assert not is_none(typed)
