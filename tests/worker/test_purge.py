"""Purging goes through the tables a part at a time, and then leaves them alone for an hour."""

from __future__ import annotations

import pytest

from bot.domain.kit.errors import NotSaved
from bot.operations.retention import Position
from bot.worker.purge import BATCHES, PAUSE, Purge


class Retention:
    """Tables of that many batches, which fail at some."""

    def __init__(self, batches: int, failing: int = 0) -> None:
        self.batches, self.failing, self.asked = batches, failing, list[int]()

    def purge(self, at: Position) -> Position | None:
        [number] = at.after or (0,)
        self.asked.append(number)
        if len(self.asked) == self.failing:
            raise NotSaved
        return Position(0, (number + 1,)) if number + 1 < self.batches else None


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time; nobody waits."""
    found = [100.0]
    monkeypatch.setattr("bot.worker.purge.monotonic", lambda: found[0])
    monkeypatch.setattr("bot.worker.purge.sleep", lambda _seconds: None)
    return found


def test_it_resumes_where_it_was_and_starts_over_after_an_hour(seconds: list[float]) -> None:
    number = 2 * BATCHES + 1
    retention = Retention(number)
    purge = Purge(retention)  # type: ignore[arg-type]
    for _ in range(4):
        purge()
    assert retention.asked == list(range(number))
    seconds[0] += PAUSE
    purge()
    assert retention.asked[number:] == list(range(BATCHES))


def test_a_batch_that_was_not_saved_is_repeated(seconds: list[float]) -> None:
    retention = Retention(3, failing=2)
    purge = Purge(retention)  # type: ignore[arg-type]
    with pytest.raises(NotSaved):
        purge()
    purge()
    assert retention.asked == [0, 1, 1, 2]
