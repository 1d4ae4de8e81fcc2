"""What is deferred until after an ack."""

from __future__ import annotations

from typing import Any, cast

from slack_bolt import BoltResponse

from bot.intake.middleware import Requests
from bot.worker.metrics import Meter


def test_work_that_fails_stops_neither_the_rest_nor_the_worker() -> None:
    done = list[str]()

    def fail() -> None:
        raise RuntimeError("the database is away")

    requests = Requests(cast("Any", None), lambda: done.append("woken"), Meter())
    work = (fail, lambda: done.append("form opened"))
    requests.answered(BoltResponse(status=200), "1", "interactive", 0.0, work).finish()
    assert done == ["form opened", "woken"]
