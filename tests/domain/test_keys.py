"""Natural keys fit their columns, and different long ones stay different."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kit.keys import MAX_KEY, fitting
from storage.tables import metadata


@given(st.text(max_size=MAX_KEY))
def test_a_key_that_fits_stays_as_it_is(key: str) -> None:
    assert fitting(key) == key


@given(st.text(min_size=MAX_KEY + 1, max_size=600), st.text(max_size=3))
def test_a_longer_key_is_shortened_and_stays_unique(key: str, more: str) -> None:
    short = fitting(key)
    assert len(short) == MAX_KEY
    assert short.startswith(key[:100])
    assert (fitting(key + more) == short) == (more == "")
    assert fitting(short) == short


def test_the_columns_hold_the_longest_keys() -> None:
    keys = [table.c.key for name, table in metadata.tables.items() if name in {"inbound", "outbox"}]
    assert [column.type.length for column in keys] == [MAX_KEY, MAX_KEY]  # type: ignore[attr-defined]
