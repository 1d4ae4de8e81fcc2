"""Lanes hand out items in order within a channel, each exactly once."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from bot.intake.lanes import Lanes

Item = tuple[str, int]
"""A channel, and the item's number in it."""


def is_alone(item: Item) -> bool:
    return item[1] % 5 == 4


@given(st.data())
def test_everything_put_in_or_put_back_comes_out_once_in_its_channels_order(data: st.DataObject) -> None:
    lanes, numbers = Lanes[Item](is_alone), defaultdict[str, int](int)
    got, out = defaultdict[str, list[int]](list), dict[str, list[Item]]()

    def put() -> None:
        channel = data.draw(st.sampled_from("abc"))
        lanes.put(channel, (channel, numbers[channel]))
        numbers[channel] += 1

    def take() -> None:
        for channel, items in lanes.take(data.draw(st.integers(1, 6))):
            assert channel not in out, "handed out while it is busy"
            assert len(items) == 1 or not any(map(is_alone, items))
            out[channel] = items

    def done() -> None:
        channel = data.draw(st.sampled_from(sorted(out)))
        items = out.pop(channel)
        again = data.draw(st.integers(0, len(items) - 1))
        got[channel] += [number for _, number in items[: len(items) - again]]
        lanes.done(channel, items[len(items) - again :])

    for _ in range(data.draw(st.integers(0, 60))):
        data.draw(st.sampled_from([put, put, take, *([done] if out else [])]))()
        assert lanes.count == sum(numbers.values()) - sum(map(len, got.values())) - sum(
            map(len, out.values())
        )
    while out or lanes.count:
        take()
        while out:
            done()
    assert got == {channel: list(range(count)) for channel, count in numbers.items()}


def test_a_busy_channel_delays_no_other() -> None:
    lanes = Lanes[Item](is_alone)
    for item in (("a", 4), ("a", 5), ("b", 0)):
        lanes.put(item[0], item)
    assert lanes.take(10) == [("a", [("a", 4)]), ("b", [("b", 0)])]
    assert lanes.take(10) == []
    lanes.done("b")
    lanes.done("a")
    assert lanes.take(10) == [("a", [("a", 5)])]


def test_items_taken_out_are_not_handed_out_and_the_rest_keep_their_order() -> None:
    lanes = Lanes[Item](is_alone)
    for number in range(4):
        lanes.put("a", ("a", number))
    lanes.put("b", ("b", 1))
    assert lanes.take_out(lambda item: item[1] % 2 == 1) == [("a", 1), ("a", 3), ("b", 1)]
    lanes.put("a", ("a", 5))
    assert lanes.count == 3
    assert lanes.take(10) == [("a", [("a", 0), ("a", 2), ("a", 5)])]
    lanes.put("b", ("b", 2))
    assert lanes.take(10) == [("b", [("b", 2)])]
