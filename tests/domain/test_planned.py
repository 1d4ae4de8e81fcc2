"""The effects of a declaration and of a change: as many in a chain as order demands, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.incidents.planned import after_change, after_declare, after_giving_up, failures_key
from bot.domain.incidents.timeline import PART_CHANGES, STATE_CHANGES, EntryKind
from bot.domain.outbox.effects import (
    BookmarkCall,
    CatchUp,
    CreateChannel,
    Effect,
    InvitePeople,
    LinkSource,
    PinCard,
    PostUpdate,
    RenameChannel,
    SetPurpose,
    SetTopic,
    ShowAnnouncement,
    ShowCard,
    TellDeclarer,
    TellRole,
)
from bot.domain.outbox.rows import Planned
from bot.domain.privacy.planned import after_conversion
from tests.support.examples import entry, incident

FROM_MESSAGE = {"source": {"channel_id": "C1", "ts": "1.0", "thread_ts": None, "permalink": "https://x"}}
CHANGES = sorted(STATE_CHANGES - {EntryKind.DECLARED})
CALLS: dict[type[Effect], int] = {TellDeclarer: 2}
"""How many calls to Slack an effect makes one after another, if it is more than one."""


def depth(row: Planned, rows: dict[str, Planned]) -> int:
    before = depth(rows[row.needs], rows) if row.needs else 0
    return before + CALLS.get(type(row.effect), 1)


@pytest.fixture(params=[{}, FROM_MESSAGE], ids=["from nothing", "from a message"])
def declared(request: pytest.FixtureRequest) -> list[Planned]:
    return after_declare(incident(metadata=request.param))


def test_a_declaration_plans_everything_that_is_promised(declared: list[Planned]) -> None:
    kinds = [type(row.effect) for row in declared if not isinstance(row.effect, LinkSource)]
    assert sorted(kinds, key=str) == sorted(
        [
            CreateChannel,
            InvitePeople,
            ShowCard,
            PinCard,
            SetTopic,
            SetPurpose,
            ShowAnnouncement,
            TellDeclarer,
            CatchUp,
        ],
        key=str,
    )


def test_only_a_declaration_from_a_message_links_back() -> None:
    def links(**metadata: object) -> list[Planned]:
        rows = after_declare(incident(metadata=metadata))
        return [row for row in rows if isinstance(row.effect, LinkSource)]

    assert not links()
    assert len(links(**FROM_MESSAGE)) == 1


@pytest.mark.parametrize("kind", CHANGES)
def test_what_the_sources_thread_shows_is_updated_with_every_change_of_it(kind: EntryKind) -> None:
    def links(**values: Any) -> list[Planned]:
        rows = after_change(incident(**values), entry(kind, to_value="U0BEN"))
        return [row for row in rows if isinstance(row.effect, LinkSource)]

    assert len(links(metadata=FROM_MESSAGE)) == (kind not in {*PART_CHANGES, EntryKind.CALL})
    assert not links()
    assert not links(metadata=FROM_MESSAGE, is_private=True)


def test_nothing_is_linked_in_a_direct_message_where_no_bot_can_write() -> None:
    metadata = {"source": {**FROM_MESSAGE["source"], "channel_id": "D1"}}
    made = incident(metadata=metadata)
    changed = entry(EntryKind.SEVERITY, to_value="high")
    rows = [*after_declare(made), *after_change(made, changed), *after_conversion(made, changed)]
    assert not [row for row in rows if isinstance(row.effect, LinkSource)]


def test_a_conversion_plans_each_post_once() -> None:
    made, changed = incident(metadata=FROM_MESSAGE), entry(EntryKind.PRIVACY, to_value="public")
    lanes = [row.lane for row in after_conversion(made, changed)]
    assert len(lanes) == len(set(lanes))
    assert f"{made.ref}/source" in lanes


def test_a_declaration_is_three_calls_deep(declared: list[Planned]) -> None:
    rows = {row.key: row for row in declared}
    assert max(depth(row, rows) for row in declared) == 3


def test_rows_of_a_declaration_need_only_rows_that_come_before_them(declared: list[Planned]) -> None:
    seen: set[str | None] = {None}
    for row in declared:
        assert row.needs in seen
        seen.add(row.key)


def test_rows_of_a_declaration_run_in_parallel_each_in_its_own_lane(declared: list[Planned]) -> None:
    assert len({row.key for row in declared}) == len(declared)
    assert len({row.lane for row in declared}) == len(declared)


def test_two_incidents_share_no_key_and_no_lane() -> None:
    one, other = after_declare(incident(id=1)), after_declare(incident(id=11))
    assert not {row.key for row in one} & {row.key for row in other}
    assert not {row.lane for row in one} & {row.lane for row in other}


@pytest.mark.parametrize("kind", CHANGES)
def test_every_change_is_posted_and_updates_card_announcement_and_topic(kind: EntryKind) -> None:
    rows = after_change(incident(), entry(kind, to_value="U0BEN"))
    kinds = {type(row.effect) for row in rows}
    assert kinds >= {PostUpdate, ShowCard, ShowAnnouncement}
    in_topic = kind not in {EntryKind.ROLE, EntryKind.CALL}
    assert (SetTopic in kinds) == in_topic, "it names only the commander, and doesn't lead to the call"
    assert (BookmarkCall in kinds) == (kind is EntryKind.CALL)
    assert (RenameChannel in kinds) == (kind is EntryKind.TITLE)
    assert ({InvitePeople, TellRole} <= kinds) == (kind in PART_CHANGES)


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_needs_only_rows_of_the_declaration(kind: EntryKind) -> None:
    known = {row.key for row in after_declare(incident())}
    rows = after_change(incident(), entry(kind, to_value="U0BEN"))
    assert {row.needs for row in rows} - {None} <= known
    keys = {row.key for row in rows}
    assert len(keys) == len(rows)
    assert not keys & known


@pytest.mark.parametrize("kind", CHANGES)
def test_two_changes_share_no_key_and_refresh_in_the_same_lanes(kind: EntryKind) -> None:
    first = after_change(incident(), entry(kind, id=7, to_value="U0BEN"))
    second = after_change(incident(), entry(kind, id=8, to_value="U0BEN"))
    assert not {row.key for row in first} & {row.key for row in second}
    assert [row.lane for row in first] == [row.lane for row in second]


def test_only_rows_that_render_the_current_state_can_replace_each_other() -> None:
    rows = [
        *after_declare(incident()),
        *(row for kind in CHANGES for row in after_change(incident(), entry(kind, to_value="U0BEN"))),
    ]
    coalescing = {type(row.effect) for row in rows if row.coalesce}
    assert coalescing == {ShowCard, ShowAnnouncement, SetTopic, RenameChannel, CatchUp, BookmarkCall}


def test_renaming_waits_for_the_channels_creation() -> None:
    creation = next(row for row in after_declare(incident()) if isinstance(row.effect, CreateChannel))
    rows = after_change(incident(), entry(EntryKind.TITLE))
    renaming = next(row for row in rows if isinstance(row.effect, RenameChannel))
    assert renaming.lane == creation.lane


def test_failures_are_reported_in_one_message_per_incident() -> None:
    one, other = after_giving_up(12, "1/a"), after_giving_up(12, "2/b")
    assert one.lane == other.lane == failures_key(12)
    assert one.key != other.key
    assert one.coalesce
