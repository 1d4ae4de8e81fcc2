"""Whatever people type becomes storable, readable and usable in names."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.model import PROJECT_LIMIT, TITLE_LIMIT, UNTITLED
from bot.domain.incidents.names import (
    channel_name,
    clean_project,
    clean_title,
    other_channel_name,
    title_or_made_up,
)
from bot.domain.kit.errors import BotError, ProjectTooLong, TextTooLong, TitleMissing, TitleTooLong
from bot.domain.kit.text import clean_text, cut, is_blank, length, one_line, storable
from sandbox.rules import check_channel_name
from tests.support.examples import any_text, tried

numbers = st.integers(1, 10**9)
NOT_KEPT = {"Cc", "Cs"}


def check_name(name: str, start: str) -> None:
    check_channel_name(name)
    assert name == start or name.startswith(f"{start}-")
    assert "--" not in name and "_" not in name and not name.endswith("-")
    for before, character in zip(f"-{name}", name, strict=False):
        category = unicodedata.category(character)
        assert character == character.lower()
        assert character == "-" or category in {"Ll", "Lo", "Lm", "Mn", "Mc"} or character in "0123456789"
        assert not category.startswith("M") or before != "-", "a mark without its letter"
        assert not re.match("[\ufe00-\ufe0f\u3164]", character), "nothing to see"


@given(numbers, any_text)
def test_every_title_gives_a_valid_and_readable_channel_name(number: int, title: str) -> None:
    check_name(channel_name(number, title), f"inc-{number}")


@given(numbers, any_text, st.integers(1, 99))
def test_the_alternative_to_a_taken_name_is_valid_too(number: int, title: str, attempt: int) -> None:
    name = channel_name(number, title)
    other = other_channel_name(name, attempt)
    check_name(other, f"inc-{number}")
    assert other != name
    assert other.endswith(f"-{attempt + 1}")


@given(numbers, st.text("abcdefghij klmnop", min_size=1))
def test_a_short_title_in_plain_words_is_kept_word_for_word(number: int, title: str) -> None:
    words = title[:60].split()
    assert channel_name(number, title[:60]) == "-".join(["inc", str(number), *words])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Database connection timeout", "inc-12-database-connection-timeout"),
        ("  API: 502s / 504s (EU)!  ", "inc-12-api-502s-504s-eu"),
        ("We can't log in — it’s down", "inc-12-we-cant-log-in-its-down"),
        ("ＦＵＬＬ ｗｉｄｔｈ ①", "inc-12-full-width-1"),
        ("Überweisungen: STRAẞE", "inc-12-überweisungen-straße"),
        ("サーバーがダウン、佐々木", "inc-12-サーバーがダウン-佐々木"),
        ("٣ خوادم معطلة", "inc-12-3-خوادم-معطلة"),
        ("डेटाबेस धीमा है", "inc-12-डेटाबेस-धीमा-है"),
        ("ℹ️ 1️⃣ ❤️", "inc-12-i-1"),
        ("🔥🔥🔥", "inc-12"),
        ("<!channel> & <@U1>", "inc-12-channel-u1"),
        ("'; DROP TABLE incidents; --", "inc-12-drop-table-incidents"),
        ("line one\nline two", "inc-12-line-one-line-two"),
        ("ㅤ", "inc-12"),
        ("", "inc-12"),
    ],
)
def test_names_read_like_their_titles(title: str, name: str) -> None:
    assert channel_name(12, title) == name


def test_a_long_title_is_cut_at_a_word() -> None:
    name = channel_name(12, "checkout " * 20)
    assert name == "inc-12-" + "-".join(["checkout"] * 6)


@given(any_text)
def test_text_is_unchanged_except_for_characters_that_no_database_can_store(text: str) -> None:
    kept = storable(text)
    kept.encode()
    assert storable(kept) == kept
    assert [c for c in kept if c not in "\n\t"] == [
        c for c in text if unicodedata.category(c) not in NOT_KEPT
    ]


@given(any_text)
def test_a_clean_title_is_one_visible_line_within_the_limit_or_refused(text: str) -> None:
    title = tried(lambda: clean_title(text))
    if not isinstance(title, str):
        assert isinstance(title, TitleMissing | TitleTooLong)
        assert title.field == "title"
        return
    assert title == clean_title(title) == one_line(title)
    assert "\n" not in title and 0 < length(title) <= TITLE_LIMIT
    assert not is_blank(title)


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "\n\t", "\x00", "\ufe0f", "ㅤ", "\u2800"])
def test_a_title_without_visible_characters_counts_as_missing(text: str) -> None:
    with pytest.raises(TitleMissing):
        clean_title(text)


@pytest.mark.parametrize("text", ["🔥", "0", "مرحبا", "'; DROP TABLE", "<!channel>"])
def test_a_title_is_kept_verbatim(text: str) -> None:
    assert clean_title(text) == text


def test_a_title_may_have_two_hundred_characters_and_no_more() -> None:
    assert clean_title("x" * TITLE_LIMIT) == "x" * TITLE_LIMIT
    with pytest.raises(TitleTooLong) as refused:
        clean_title("x" * 40_000)
    assert refused.value.values == {"limit": "200", "length": "40,000"}


@given(any_text, any_text)
def test_whatever_is_typed_gives_a_title_or_an_error_at_the_field(typed: str, text: str) -> None:
    try:
        title = title_or_made_up(typed, text)
    except TitleTooLong:
        assert length(one_line(typed)) > TITLE_LIMIT
        return
    assert clean_title(title) == title


def test_a_missing_title_is_taken_from_the_first_visible_line() -> None:
    assert title_or_made_up("  ", "\n \u200b\n checkout   fails\nfor everyone") == "checkout fails"
    assert title_or_made_up("", "") == UNTITLED
    assert len(title_or_made_up("", "x" * 3000)) == 80


@given(any_text | st.none())
def test_a_project_is_one_line_within_the_limit_or_nothing(text: str | None) -> None:
    name = tried(lambda: clean_project(text))
    if isinstance(name, BotError):
        assert isinstance(name, ProjectTooLong)
        assert name.field == "project"
        return
    assert name is None or (not is_blank(name) and length(name) <= PROJECT_LIMIT and name == one_line(name))


@given(any_text | st.none(), st.integers(1, 50))
def test_longer_text_keeps_its_lines_and_stays_within_its_limit(text: str | None, limit: int) -> None:
    cleaned = tried(lambda: clean_text(text, limit))
    expected = storable(text or "").strip()
    if isinstance(cleaned, str):
        assert cleaned == expected
    else:
        assert isinstance(cleaned, TextTooLong)
    assert isinstance(cleaned, str) == (length(expected) <= limit)


@given(st.text(), st.integers(1, 40))
def test_cut_text_is_within_the_limit_and_shows_that_it_was_cut(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert len(shown) <= limit
    assert shown == text or shown.endswith("…")
