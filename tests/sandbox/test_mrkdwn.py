"""mrkdwn on the sandbox's page: shown exactly as Slack shows it, and never as HTML that we didn't write."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.page.mrkdwn import as_typed, plain, render, safe_url, with_emoji

NOON = 1764072000  # 2025-11-25 12:00 UTC, a Tuesday


@dataclass
class Ana:
    zone: tzinfo = UTC
    now: float = NOON
    people: dict[str, str] = field(default_factory=lambda: {"U0ANA": "Ana Alvarez", "U0BEN": "Ben Okafor"})

    def is_me(self, person: str) -> bool:
        return person == "U0ANA"

    def person_name(self, person: str) -> str | None:
        return self.people.get(person)

    def person_handle(self, person: str) -> str | None:
        return {"U0ANA": "ana", "U0BEN": "ben"}.get(person)

    def group_handle(self, group: str) -> str | None:
        return "oncall" if group == "S0ONCALL" else None

    def permalink(self, address: str) -> str | None:
        archive = "http://127.0.0.1:9/archives/"
        return "/as/U0ANA/" + address.removeprefix(archive) if address.startswith(archive) else None

    def channel_link(self, channel: str) -> tuple[str, str] | None:
        return ("general", "/as/U0ANA/C0GENERAL") if channel == "C0GENERAL" else None


def shown(text: str, reader: Ana | None = None) -> str:
    return str(render(text, reader or Ana()))


class Tags(HTMLParser):
    """Every tag with its attributes, and the text that a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.hrefs: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.balanced = True
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.hrefs += [value or "" for name, value in attrs if name == "href"]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.balanced &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _italic_ ~strike~ `code`", "<b>bold</b> <i>italic</i> <s>strike</s> <code>code</code>"),
        ("*bold _and italic_*", "<b>bold <i>and italic</i></b>"),
        ("_*both*_", "<i><b>both</b></i>"),
        ("(*bold*), ~gone~.", "(<b>bold</b>), <s>gone</s>."),
        ("2*3*4 snake_case_name a~b~c", "2*3*4 snake_case_name a~b~c"),
        ("_snake_case_", "<i>snake_case</i>"),
        ("_one_ and _two_", "<i>one</i> and <i>two</i>"),
        ("* not bold *", "* not bold *"),
        ("*two\nlines*", "*two\nlines*"),
        ("**not markdown**", "**not markdown**"),
        ("`*verbatim* :fire:`", "<code>*verbatim* :fire:</code>"),
        ("```\na *b*\n> c\n```", "<pre>a *b*\n&gt; c</pre>"),
        ("before\n```x```\nafter", "before\n<pre>x</pre>after"),
        ("&gt; one\n&gt;two\nthree", "<blockquote>one\ntwo</blockquote>three"),
        ("> raw", "<blockquote>raw</blockquote>"),
        ("a\n&gt;&gt;&gt; b\nc", "a\n<blockquote>b\nc</blockquote>"),
        ("a > b", "a &gt; b"),
        ("• one\n- two\n1. three", "• one\n- two\n1. three"),
        ("&lt;b&gt; &amp;amp; &amp; &nbsp;", "&lt;b&gt; &amp;amp; &amp; &amp;nbsp;"),
        ("<b>hi</b> <script>", "&lt;b&gt;hi&lt;/b&gt; &lt;script&gt;"),
        ("at 12:30:45", "at 12:30:45"),
        (":no_such_emoji:", ":no_such_emoji:"),
    ],
)
def test_marks_become_the_tags_that_slack_shows(text: str, html: str) -> None:
    assert shown(text) == html


def test_emoji_names_become_emoji_that_a_screen_reader_can_name() -> None:
    assert (
        shown(":white_check_mark:")
        == '<span class="emoji" role="img" aria-label="white check mark">✅</span>'
    )


def test_people_and_channels_are_named_and_the_reader_sees_themselves_highlighted() -> None:
    assert shown("<@U0ANA>") == '<span class="mention me" data-user-id="U0ANA">@Ana Alvarez</span>'
    assert shown("<@U0BEN|ben>") == '<span class="mention" data-user-id="U0BEN">@Ben Okafor</span>'
    assert shown("<@U0GONE|old>") == '<span class="mention" data-user-id="U0GONE">@old</span>'
    assert shown("<#C0GENERAL|x>") == '<a class="mention" href="/as/U0ANA/C0GENERAL">#general</a>'
    assert shown("<#C0SECRET|secret-plan>") == '<span class="mention">🔒 private channel</span>'


def test_only_an_unescaped_broadcast_pings() -> None:
    assert 'data-test="ping"' in shown("<!channel> <!here|here>")
    assert shown("&lt;!channel&gt; @channel <!chan>") == "&lt;!channel&gt; @channel &lt;!chan&gt;"
    assert 'data-test="ping"' in shown("`<!channel>`"), (
        "Slack's server resolves mentions before any formatting"
    )


def test_links_open_elsewhere_and_only_for_harmless_schemes() -> None:
    away = 'target="_blank" rel="noopener noreferrer"'
    assert shown("<https://a.example/?x=1&amp;y=2|the *page*>") == (
        f'<a href="https://a.example/?x=1&amp;y=2" {away}>the *page*</a>'
    )
    assert (
        shown("<mailto:ana@acme.example>")
        == f'<a href="mailto:ana@acme.example" {away}>mailto:ana@acme.example</a>'
    )
    assert "<a" not in shown("<javascript:alert(1)|ok> <data:text/html,x|ok> <//evil|ok>")
    assert shown("<http://127.0.0.1:9/archives/C1/p1|there>") == '<a href="/as/U0ANA/C1/p1">there</a>'
    assert shown("&lt;https://evil|ok&gt;") == "&lt;https://evil|ok&gt;"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{date_num} {date_slash}", "2025-11-25 25/11/2025"),
        ("on {date}", "on November 25th"),
        ("on {date_short}", "on Nov 25"),
        ("on {date_long}", "on Tuesday, November 25th"),
        ("{date_long_full}", "November 25, 2025"),
        ("{date_pretty} at {time}", "Today at 6:00 AM"),
        ("since {date_short_pretty}", "since today"),
        ("{date_long_pretty}", "Today"),
        ("{time_secs}", "6:00:00 AM"),
        ("{ago}", "Just now"),
        ("{nonsense} {day_divider_pretty}", "{nonsense} today"),
    ],
)
def test_dates_are_shown_in_the_readers_time_zone_with_every_token_of_slacks(
    template: str, expected: str
) -> None:
    chicago = Ana(zone=ZoneInfo("America/Chicago"))
    assert Tags(shown(f"<!date^{NOON}^{template}|then>", chicago)).text == expected


def test_a_date_keeps_its_year_when_it_is_half_a_year_away() -> None:
    assert Tags(shown(f"<!date^{NOON - 200 * 86400}^x {{date_short}}|f>")).text == "x May 9, 2025"
    assert Tags(shown(f"<!date^{NOON + 90000}^{{date_pretty}}, {{ago}}|f>")).text == "Tomorrow, in 1 day"
    assert (
        Tags(shown("<!date^1392734382^{date_long}, {time_secs}|f>")).text
        == "Tuesday, February 18th, 2014, 2:39:42 PM"
    )


def test_an_invalid_date_shows_its_fallback_and_one_with_a_link_is_a_link() -> None:
    assert shown("<!date^soon^{date}|some day>") == "some day"
    assert shown(f"<!date^{10**20}^{{date}}|far>") == "far"
    assert 'href="https://a.example"' in shown(f"<!date^{NOON}^{{date}}^https://a.example|f>")
    assert "href" not in shown(f"<!date^{NOON}^{{date}}^javascript:x|f>")


def test_plain_text_is_verbatim_and_converts_emoji_only_when_asked() -> None:
    assert plain("*a* <@U1> &amp; :fire:") == "*a* &lt;@U1&gt; &amp;amp; :fire:"
    assert with_emoji("<:fire:>") == "&lt;🔥&gt;"
    assert plain("nul\x00 \ud800") == "nul� �"


def test_the_editor_shows_what_the_author_typed() -> None:
    stored = "<@U0BEN> see <#C0GENERAL|general>: a &lt; b &amp;&amp; <https://a.example/x>"
    assert as_typed(stored, Ana()) == "@ben see #general: a < b && https://a.example/x"


MARKS = ["*", "_", "~", "`", "```", ">", "&gt;", "&lt;", "&amp;", "<", "|", "\n", ":fire:", " ", "a"]
CONTROLS = [
    "<@U0ANA>",
    "<#C0GENERAL|",
    "<!channel>",
    "<!date^1^{time}",
    "<https://x.example|",
    "<javascript:",
]
TRICKS = ["^javascript:alert(1)", '"', "'", " onclick=", "<script>", "</pre>", "\x000\x00", "\x00"]
TEXTS = st.lists(st.sampled_from(MARKS + CONTROLS + TRICKS) | st.text(max_size=5), max_size=25).map("".join)
OURS = {
    *((tag, ()) for tag in ("b", "i", "s", "code", "pre", "blockquote")),
    ("time", ("title",)),
    ("a", ("href",)),
    ("a", ("href", "rel", "target")),
    ("a", ("class", "href")),
    ("span", ("class",)),
    ("span", ("class", "data-user-id")),
    ("span", ("class", "data-test")),
    ("span", ("aria-label", "class", "role")),
}


@given(TEXTS)
def test_no_text_yields_html_that_we_did_not_write(text: str) -> None:
    parsed = Tags(shown(text))
    assert set(parsed.tags) <= OURS
    assert parsed.balanced and not parsed.open
    assert all(href.startswith("/as/") or safe_url(href) for href in parsed.hrefs)


@given(st.text(st.characters(codec="utf-8", exclude_characters="*_~`<>&:\r")))
def test_text_without_markup_is_shown_character_by_character(text: str) -> None:
    assert Tags(shown(text)).text == Tags(str(plain(text))).text


@given(st.text())
def test_escaped_text_pings_nobody_and_links_nowhere(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html = shown(escaped)
    assert "data-test" not in html and "<a " not in html and "data-user-id" not in html


@pytest.mark.parametrize(
    "piece",
    ["*a ", "_a ", "~a ", "`a", "<a", "_a_b ", ":a", "``` ", "&gt;\n", "*", "_", "a_", "> _*~`<!date^"],
)
def test_rendering_a_long_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    started = time.thread_time()
    shown(piece * (40_000 // len(piece)))
    assert time.thread_time() - started < 2
