"""Messages recorded together have the same result as messages recorded one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.incidents.timeline import EntryKind, PostedMessage, TimelineEntry
from bot.domain.postmortems.planned import message_key
from storage import messages
from tests.support.examples import HOSTILE
from tests.support.office import Office, keys

ROOT = "1690000000.000100"
UNKNOWN = "C0ELSEWHERE"
moments = itertools.count(1)


@dataclass(frozen=True)
class Report:
    """What Slack reports about a message."""

    act: str
    channel: int
    message: int
    text: str
    thread_ts: str | None
    edit: int


reports = st.lists(
    st.builds(
        Report,
        st.sampled_from(["posted", "posted", "posted", "edited", "deleted"]),
        st.integers(0, 2),
        st.integers(0, 3),
        st.sampled_from(["it is down", "it is up", *HOSTILE]),
        st.sampled_from([None, ROOT]),
        st.integers(0, 3),
    ),
    max_size=14,
)


@pytest.fixture
def channels(office: Office) -> list[str]:
    """The channels of four incidents."""
    made = [office.declare(f"Number {number}") for number in range(4)]
    office.perform_all()
    return [f"C{each.id}" for each in made]


def told(report: Report, channel_id: str, example: int) -> PostedMessage:
    ts = f"17{example:08}.00{report.message:04}"
    edited_ts = f"18000000{report.edit:02}.000100" if report.act == "edited" and report.edit else None
    return PostedMessage(
        channel_id, ts, "BEN", None, report.text, thread_ts=report.thread_ts, edited_ts=edited_ts
    )


def record(office: Office, found: Sequence[tuple[str, PostedMessage]], sizes: Sequence[int]) -> None:
    """Record the reports in order; posted messages in batches of at most these sizes, in turn."""
    others: dict[str, Callable[[PostedMessage], None]] = {
        "edited": office.recorder.edit_message,
        "deleted": office.recorder.delete_message,
    }
    limits = itertools.cycle(sizes)
    for act, group in itertools.groupby(found, key=lambda each: each[0]):
        waiting = [message for _, message in group]
        while waiting:
            size = next(limits) if act == "posted" else 1
            batch, waiting = waiting[:size], waiting[size:]
            if act != "posted":
                others[act](batch[0])
            elif len(batch) > 1:
                assert office.recorder.record_messages(batch) == []
            else:
                office.recorder.record_message(batch[0])


def entries(office: Office, channel_ids: Sequence[str], example: int) -> list[list[TimelineEntry]]:
    """The entries of one example, channel by channel, without what identifies the channel."""
    kept = []
    for channel_id in channel_ids:
        incident = office.manager.get_incident(int(channel_id[1:]), viewer="ANA")
        assert incident
        found = [each for each in office.entries(incident, EntryKind.MESSAGE) if each.ts]
        mine = [each for each in found if str(each.ts).startswith(f"17{example:08}.")]
        kept.append([replace(each, id=0, incident_id=0, channel_id="") for each in mine])
    return kept


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(reports, st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_batches_of_any_reports_give_the_same_entries(
    office: Office, channels: list[str], found: list[Report], sizes: list[int]
) -> None:
    example = next(moments)
    for at, chosen in ((channels[:2], sizes), (channels[2:], [1])):
        places = [*at, UNKNOWN]
        record(office, [(each.act, told(each, places[each.channel], example)) for each in found], chosen)
    assert entries(office, channels[:2], example) == entries(office, channels[2:], example)


def test_replies_outside_session_threads_are_recorded_together(office: Office, channels: list[str]) -> None:
    office.database.run(partial(messages.save, key="INC-1/card", channel_id=channels[0], ts=ROOT))
    replies = [
        PostedMessage(channels[0], f"1750000000.{n:06}", "BEN", None, "so", (), ROOT) for n in range(3)
    ]
    assert office.recorder.record_messages(replies) == []
    assert len(entries(office, channels[:1], 50000000)[0]) == 3


@pytest.mark.parametrize("thread", ["five whys", "postmortem"])
def test_a_sessions_reply_is_left_with_what_follows_it_in_its_channel(
    office: Office, channels: list[str], thread: str
) -> None:
    here, there = channels[:2]
    if thread == "five whys":
        session = office.whys.conduct_five_whys(1, "ANA", by="ANA", key=next(keys)).id
        office.whys.stands(session, None, here, ROOT)
    else:
        office.database.run(partial(messages.save, key=message_key(1), channel_id=here, ts=ROOT))
    found = [
        PostedMessage(here, "1750000000.000001", "BEN", None, "before"),
        PostedMessage(there, "1750000000.000002", "BEN", None, "elsewhere", (), ROOT),
        PostedMessage(here, "1750000000.000003", "BEN", None, "the pool ran out", (), ROOT),
        PostedMessage(here, "1750000000.000004", "BEN", None, "after"),
        PostedMessage(there, "1750000000.000005", "BEN", None, "elsewhere too"),
        PostedMessage(UNKNOWN, "1750000000.000006", "BEN", None, "nowhere"),
    ]
    assert office.recorder.record_messages(found) == [2, 3]
    stored = entries(office, channels[:2], 50000000)
    assert [[each.text for each in of] for of in stored] == [["before"], ["elsewhere", "elsewhere too"]]


def test_nothing_of_a_batch_is_stored_if_one_message_cannot_be(office: Office, channels: list[str]) -> None:
    good = PostedMessage(channels[0], "1750000000.000001", "BEN", None, "fine")
    with pytest.raises(ValueError, match="could not convert"):
        office.recorder.record_messages([good, replace(good, ts="never")])
    assert entries(office, channels[:1], 50000000) == [[]]
