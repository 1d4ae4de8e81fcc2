"""Threads that wait for a connection get it in the order in which they came."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.kit.errors import NotSaved
from storage.line import Line

SOON = 10.0


def test_places_are_given_in_the_order_of_arrival_even_to_those_who_have_just_left() -> None:
    line, order = Line(1), list[int]()
    with ThreadPoolExecutor(3) as pool:
        with line.place(SOON):
            waiting = []
            for number in range(3):
                waiting.append(pool.submit(_take, line, order, number))
                _until(line, number + 1)
        with line.place(SOON):
            order.append(3)
        for each in waiting:
            each.result(SOON)
    assert order == [0, 1, 2, 3]


def test_somebody_who_waits_too_long_is_refused_and_takes_no_place() -> None:
    line = Line(1)
    with line.place(SOON), pytest.raises(NotSaved), line.place(0.05):
        pass
    with line.place(0.05):
        pass


def test_many_threads_never_hold_more_places_than_there_are() -> None:
    line, lock, now, most = Line(3), threading.Lock(), [0], [0]

    def work(_number: int) -> None:
        for _ in range(50):
            with line.place(SOON):
                with lock:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0.0002)
                with lock:
                    now[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert (now, most) == ([0], [3])


def _take(line: Line, order: list[int], number: int) -> None:
    with line.place(SOON):
        order.append(number)


def _until(line: Line, count: int) -> None:
    deadline = time.monotonic() + SOON
    while line.waiting != count:
        assert time.monotonic() < deadline
        time.sleep(0.001)
