"""Which effects are performed together: a backlog of one kind must not keep people waiting for another."""

from __future__ import annotations

from enum import Enum


class Queue(Enum):
    """A part of the outbox with its own performers."""

    PEOPLE = "people"
    """Effects of what somebody has just done and is waiting to see."""
    ANSWERS = "answers"
    """Answers to one person: many declarations at once must not hold them up."""
    CALENDAR = "calendar"
    """Calls to a calendar, which may be slow or down while Slack is not."""
    BACKGROUND = "background"
    """Effects that pile up, and for which nobody is waiting."""
    HISTORY = "history"
    """Catching up: one channel at a time, since it reads and writes most."""
