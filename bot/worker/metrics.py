"""Takes what the bot reports for its metrics; without a port nobody could read them, so none are kept."""

from __future__ import annotations


class Meter:
    """Ignores what it is notified of; :class:`bot.intake.http.metrics.Metrics` counts it."""

    def answered(self, kind: str, status: int, seconds: float) -> None:
        """A request from Slack was answered."""

    def performed(self, effect: str, outcome: str) -> None:
        """An effect was attempted; the outcome is done, failed, not yet, or given up."""

    def reconnected(self) -> None:
        """A new Socket Mode session replaced an earlier one."""
