"""The message with the button that somebody clicked: where an answer to the click is shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Original:
    """A message that another one can replace, and where it is, in case it can't be replaced."""

    response_url: str
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
    channel_id: str
    """Empty if that isn't known: the answer is a direct message then."""
    thread_ts: str | None = None
