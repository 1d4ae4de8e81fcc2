"""Text as the sandbox draws it, which decides like Slack what is formatted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo

from sandbox.page.mrkdwn import render


@dataclass(frozen=True)
class Stranger:
    """Somebody who knows nobody and may see no channel."""

    zone: tzinfo = UTC
    now: float = 0.0

    def is_me(self, _person: str) -> bool:
        return False

    def person_name(self, _person: str) -> str | None:
        return None

    def person_handle(self, _person: str) -> str | None:
        return None

    def group_handle(self, _group: str) -> str | None:
        return None

    def channel_link(self, _channel: str) -> tuple[str, str] | None:
        return None

    def permalink(self, _address: str) -> str | None:
        return None


def drawn(text: str) -> str:
    """The HTML of a text in Slack's markup."""
    return str(render(text, Stranger()))
