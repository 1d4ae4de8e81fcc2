"""The course of an incident: in order, as curated, whatever the entries."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.postmortems.measures import LONG_GAP, measured, reconstruct
from bot.domain.postmortems.model import AddedEvent, Curated, TimelineEvent
from tests.support.examples import NOW, entry

times = st.integers(0, 500).map(lambda minutes: NOW + timedelta(minutes=minutes))
entries = st.lists(
    st.builds(
        entry,
        kind=st.sampled_from(EntryKind),
        at=times,
        text=st.text(max_size=5),
        is_key=st.booleans(),
        is_deleted=st.booleans(),
    ),
    max_size=20,
).map(lambda found: [_numbered(each, n) for n, each in enumerate(found, start=1)])
curations = st.dictionaries(
    st.integers(1, 20),
    st.builds(
        Curated, st.sampled_from([None, True, False]), st.none() | st.just("reworded"), st.none() | times
    ),
)
added = st.lists(st.builds(AddedEvent, times, st.text(max_size=5)), max_size=3)


def _numbered(found: TimelineEntry, number: int) -> TimelineEntry:
    return entry(
        found.kind, id=number, at=found.at, text=found.text, is_key=found.is_key, is_deleted=found.is_deleted
    )


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def told(
    found: list[TimelineEntry], how: dict[int, Curated], more: list[AddedEvent]
) -> tuple[TimelineEvent, ...]:
    return reconstruct(found, how, more, lambda each: each.text, lambda _each: None)


@given(entries, curations, added)
def test_events_are_in_order_with_every_long_gap_shown(
    found: list[TimelineEntry], how: dict[int, Curated], more: list[AddedEvent]
) -> None:
    events = told(found, how, more)
    assert [each.time for each in events] == sorted(each.time for each in events)
    assert events == told(list(reversed(found)), how, list(reversed(more)))
    before: datetime | None = None
    for each in events:
        length = each.time - before if before else timedelta()
        assert each.gap == (length.total_seconds() if length >= LONG_GAP else 0)
        before = each.time


@given(entries, curations, added)
def test_hidden_or_deleted_events_are_left_out_and_reworded_ones_are_shown(
    found: list[TimelineEntry], how: dict[int, Curated], more: list[AddedEvent]
) -> None:
    events = {each.entry_id: each for each in told(found, how, more) if each.entry_id}
    for each in found:
        curated = how.get(each.id, Curated())
        event = events.get(each.id)
        if curated.is_shown is False or (each.is_deleted and each.kind is EntryKind.MESSAGE):
            assert event is None
        if event:
            assert event.event == (curated.text or each.text)
            assert event.time == (curated.at or each.at)
    assert len(told(found, how, more)) - len(events) == len(more)


def test_only_key_events_are_included_and_action_items_have_their_own_section() -> None:
    found = [
        entry(EntryKind.MESSAGE, id=1, text="chat"),
        entry(EntryKind.MESSAGE, id=2, text="key", is_key=True),
        entry(EntryKind.ACTION, id=3, text="AI-1 x"),
        entry(EntryKind.STATUS, id=4, text="why", to_value="resolved"),
    ]
    assert [each.entry_id for each in told(found, {}, [])] == [2, 4]
    assert [each.entry_id for each in told(found, {1: Curated(is_shown=True)}, [])] == [1, 2, 4]


def test_acknowledged_is_when_somebody_first_took_command_or_investigated() -> None:
    found = [
        entry(EntryKind.DECLARED, at=NOW),
        entry(EntryKind.COMMANDER, at=after(3), to_value="U1"),
        entry(EntryKind.STATUS, at=after(5), from_value="open", to_value="investigating"),
    ]
    assert measured(found, after(60)) == {
        "declared": NOW,
        "acknowledged": after(3),
        "resolved": after(60),
    }
    assert measured(found[:1], None) == {"declared": NOW}


def test_resolving_acknowledges_nothing_and_neither_does_what_comes_after_it() -> None:
    found = [
        entry(EntryKind.DECLARED, at=NOW),
        entry(EntryKind.STATUS, at=after(5), from_value="open", to_value="resolved"),
        entry(EntryKind.COMMANDER, at=after(9), to_value="U1"),
    ]
    assert measured(found, after(5)) == {"declared": NOW, "resolved": after(5)}
    reopened = [
        *found[:2],
        entry(EntryKind.STATUS, at=after(7), from_value="resolved", to_value="open"),
        entry(EntryKind.STATUS, at=after(8), from_value="open", to_value="investigating"),
    ]
    assert measured(reopened, None) == {"declared": NOW, "acknowledged": after(8)}
