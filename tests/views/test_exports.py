"""A postmortem's document: everything that goes in comes out, and what people wrote stays text."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.domain.kit.text import duration, storable
from bot.domain.postmortems.documents import Document, ThreadReply
from bot.domain.postmortems.model import LessonLearned, TimelineEvent
from bot.views.kit.emoji import with_emoji
from bot.views.postmortems.exports import CANVAS_EVENTS, as_json, canvas_markdown, html, markdown
from bot.views.postmortems.outline import EMPTY
from sandbox.page import markdown as slacks
from sandbox.webapi.canvases import MAX_CHARACTERS
from tests.support.examples import HOSTILE, NOW, any_text, document, incident, item, postmortem

NASTY = (
    *HOSTILE,
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![img](http://evil.example) <http://evil.example>",
    "# no heading\n- no list\n1. no number\n> no quote\n```\nno code\n```\n---\n| a | b |",
    '=HYPERLINK("http://evil.example") +1 -1 @SUM(1) {{ 7*7 }} {% raw %} ${x}',
    "![](@U0BEN) ![](#C0INC) ![](slack_date:2026-01-01) :fire: <!channel>",
    "a_b_c *x* ~~y~~ `z` \\ & &amp; ^1 $x$",
)
words = st.sampled_from(NASTY) | any_text


class Text(HTMLParser):
    """The words of a page, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._is_style = tag == "style"
        assert all(not name.startswith("on") for name, _ in attrs)
        assert all((value or "").startswith("https://") for name, value in attrs if name in {"href", "src"})

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.words.append(data)


def read(page: str) -> tuple[str, list[str]]:
    """(words on one line, tags) of HTML."""
    parser = Text()
    parser.feed(page)
    parser.close()
    return squeezed("".join(parser.words)), parser.tags


def squeezed(text: str) -> str:
    """The text with emoji and without any space or fence: each format breaks lines in its own way."""
    return "".join(with_emoji(text).split()).replace("`", "")


def filled(text: str) -> Document:
    """A document with the text in every field."""
    found = postmortem(
        title=" ".join(text.split())[:200],
        summary=text[:3000],
        completed_despite=text[:500],
        impact=text[:3000],
        root_causes=(text[:300],),
        lessons_learned=(LessonLearned(text[:600]),),
        timeline=(TimelineEvent(NOW, text, files=({"name": text[:80], "permalink": None},)),),
    )
    return document(
        found,
        incident=incident(title=text[:200]),
        people=(("Commander", text[:80]),),
        items=((item(title=text[:200]), text[:80]),),
        discussion=(ThreadReply(text[:80], text, None),),
    )


@given(words.map(storable).filter(str.strip))
def test_what_people_wrote_stays_text_in_markdown_html_and_a_canvas(text: str) -> None:
    said, plain = filled(text), squeezed(text[:300])
    oracle = MarkdownIt("gfm-like", {"linkify": False})
    for page in (html(said), oracle.render(markdown(said)), str(slacks.render(canvas_markdown(said)))):
        seen, tags = read(page)
        assert not {"script", "img", "blockquote", "iframe"} & set(tags)
        assert text.count("```") >= 2 or not {"pre", "code"} & set(tags)
        assert "http-equiv" in page or "<meta" not in page
        assert seen.count(plain) >= 1


@given(words.map(storable).filter(str.strip))
def test_every_field_is_in_every_export(text: str) -> None:
    said = filled(text)
    title, short = squeezed(said.postmortem.title), squeezed(text[:80])
    for page in (html(said), MarkdownIt("gfm-like", {"linkify": False}).render(markdown(said))):
        seen, _ = read(page)
        assert title in seen
        # Summary, impact, cause, lesson, event, item, person, owner, reply, note on completion.
        assert seen.count(short) >= 10


@given(words.map(storable))
def test_json_contains_everything(text: str) -> None:
    said = filled(text)
    found = json.loads(as_json(said))
    assert found["postmortem"]["summary"] == said.postmortem.summary
    assert found["postmortem"]["root_causes"] == list(said.postmortem.root_causes)
    assert found["postmortem"]["timeline"][0]["event"] == text
    assert found["incident"]["declared_at"] == NOW.isoformat()
    assert found["items"][0][0]["title"] == said.items[0][0].title


def test_unknown_values_say_what_belongs_there() -> None:
    empty = document(
        postmortem(summary="", impact="", root_causes=(), lessons_learned=(), timeline=()), items=()
    )
    for page in (html(empty), markdown(empty)):
        seen = page.replace("&#39;", "'")
        assert all(hint in seen for hint in EMPTY.values())


def test_the_timeline_shows_time_date_distance_and_gaps() -> None:
    events = (
        TimelineEvent(NOW, "Declared"),
        TimelineEvent(NOW + timedelta(minutes=95), "Found", gap=95 * 60),
        TimelineEvent(NOW + timedelta(days=1), "Done", gap=22 * 3600),
    )
    text = markdown(document(postmortem(timeline=events)))
    for line in (
        "**Mon 2 Mar 2026**",
        "- **10:30** (start) Declared",
        "- *1 h 35 min without an event*",
        "- **12:05** (+1 h 35 min) Found",
        "**Tue 3 Mar 2026**",
        "- **10:30** (+1 d) Done",
    ):
        assert line in text


def test_two_thousand_entries_export_in_under_a_second_and_the_canvas_keeps_its_limit() -> None:
    events = tuple(TimelineEvent(NOW + timedelta(minutes=n), "x" * 4000) for n in range(2000))
    large = document(postmortem(timeline=events))
    for export in (markdown, html, as_json, canvas_markdown):
        started = time.process_time()
        export(large)
        assert time.process_time() - started < 1
    text = canvas_markdown(large)
    assert len(text) < MAX_CHARACTERS
    assert (
        f"… and {2000 - CANVAS_EVENTS} more in [the channel](https://acme.slack.com/archives/C0INC)" in text
    )


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3900, "1 h 5 min"), (90000, "1 d 1 h")]
)
def test_durations_are_short(seconds: int, said: str) -> None:
    assert duration(timedelta(seconds=seconds)) == said


def test_invalid_links_are_not_links() -> None:
    odd: Any = ({"name": "a.txt", "permalink": "javascript:alert(1)"},)
    said = document(postmortem(timeline=(TimelineEvent(NOW, "x", "ftp://x", odd),)))
    assert "javascript:" not in html(said)
    assert "](javascript" not in markdown(said)


TRACE = "Traceback:\n  File <x>, *line* 1\n\nKeyError: `a` ..."
SAID = f"Ana: it says\n```{TRACE}```\nso :fire:"


def test_code_blocks_keep_their_lines_in_every_format() -> None:
    said = document(
        postmortem(
            summary=SAID,
            impact=SAID,
            lessons_learned=(LessonLearned(SAID),),
            timeline=(TimelineEvent(NOW, SAID, "https://x.example/a"), TimelineEvent(NOW, "next")),
        ),
        discussion=(ThreadReply("Ben", SAID, None),),
    )
    for text in (markdown(said), canvas_markdown(said)):
        assert text.count(f"\n\n```\n{TRACE}\n```\n\nso 🔥") == 5
        assert "\n\nso 🔥 [message](https://x.example/a)\n\n- **10:30** (start) next" in text
    page = html(said)
    assert page.count("<pre>Traceback:\n  File &lt;x&gt;, *line* 1\n\nKeyError: `a` ...</pre>") == 5
    assert page.count("so 🔥") == 5
    oracle = MarkdownIt("gfm-like", {"linkify": False})
    for shown in (oracle.render(markdown(said)), str(slacks.render(canvas_markdown(said)))):
        assert shown.count("  File &lt;x&gt;, *line* 1\n\nKeyError: `a` ...") == 5
        assert "<li><pre" not in shown


def test_code_cannot_end_its_own_fence() -> None:
    tricky = "```a\n````b\n# c```"
    text = markdown(document(postmortem(timeline=(TimelineEvent(NOW, tricky),))))
    assert "<h1>c</h1>" not in MarkdownIt("gfm-like", {"linkify": False}).render(text)


def test_emoji_codes_are_emoji_in_every_field() -> None:
    said = filled("pool :fire: down :acme:")
    for page in (markdown(said), canvas_markdown(said), html(said)):
        assert ":fire:" not in page
        assert page.count("🔥") >= 10
    assert ":fire:" in as_json(said)
