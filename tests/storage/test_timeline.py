"""The timeline ends up the same in whatever order, and however often, Slack reports what happened."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.domain.incidents.timeline import EntryKind, KeyMark, PostedMessage, TimelineEntry, time_of
from storage import timeline, timeline_reads
from storage.database import Database
from tests.support.examples import NOW
from tests.support.rows import an_incident

CHANNEL = "C0INC"
FILE = {"name": "graph.png", "permalink": "https://acme.slack.com/files/1"}
Report = Callable[[Connection], object]

numbers = itertools.count(1)


def fresh_ts() -> str:
    """The ts of a message that no other example uses."""
    return f"17000{next(numbers):05}.000100"


def message(ts: str, text: str = "it is down", **values: object) -> PostedMessage:
    plain = PostedMessage(CHANNEL, ts, "U0BEN", None, text, files=(FILE,), thread_ts="1690000000.000100")
    return replace(plain, **values)  # type: ignore[arg-type]


def seen(database: Database, incident_id: int, ts: str) -> list[TimelineEntry]:
    entries = database.run(partial(timeline_reads.find, incident_id=incident_id, everything=True))
    return [entry for entry in entries if entry.ts == ts]


@dataclass(frozen=True)
class Story:
    """What happened to one message, and what the timeline must hold at the end."""

    edits: int
    is_deleted: bool
    marks: tuple[tuple[str, str, bool], ...]
    """Who added or removed which mark, in order."""

    def reports(self, incident_id: int, ts: str) -> list[Report]:
        """What Slack reports about it, in order, each report with its usual content."""
        first = message(ts)
        states = [first] + [
            message(ts, f"edit {number}", files=(), edited_ts=f"18000000{number:02}.000100")
            for number in range(self.edits)
        ]
        found: list[Report] = [
            partial(timeline.record_message, incident_id=incident_id, message=first),
            # Slack reports a link's preview as a change in which nothing was edited.
            partial(timeline.edit_message, incident_id=incident_id, message=first),
        ]
        found += [
            partial(timeline.edit_message, incident_id=incident_id, message=each) for each in states[1:]
        ]
        if self.is_deleted:
            gone = replace(states[-1], text="", files=())
            found.append(partial(timeline.delete_message, incident_id=incident_id, message=gone))
        for number, (user, source, present) in enumerate(self.marks):
            mark = KeyMark(CHANNEL, ts, user, source, present, f"19000000{number:02}.000100")
            found.append(partial(timeline.mark_key, mark=mark))
        return found

    def check(self, entry: TimelineEntry) -> None:
        latest = {(user, source): present for user, source, present in self.marks}
        assert entry.kind is EntryKind.MESSAGE
        assert (entry.by, entry.thread_ts, entry.at) == (
            "U0BEN",
            "1690000000.000100",
            time_of(entry.ts or ""),
        )
        assert entry.is_deleted == self.is_deleted
        assert entry.is_edited == (self.edits > 0 and not self.is_deleted)
        assert entry.is_key == any(latest.values())
        if self.is_deleted:
            assert (entry.text, entry.files) == ("", ())
        elif self.edits:
            assert (entry.text, entry.files) == (f"edit {self.edits - 1}", ())
        else:
            assert (entry.text, entry.files) == ("it is down", (FILE,))


marks = st.lists(
    st.tuples(st.sampled_from(["U1", "U2"]), st.sampled_from(["reaction", "pin"]), st.booleans()), max_size=4
)
stories = st.builds(Story, st.integers(0, 3), st.booleans(), marks.map(tuple))


def tell(database: Database, reports: Sequence[Report]) -> None:
    def together(tx: Connection) -> None:
        for report in reports:
            report(tx)

    database.run(together)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(stories, st.data())
def test_any_order_of_reports_and_any_repetition_ends_in_the_same_entry(
    database: Database, story: Story, data: st.DataObject
) -> None:
    number, ts = an_incident(database), fresh_ts()
    reports = story.reports(number, ts)
    repeated = data.draw(st.lists(st.sampled_from(reports), max_size=3))
    tell(database, data.draw(st.permutations([*reports, *repeated])))
    [entry] = seen(database, number, ts)
    story.check(entry)


@pytest.mark.parametrize(
    "story",
    [
        Story(2, False, (("U1", "reaction", True),)),
        Story(3, True, (("U1", "pin", True), ("U1", "pin", False))),
    ],
)
def test_simultaneous_reports_end_in_the_same_entry(database: Database, story: Story) -> None:
    number = an_incident(database)
    for _ in range(3):
        ts = fresh_ts()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(database.run, story.reports(number, ts) * 2))
        [entry] = seen(database, number, ts)
        story.check(entry)


def test_a_bots_message_keeps_the_bots_name(database: Database) -> None:
    number, ts = an_incident(database), fresh_ts()
    alert = message(ts, user_id=None, source="Alerts")
    database.run(partial(timeline.edit_message, incident_id=number, message=replace(alert, source=None)))
    database.run(partial(timeline.record_message, incident_id=number, message=alert))
    [entry] = seen(database, number, ts)
    assert (entry.by, entry.source) == (None, "Alerts")


def test_simultaneous_messages_in_two_channels_are_two_messages(database: Database) -> None:
    number, ts = an_incident(database), fresh_ts()
    for channel in ("C1", "C2"):
        each = message(ts, channel_id=channel)
        database.run(partial(timeline.record_message, incident_id=number, message=each))
    assert len(seen(database, number, ts)) == 2


def test_a_mark_that_comes_before_its_message_waits_for_it(database: Database) -> None:
    number, ts = an_incident(database), fresh_ts()
    mark = KeyMark(CHANNEL, ts, "U1", "reaction", present=True, event_ts="1900000000.000100")
    database.run(partial(timeline.mark_key, mark=mark))
    assert seen(database, number, ts) == []
    database.run(partial(timeline.record_message, incident_id=number, message=message(ts)))
    [entry] = seen(database, number, ts)
    assert entry.is_key


def change(database: Database, number: int, kind: EntryKind, minute: int, to_value: str) -> TimelineEntry:
    at = NOW + timedelta(minutes=minute)
    entry = TimelineEntry(0, number, kind, at, "U0ANA", from_value="a", to_value=to_value)
    return database.run(partial(timeline.add, entry=entry))


def test_changes_come_back_as_they_were_stored(database: Database) -> None:
    number = an_incident(database)
    stored = change(database, number, EntryKind.SEVERITY, 0, "high")
    assert (stored.incident_id, stored.by, stored.from_value, stored.to_value) == (
        number,
        "U0ANA",
        "a",
        "high",
    )
    assert database.run(partial(timeline_reads.get, entry_id=stored.id)) == stored
    assert database.run(partial(timeline_reads.get, entry_id=10**9)) is None


def test_the_last_change_of_a_kind_is_found_by_its_new_value_too(database: Database) -> None:
    number = an_incident(database)
    first = change(database, number, EntryKind.STATUS, 0, "resolved")
    second = change(database, number, EntryKind.STATUS, 1, "open")
    third = change(database, number, EntryKind.STATUS, 2, "resolved")
    change(database, number, EntryKind.SEVERITY, 3, "low")
    last_of = partial(timeline_reads.last_of, incident_id=number, kind=EntryKind.STATUS)
    assert database.run(last_of) == third
    assert database.run(partial(last_of, to_value="resolved")) == third
    assert database.run(partial(last_of, to_value="open")) == second
    assert database.run(partial(last_of, to_value="closed")) is None
    assert first.id < third.id


def test_marking_the_message_about_a_change_marks_the_change(database: Database) -> None:
    number, ts = an_incident(database), fresh_ts()
    stored = change(database, number, EntryKind.STATUS, 0, "resolved")
    database.run(partial(timeline.show_at, entry_id=stored.id, channel_id=CHANNEL, ts=ts))
    mark = KeyMark(CHANNEL, ts, "U1", "pin", present=True, event_ts="1900000000.000100")
    database.run(partial(timeline.mark_key, mark=mark))
    [entry] = seen(database, number, ts)
    assert (entry.id, entry.is_key) == (stored.id, True)


def test_a_change_stays_when_the_message_about_it_is_deleted(database: Database) -> None:
    number, ts = an_incident(database), fresh_ts()
    stored = change(database, number, EntryKind.STATUS, 0, "resolved")
    database.run(partial(timeline.show_at, entry_id=stored.id, channel_id=CHANNEL, ts=ts))
    for report in (timeline.edit_message, timeline.delete_message):
        database.run(partial(report, incident_id=number, message=message(ts, "other")))
    assert seen(database, number, ts) == [replace(stored, channel_id=CHANNEL, ts=ts)]


def test_a_timeline_is_read_in_the_order_of_what_happened_page_by_page(database: Database) -> None:
    number, other = an_incident(database), an_incident(database)
    late = change(database, number, EntryKind.STATUS, 10, "resolved")
    early = change(database, number, EntryKind.SEVERITY, 5, "low")
    change(database, other, EntryKind.STATUS, 1, "resolved")
    for minute in (3, 7):
        ts = f"{int((NOW + timedelta(minutes=minute)).timestamp())}.000100"
        database.run(
            partial(timeline.record_message, incident_id=number, message=message(ts, f"at {minute}"))
        )
    mark = KeyMark(CHANNEL, ts, "U1", "pin", present=True, event_ts="1900000000.000100")
    database.run(partial(timeline.mark_key, mark=mark))

    def read(*, everything: bool, **page: int) -> list[str]:
        entries = database.run(lambda tx: timeline_reads.find(tx, number, everything=everything, **page))
        return [entry.text or str(entry.to_value) for entry in entries]

    assert read(everything=True) == ["at 3", "low", "at 7", "resolved"]
    assert read(everything=True, limit=2, offset=1) == ["low", "at 7"]
    assert read(everything=False) == ["low", "at 7", "resolved"]
    assert early.id > late.id
    for everything in (True, False):
        found = database.run(partial(timeline_reads.count, incident_id=number, everything=everything))
        assert found == len(read(everything=everything))
