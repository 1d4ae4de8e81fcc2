"""The queues that separate effects, so that a backlog in one doesn't keep people waiting in another."""

from __future__ import annotations

from enum import Enum


class Queue(Enum):
    """A part of the outbox with its own performers."""

    PEOPLE = "people"
    """What somebody has just caused and is waiting to see."""
    ANSWERS = "answers"
    """Answers to one person, which many declarations at once must not delay."""
    CALENDAR = "calendar"
    """Calls to a calendar, which may be slow or down while Slack is fine."""
    BACKGROUND = "background"
    """Work that piles up and that nobody is waiting for."""
    HISTORY = "history"
    """Catching up: one channel at a time, because it reads and writes the most."""
