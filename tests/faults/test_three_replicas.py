"""Three replicas share five hundred due rows; one of them is killed in the middle.

Promised: each row is performed once, by whoever is left. (The minute after which the others take over what
the killed one had begun passes on a controlled clock; those that are left run in the test's own process.)
"""

from __future__ import annotations

from datetime import timedelta

from bot.domain.effects import Planned, PublishHome
from storage import outbox
from tests.faults.arena import Arena
from tests.faults.people import incidents_channel
from tests.support.people import eventually

ROWS = 500
DONE = "SELECT count(*) FROM outbox WHERE kind = 'PublishHome' AND state = 'done'"
TWICE = "SELECT count(*) FROM outbox WHERE kind = 'PublishHome' AND attempts > 1"


def test_one_that_is_killed_in_the_middle_loses_no_row(large: Arena) -> None:
    killed = large.process()
    killed.start()
    bots = large.bots(2)
    incidents_channel(large)
    large.workspace.faults({"method": "views.publish", "effect": "delay", "seconds": 0.05})
    due = [Planned(PublishHome("U0ANA"), f"home/{number}", f"home/{number}") for number in range(ROWS)]
    bots[0].database.run(lambda tx: outbox.add(tx, due, large.clock()))
    eventually(lambda: large.rows(DONE)[0][0] > ROWS / 5, 20)
    killed.kill()
    large.clock.move(timedelta(minutes=1))
    eventually(lambda: large.rows(DONE)[0][0] == ROWS, 40)
    # What the killed one had begun may have been applied already, and is safe to do again.
    again = large.rows(TWICE)[0][0]
    assert again <= 12
    assert ROWS <= len(large.workspace.calls("views.publish")) <= ROWS + again
