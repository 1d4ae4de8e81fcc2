"""Rows whose channel's turn hasn't come wait in line, and aren't performed before it comes."""

from __future__ import annotations

import pytest

from bot.domain.outbox.effects import PublishHome
from bot.domain.outbox.retry import Place
from bot.domain.outbox.rows import Claimed
from bot.worker.crew import MAX_WAITING, Turns
from tests.support.examples import NOW

HERE: Place = ("chat.postMessage", "C1")
THERE: Place = ("chat.postMessage", "C2")


def row(number: int) -> Claimed:
    return Claimed(number, f"k{number}", PublishHome("U1"), 1, look_first=False, created_at=NOW, owner="w")


class Pauses:
    """The seconds until each place's turn."""

    def __init__(self) -> None:
        self.of: dict[Place, float] = {}

    def __call__(self, place: Place) -> float:
        return self.of.get(place, 0.0)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def turns(pauses: Pauses) -> Turns:
    return Turns(pauses)


def test_the_first_in_line_comes_when_its_turn_has_come(turns: Turns, pauses: Pauses) -> None:
    pauses.of[HERE] = 0.7
    for number in (1, 2):
        assert turns.join(row(number), HERE) is None
    assert turns.come() == []
    assert turns.seconds() == 0.7
    pauses.of[HERE] = 0.0
    assert turns.come() == [row(1)]
    assert turns.come() == [], "the next waits for what comes of the first"
    turns.leave(row(1))
    pauses.of[HERE] = 1.0
    assert turns.seconds() == 1.0
    pauses.of[HERE] = 0.0
    assert turns.come() == [row(2)]
    assert turns.seconds() is None


def test_a_row_whose_turn_another_took_stays_first(turns: Turns) -> None:
    for number in (1, 2):
        turns.join(row(number), HERE)
    assert turns.come() == [row(1)]
    turns.join(row(1), HERE)
    assert turns.come() == [row(1)]
    turns.put_back(row(1))
    assert turns.come() == [row(1)]


def test_each_place_has_a_line_of_its_own(turns: Turns, pauses: Pauses) -> None:
    pauses.of[HERE] = 5.0
    turns.join(row(1), HERE)
    turns.join(row(2), THERE)
    assert turns.come() == [row(2)]
    assert turns.seconds() == 5.0


def test_a_line_has_a_maximum_length(turns: Turns) -> None:
    for number in range(MAX_WAITING):
        assert turns.join(row(number), HERE) is None
    assert turns.join(row(999), HERE) == MAX_WAITING
    [first] = turns.come()
    turns.join(row(1000), HERE)
    assert turns.join(first, HERE) is None, "it has been in line already"
    assert len(turns.clear()) == MAX_WAITING + 1
    assert turns.seconds() is None
