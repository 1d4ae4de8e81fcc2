"""Which conversations only some people can read, as far as a request from Slack says."""

from __future__ import annotations

import pytest

from bot.domain.incidents.sources import is_private_place


@pytest.mark.parametrize(
    ("channel_id", "name", "is_private"),
    [
        ("C1", "random", False),
        ("C1", "privategroup", True),
        ("G1", "privategroup", True),
        ("G1", "an-old-private-channel", True),
        ("D1", "directmessage", True),
        ("D1", "", True),
        ("C1", "mpdm-ana--ben--chen-1", True),
        ("C1", "", False),
    ],
)
def test_a_conversation_is_private_if_its_name_or_its_id_says_so(
    channel_id: str, name: str, is_private: bool
) -> None:
    assert is_private_place(channel_id, name) is is_private
