"""Three replicas share five hundred due rows; one of them is killed in the middle.

Promised: each row is performed once, by the remaining ones, within ten seconds. (Those run in the test's own
process. Leases use the database's clock, so the seconds are real.)
"""

from __future__ import annotations

from bot.domain.outbox.effects import PublishHome
from bot.domain.outbox.rows import Planned
from storage import outbox
from tests.support.arena import Arena
from tests.support.asking import incidents_channel
from tests.support.people import eventually

ROWS = 500
OF_OURS = "FROM outbox WHERE kind = 'PublishHome' AND"
DONE = f"SELECT count(*) {OF_OURS} state = 'done'"
AGAIN = f"SELECT count(*) {OF_OURS} attempts > 1"
OWNERS = f"SELECT count(DISTINCT owner) {OF_OURS} owner IS NOT NULL"
BEGUN = f"SELECT count(*) {OF_OURS} state = 'running' AND owner LIKE :owner"


def test_a_replica_killed_in_the_middle_loses_no_row(large: Arena) -> None:
    def count(query: str, **values: str) -> int:
        return int(large.rows(query, **values)[0][0])

    killed = large.process()
    killed.start()
    its = f"%/{killed.pid}/%"
    bots = large.bots(2)
    incidents_channel(large)
    large.workspace.faults({"method": "views.publish", "effect": "delay", "seconds": 0.1})
    due = [Planned(PublishHome("U0ANA"), f"home/{number}", f"home/{number}") for number in range(ROWS)]
    bots[0].database.run(lambda tx: outbox.add(tx, due, large.clock()))
    eventually(lambda: count(DONE) > ROWS / 5 and count(OWNERS) == 3 and count(BEGUN, owner=its), 20)
    killed.kill()
    assert count(DONE) < ROWS
    left = count(BEGUN, owner=its)
    eventually(lambda: count(BEGUN, owner=its) == 0, 10)
    eventually(lambda: count(DONE) == ROWS, 40)
    # Rows that it held may have been applied and are safe to repeat; nothing else is done twice.
    assert count(AGAIN) == left
    assert ROWS <= len(large.workspace.calls("views.publish")) <= ROWS + left
