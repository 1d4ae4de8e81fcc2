"""What is counted while the bot runs. Without a port nobody asks, and nothing is kept."""

from __future__ import annotations


class Meter:
    """Takes note of what happens; this one forgets it, :class:`bot.intake.http.metrics.Metrics` counts."""

    def answered(self, kind: str, status: int, seconds: float) -> None:
        """A request of Slack's got its answer."""

    def performed(self, effect: str, outcome: str) -> None:
        """An effect was attempted, and what came of it: done, failed, not yet, or given up."""

    def reconnected(self) -> None:
        """A new session took the place of another."""
