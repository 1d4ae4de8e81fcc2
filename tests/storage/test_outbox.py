"""The outbox: in order where order matters, in parallel elsewhere, nothing twice and nothing lost."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import InvitePeople, SetTopic
from storage import outbox, outbox_reads
from storage.database import Database
from tests.support.examples import NOW
from tests.support.rows import (
    add,
    an_incident,
    claim,
    count_unfinished,
    end_leases,
    finish,
    give_up,
    refresh,
    row,
    states,
    topic_of,
    try_later,
)

SOON = NOW + timedelta(seconds=5)


def test_a_row_can_be_claimed_once_with_its_whole_content(database: Database) -> None:
    number = an_incident(database)
    effect = InvitePeople(number, ("U1", "U2"))
    add(database, row("INC-1/members", effect=effect))
    claimed = claim(database)["INC-1/members"]
    assert claimed.effect == effect
    assert (claimed.attempt, claimed.look_first, claimed.created_at) == (1, False, NOW)
    assert not claim(database)


def test_a_row_whose_key_is_known_adds_nothing_whatever_its_state(database: Database) -> None:
    add(database, row("a"))
    for _ in range(2):
        add(database, row("a"), row("b"))
    first = claim(database)
    assert set(first) == {"a", "b"}
    add(database, row("a"))
    finish(database, first["a"])
    add(database, row("a"))
    assert states(database) == {"a": "done", "b": "running"}


def test_a_refresh_whose_key_is_known_adds_nothing_whatever_its_state(database: Database) -> None:
    """Slack delivers at least once: the same event may come again after its row is done."""
    for expected in ("waiting", "running", "done"):
        add(database, refresh("home/Ev1", "home/U1"))
        if expected == "running":
            held = claim(database)["home/Ev1"]
            add(database, refresh("home/Ev1", "home/U1"))
        if expected == "done":
            finish(database, held)
            add(database, refresh("home/Ev1", "home/U1"))
        assert states(database) == {"home/Ev1": expected}


def test_rows_of_a_lane_follow_one_another(database: Database) -> None:
    add(database, row("1", lane="a"), row("2", lane="a"), row("3", lane="a"), row("x", lane="b"))
    for expected in ("1", "2", "3"):
        claimed = claim(database)
        claimed.pop("x", None)
        assert set(claimed) == {expected}
        assert not claim(database), "the next one waits while this one runs"
        finish(database, claimed[expected])
    assert not claim(database)


def test_a_row_that_waits_for_a_retry_delays_only_its_own_lane(database: Database) -> None:
    add(database, row("1", lane="a"), row("2", lane="a"), row("x", lane="b"))
    try_later(database, claim(database, limit=1)["1"], at=SOON)
    assert set(claim(database)) == {"x"}
    assert set(claim(database, now=SOON)) == {"1"}


def test_a_row_that_was_given_up_makes_way_for_the_next_in_its_lane(database: Database) -> None:
    add(database, row("1", lane="a"), row("2", lane="a"))
    give_up(database, claim(database)["1"])
    assert set(claim(database)) == {"2"}


def test_a_row_waits_for_the_row_it_needs(database: Database) -> None:
    add(database, row("card", needs="channel"), row("pin", needs="card"), row("channel"))
    for expected in ("channel", "card", "pin"):
        claimed = claim(database)
        assert set(claimed) == {expected}
        finish(database, claimed[expected])


def test_a_row_does_not_start_while_what_it_needs_failed(database: Database) -> None:
    add(database, row("card", needs="channel"), row("channel"))
    give_up(database, claim(database)["channel"])
    assert not claim(database, now=NOW + timedelta(days=1))


def test_a_row_is_not_due_before_its_time(database: Database) -> None:
    add(database, row("a"))
    try_later(database, claim(database)["a"], at=SOON)
    assert not claim(database, now=SOON - timedelta(microseconds=1))
    assert set(claim(database, now=SOON)) == {"a"}


def test_the_oldest_rows_are_claimed_first_up_to_the_limit(database: Database) -> None:
    for number in range(5):
        add(database, row(str(number)), now=NOW + timedelta(seconds=number))
    assert list(claim(database, now=NOW + timedelta(minutes=1), limit=2)) == ["0", "1"]
    assert list(claim(database, now=NOW + timedelta(minutes=1), limit=9)) == ["2", "3", "4"]


def test_a_dead_workers_row_is_claimed_again_when_its_lease_expires(database: Database) -> None:
    add(database, row("a"))
    claim(database, owner="dead")
    assert not claim(database, now=NOW + timedelta(days=1), owner="alive")
    end_leases(database)
    again = claim(database, owner="alive")["a"]
    assert (again.attempt, again.owner) == (2, "alive")
    assert again.look_first, "the dead worker may have done it"


@pytest.mark.parametrize("owner", ["other", "worker"])
def test_only_the_current_holder_of_a_row_decides_its_outcome(database: Database, owner: str) -> None:
    add(database, row("a"))
    late = claim(database, owner="worker")["a"]
    end_leases(database)
    holder = claim(database, owner=owner, held=())["a"]
    assert not finish(database, late)
    assert not give_up(database, late)
    assert not try_later(database, late)
    assert states(database) == {"a": "running"}
    assert finish(database, holder)
    assert not finish(database, holder), "once is enough"


def test_whether_to_look_first_depends_on_the_previous_attempt(database: Database) -> None:
    add(database, row("a"))
    for may_be_applied in (False, True, False):
        claimed = claim(database)["a"]
        try_later(database, claimed, look_first=may_be_applied)
        again = claim(database)["a"]
        assert again.look_first == may_be_applied
        try_later(database, again, look_first=False)


def test_an_attempt_in_which_nothing_was_tried_does_not_count(database: Database) -> None:
    add(database, row("a"))
    for _ in range(50):
        claimed = claim(database)["a"]
        assert claimed.attempt == 1
        assert try_later(database, claimed, counts=False)
    try_later(database, claim(database)["a"])
    assert claim(database)["a"].attempt == 2


def test_at_most_one_refresh_waits_in_a_lane(database: Database) -> None:
    for number in range(5):
        add(database, refresh(f"card/{number}", "card"), refresh(f"topic/{number}", "topic"))
    assert states(database) == {"card/0": "waiting", "topic/0": "waiting"}


def test_a_refresh_requested_while_one_runs_runs_after_it(database: Database) -> None:
    add(database, refresh("card/0", "card"))
    running = claim(database)["card/0"]
    add(database, refresh("card/1", "card"))
    add(database, refresh("card/2", "card"))
    assert states(database) == {"card/0": "running", "card/1": "waiting"}
    assert not claim(database)
    finish(database, running)
    assert set(claim(database)) == {"card/1"}


def test_only_a_refresh_can_replace_a_refresh(database: Database) -> None:
    add(database, row("create", lane="channel"), refresh("rename/1", "channel"))
    assert states(database) == {"create": "waiting", "rename/1": "waiting"}
    assert set(claim(database)) == {"create"}


def test_a_failed_refresh_is_done_if_another_one_waits(database: Database) -> None:
    add(database, refresh("card/0", "card"))
    running = claim(database)["card/0"]
    add(database, refresh("card/1", "card"))
    assert try_later(database, running, at=SOON) == "done"
    assert states(database) == {"card/0": "done", "card/1": "waiting"}
    assert set(claim(database)) == {"card/1"}


def test_a_row_that_was_given_up_is_retried_from_the_start(database: Database) -> None:
    number = an_incident(database)
    add(database, topic_of(number, "a"))
    try_later(database, claim(database)["a"])
    give_up(database, claim(database)["a"])
    assert not claim(database)
    assert database.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=number)) == 1
    assert claim(database)["a"].attempt == 1
    assert database.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=number)) == 0


def test_only_the_incidents_own_rows_are_retried(database: Database) -> None:
    one, other = an_incident(database), an_incident(database)
    add(database, topic_of(one, "one"), topic_of(other, "other"), row("answer"))
    for claimed in claim(database).values():
        give_up(database, claimed)
    assert database.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=one)) == 1
    assert states(database) == {"one": "waiting", "other": "dead", "answer": "dead"}


def test_dead_refreshes_of_one_lane_are_retried_as_one(database: Database) -> None:
    number = an_incident(database)
    for key in ("a", "b"):
        add(database, topic_of(number, key))
        give_up(database, claim(database)[key])
    database.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=number))
    assert sorted(states(database).values()) == ["done", "waiting"]
    assert len(claim(database)) == 1


def test_a_revived_row_waits_for_the_one_that_runs_in_its_lane(database: Database) -> None:
    number = an_incident(database)
    add(database, topic_of(number, "old"))
    give_up(database, claim(database)["old"])
    add(database, topic_of(number, "new"))
    running = claim(database)["new"]
    database.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=number))
    assert not claim(database), "one at a time"
    finish(database, running)
    assert set(claim(database)) == {"old"}


def test_a_dead_workers_row_continues_although_an_older_one_was_revived(database: Database) -> None:
    number = an_incident(database)
    add(database, topic_of(number, "old"))
    give_up(database, claim(database)["old"])
    add(database, topic_of(number, "new"))
    claim(database, owner="dead")
    database.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=number))
    end_leases(database)
    again = claim(database)
    assert set(again) == {"new"}
    finish(database, again["new"])
    assert set(claim(database)) == {"old"}


def test_a_stopping_worker_frees_its_own_rows_at_once_and_no_others(database: Database) -> None:
    add(database, row("a"), row("b"))
    claim(database, owner="stopping", limit=1)
    claim(database, owner="other", limit=1)
    assert database.run(partial(outbox.free, owner="stopping")) == 1
    again = claim(database)
    assert set(again) == {"a"}
    assert again["a"].look_first


def test_everything_is_free_when_the_only_process_starts(database: Database) -> None:
    add(database, row("a"), row("b"), row("c"))
    finish(database, claim(database, owner="killed")["a"])
    assert database.run(outbox.free_all) == 2
    assert set(claim(database)) == {"b", "c"}


def test_stuck_rows_can_be_listed(database: Database) -> None:
    number = an_incident(database)
    add(database, topic_of(number, "dead"))
    give_up(database, claim(database)["dead"])
    add(database, topic_of(number, "failed"), row("late"))
    try_later(database, claim(database, limit=1)["failed"], at=SOON)
    [dead] = database.run(partial(outbox_reads.dead, viewer=SYSTEM))
    assert (dead.key, dead.kind, dead.incident_id, dead.last_error) == (
        "dead",
        SetTopic.__name__,
        number,
        "is_archived",
    )
    assert database.run(partial(outbox_reads.dead, viewer=SYSTEM, incident_id=number)) == [dead]
    assert database.run(partial(outbox_reads.dead, viewer=SYSTEM, incident_id=number + 1)) == []
    [again] = database.run(partial(outbox_reads.trying_again, incident_id=number))
    assert (again.key, again.attempts, again.last_error) == ("failed", 1, "503")
    late = database.run(partial(outbox_reads.overdue, viewer=SYSTEM, before=SOON))
    assert [each.key for each in late] == ["failed", "late"], "however often it has been tried"
    assert database.run(partial(outbox_reads.overdue, viewer=SYSTEM, before=NOW)) == []
    assert database.run(count_unfinished) == 2


def test_whether_a_row_failed_before_stays_on_record(database: Database) -> None:
    add(database, row("a"), row("b"))
    claimed = claim(database)
    try_later(database, claimed["a"])
    assert claim(database)["a"].has_failed_before
    assert not claimed["b"].has_failed_before


def test_an_error_is_stored_shortened(database: Database) -> None:
    number = an_incident(database)
    add(database, topic_of(number, "a"))
    held = claim(database)["a"]
    database.run(partial(outbox.give_up, row=held, code="x" * 1000, now=NOW))
    [dead] = database.run(partial(outbox_reads.dead, viewer=SYSTEM))
    assert dead.last_error == "x" * 300


def test_a_row_of_a_missing_incident_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        add(database, topic_of(10**6, "a"))
    assert states(database) == {}


def test_a_worker_claims_again_what_it_claimed_without_getting_the_answer(database: Database) -> None:
    add(database, row("known"), row("lost"))
    known = claim(database)["known"]
    again = claim(database, held=[known.id])
    assert set(again) == {"lost"}
    assert (again["lost"].attempt, again["lost"].look_first) == (2, True)
    assert claim(database, owner="other", held=[]) == {}


def test_a_row_still_being_performed_is_not_claimed_again_when_the_clock_jumps(database: Database) -> None:
    add(database, row("a"))
    held = claim(database)["a"]
    end_leases(database)
    assert claim(database, now=NOW + timedelta(days=1), held=[held.id]) == {}


def test_after_the_clock_is_set_back_only_rows_planned_for_later_wait(database: Database) -> None:
    hour = timedelta(hours=1)
    add(database, row("new"), row("tried"), now=NOW + hour)
    add(database, row("planned"), now=NOW)
    tried = claim(database, now=NOW + hour)["tried"]
    database.run(partial(outbox.retry_later, row=tried, at=NOW + hour, code="x", look_first=False))
    database.run(partial(outbox.cap_retry_delays, now=NOW, until=SOON))
    assert set(claim(database, now=SOON, held=())) == {"new", "tried", "planned"}
