"""What users wrote is shown as they wrote it: no ping, no link, nothing cut in two."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kit.text import plain_from_markup
from bot.views.kit.text import (
    channel_link,
    entities,
    escape,
    escape_within,
    local_time,
    mention,
    quote_message,
)
from tests.support.examples import NAMES, NOW, any_text
from tests.support.people import as_read
from tests.support.rendering import drawn
from tests.views.screens import OURS

TOKENS = (
    "<!channel>",
    "<!here|here>",
    "<!everyone|@everyone>",
    "<!subteam^S0AB|@ops>",
    "<!subteam^S0AB>",
    "<!unheard_of^1|of>",
    "<@U0BEN>",
    "<#C1|general>",
    "<https://x.example/a?b=1&amp;c=2|label>",
    "<mailto:a@b.example|a@b.example>",
    "&lt;!channel&gt;",
    "&amp;",
)
slack_markup = st.lists(st.sampled_from(TOKENS) | st.text().map(escape)).map("".join)
broken_markup = st.lists(
    st.sampled_from([*TOKENS, "<", ">", "&", "|", "<!", "<@", "&lt;!", "\n", "```", "`"]) | st.text()
).map("".join)
limits = st.integers(2, 400)
INERT = re.compile(r"<!date\^0\^\{_\}\|[*_~`]>")
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(any_text)
def test_escaped_text_has_no_markup_and_reads_as_it_was(text: str) -> None:
    shown = escape(text)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", INERT.sub("", shown))
    assert as_read(shown).rstrip(DIRECTIONS) == text.rstrip(DIRECTIONS)


@given(any_text, limits)
def test_escaped_text_keeps_its_limit_and_cuts_no_entity(text: str, limit: int) -> None:
    shown = escape_within(text, limit)
    assert len(shown) <= limit
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", INERT.sub("", shown))
    kept = as_read(shown).removesuffix("…").rstrip(DIRECTIONS)
    assert shown == escape(text) or (shown.endswith("…") and text.startswith(kept))


@given(slack_markup | broken_markup, limits)
def test_a_quoted_message_pings_no_group_and_is_never_cut_within_a_token(markup: str, limit: int) -> None:
    shown = quote_message(markup, NAMES, limit)
    assert len(shown) <= limit
    assert "<!" not in INERT.sub("", shown)
    outside = re.sub(r"<[^<>]*>", "", shown)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", outside)


@given(broken_markup, limits)
def test_a_quoted_code_block_is_closed(markup: str, limit: int) -> None:
    if markup.count("```") == 2 and "`" not in markup.replace("```", ""):
        assert quote_message(markup, NAMES, limit).count("```") in {0, 2}


@given(slack_markup)
def test_a_quoted_messages_tokens_are_those_of_the_message(markup: str) -> None:
    shown = INERT.sub("", quote_message(markup, NAMES))
    assert set(re.findall(r"<[^<>]*>", shown)) <= set(re.findall(r"<[^<>]*>", markup))


@given(broken_markup)
def test_quoting_twice_changes_nothing(markup: str) -> None:
    once = quote_message(markup, NAMES)
    assert quote_message(once, NAMES, 1000) == once


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("all <!channel> look", "all @channel look"),
        ("<!subteam^S1|@ops> and <!subteam^S1>", "@ops and a group"),
        ("<@U0BEN> sees <https://x.example|it>", "<@U0BEN> sees <https://x.example|it>"),
        ("&lt;!channel&gt; &amp;lt;", "&lt;!channel&gt; &amp;lt;"),
        ("two\n\nlines  here", "two lines here"),
        ("", ""),
        ("x" * 400, "x" * 299 + "…"),
        ("x" * 290 + "<https://x.example/long>", "x" * 290 + "…"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("it\nsays\n```Trace:\n\n  at &lt;x&gt;```\n\nso", "it says ```Trace:\n\n  at &lt;x&gt;``` so"),
        ("```<!channel>\n<!here>```", "```@channel\n@here```"),
        ("x ```open\nend", "x " + "<!date^0^{_}|`>" * 3 + "open end"),
        ("```" + "x\n" * 400 + "```", "```" + ("x\n" * 400)[:293] + "…```"),
    ],
)
def test_messages_are_quoted_like_this(markup: str, shown: str) -> None:
    assert quote_message(markup, NAMES) == shown


@given(st.text())
def test_what_a_person_typed_comes_back_from_slacks_escaping(typed: str) -> None:
    assert plain_from_markup(entities(typed), NAMES) == unescape(entities(typed)) == typed
    assert plain_from_markup(escape(typed), NAMES).rstrip(DIRECTIONS) == typed.rstrip(DIRECTIONS)


def test_a_date_in_a_message_becomes_its_fallback_in_plain_text() -> None:
    assert plain_from_markup(f"since {local_time(NOW)}", NAMES) == "since 2026-03-02 09:30 UTC"


def test_our_own_markup_is_understood_by_slack() -> None:
    parts = [mention("U0ANA"), channel_link("C0INC", "x"), local_time(NOW)]
    assert all(OURS.fullmatch(part) for part in parts)
    assert local_time(NOW).startswith(f"<!date^{int(NOW.timestamp())}^")


def test_a_channel_that_does_not_exist_yet_is_shown_by_its_name() -> None:
    assert channel_link(None, "inc-1-a") == "#inc-1-a"


@pytest.mark.parametrize("mark", ["*", "_", "~", "`", "```"])
@pytest.mark.parametrize(
    "around", ["{0}all{0}", "say {0}it{0} now", "a {0}b", "{0}", "(x{0} y{0})", "ü{0}ber{0}", "a{0}b c{0}"]
)
def test_no_mark_formats_anything_or_ends_our_own_formatting(around: str, mark: str) -> None:
    text = around.format(mark)
    html = drawn(f"*{escape(text)}* then")
    assert re.findall(r"</?(?:b|i|s|code|pre)>", html) == ["<b>", "</b>"], html
    assert text in re.sub(r"<[^>]*>", "", html).replace("&#39;", "'")
