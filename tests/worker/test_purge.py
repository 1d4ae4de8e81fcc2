"""Purging goes through the outbox a part at a time, and then leaves it alone for an hour."""

from __future__ import annotations

import pytest

from bot.worker.purge import PAUSE, Purge


class Outbox:
    """An outbox of that many batches."""

    def __init__(self, batches: int) -> None:
        self.batches, self.asked = batches, list[int]()

    def purge(self, after_id: int) -> int | None:
        self.asked.append(after_id)
        return after_id + 1 if after_id + 1 < self.batches else None


def test_it_resumes_where_it_was_and_starts_over_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr("bot.worker.purge.monotonic", lambda: seconds[0])
    outbox = Outbox(25)
    purge = Purge(outbox)  # type: ignore[arg-type]
    for _ in range(4):
        purge()
    assert outbox.asked == list(range(25))
    seconds[0] += PAUSE
    purge()
    assert outbox.asked[25:] == list(range(10))
