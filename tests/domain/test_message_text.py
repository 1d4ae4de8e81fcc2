"""A message is more than its text: everything that it says is found once, in order, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kit.json import Json
from bot.domain.messages.blocks import texts_of
from bot.domain.messages.rich_text import rich_text
from bot.domain.messages.slack_messages import posted_message
from bot.domain.messages.text import MAX_TEXT, Headed, attached_files, headed, text_of

BOT: Json = {"ts": "1710000005.000100", "bot_id": "B1", "subtype": "bot_message", "username": "Nightwatch"}
PERSON: Json = {"ts": "1710000005.000100", "user": "U0ANA"}


def typed(*texts: str) -> Json:
    """What a person typed, as rich text."""
    parts = [{"type": "text", "text": each} for each in texts]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def forwarded(text: str, **more: Any) -> Json:
    """An attachment that forwards a message."""
    original = {"team": "T1", "channel": "C1", "ts": "1.1", "message": {"blocks": [typed(text)]}}
    shared = {"is_share": True, "is_msg_unfurl": True, "from_url": "https://acme.slack.com/archives/C1/p11"}
    named = {"author_id": "U0BEN", "author_name": "Ben", "fallback": f"[March 2nd] ben: {text}", "id": 1}
    return {**shared, **named, "text": text, "message_blocks": [original], **more}


ALERT: Json = {
    "fallback": "[FIRING:1] HighCPU",
    "pretext": "Alertmanager",
    "title": "[FIRING:1] HighCPU",
    "title_link": "https://prom.example/alerts",
    "text": "CPU is at 99 %",
    "fields": [{"title": "Region", "value": "eu-1", "short": True}, {"title": "Severity", "value": "page"}],
    "actions": [{"type": "button", "text": "Silence"}],
}
ALERT_TEXT = "Alertmanager\n[FIRING:1] HighCPU\nCPU is at 99 %\nRegion: eu-1\nSeverity: page"
BLOCKS: list[Json] = [
    {"type": "header", "text": words("HighCPU & more")},
    {
        "type": "section",
        "text": mrkdwn("*web-1* is hot"),
        "accessory": {"type": "button", "text": words("Ack")},
    },
    {"type": "section", "fields": [mrkdwn("*Region*\neu-1"), words("page <me>")]},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "image", "alt_text": "logo"}, mrkdwn("by prom")]},
    {"type": "actions", "elements": [{"type": "button", "text": words("Silence")}]},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "pod"}, typed("state")], [{"type": "x"}, 3]]},
    {"type": "markdown", "text": "# Runbook\nsee **this** [page](https://wiki.example/a)"},
    {"type": "unheard_of", "text": words("nothing")},
]
BLOCK_TEXTS = (
    "HighCPU &amp; more\n*web-1* is hot\n*Region*\neu-1\npage &lt;me&gt;\nby prom\npod | state\n"
    "Runbook\nsee *this* <https://wiki.example/a|page>"
)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({**PERSON, "text": "it is <@U0BEN> & down "}, "it is <@U0BEN> & down "),
        ({**PERSON, "text": "it is down", "blocks": [typed("it is ", "down")]}, "it is down"),
        ({**PERSON, "text": "", "blocks": [typed("only ", "<here>")]}, "only &lt;here&gt;"),
        (
            {**BOT, "text": "", "attachments": [ALERT]},
            ALERT_TEXT,
        ),
        ({**BOT, "text": "", "blocks": BLOCKS}, BLOCK_TEXTS),
        ({**BOT, "attachments": [{"color": "#f00", "blocks": BLOCKS, "fallback": "x"}]}, BLOCK_TEXTS),
        (
            {**BOT, "attachments": [{"fallback": "a chart", "image_url": "https://x.example/a.png"}]},
            "a chart",
        ),
        (
            {**PERSON, "text": "look", "blocks": [typed("look")], "attachments": [forwarded("disk is full")]},
            "look\nForwarded from Ben:\ndisk is full",
        ),
        (
            {
                **PERSON,
                "attachments": [
                    forwarded("", author_name="", message_blocks=None, fields=[], blocks=BLOCKS[:1])
                ],
            },
            "Forwarded from <@U0BEN>:\nHighCPU &amp; more",
        ),
        (
            {**BOT, "text": "first", "attachments": [ALERT, forwarded("second")], "blocks": [BLOCKS[0]]},
            f"first\nForwarded from Ben:\nsecond\n{ALERT_TEXT}\nHighCPU &amp; more",
        ),
    ],
)
def test_a_message_says_all_of_this_in_this_order(message: Json, says: str) -> None:
    assert text_of(message) == says
    assert posted_message(message, "C1").text == says


PREVIEW: Json = {
    "from_url": "https://news.example/a",
    "original_url": "https://news.example/a",
    "service_name": "News",
    "title": "Ten tips",
    "text": "You won't believe it",
    "fallback": "News: Ten tips",
}


@pytest.mark.parametrize("author", [PERSON, BOT])
@pytest.mark.parametrize(
    "preview", [PREVIEW, {"from_url": "u", "is_app_unfurl": True, "bot_id": "B1", "blocks": BLOCKS}]
)
def test_a_links_preview_is_not_part_of_the_message(author: Json, preview: Json) -> None:
    assert text_of({**author, "text": "<https://news.example/a>", "attachments": [preview]}) == (
        "<https://news.example/a>"
    )
    assert text_of({**author, "text": "", "attachments": [preview]}) == ""


def test_an_attachment_of_the_bot_itself_is_part_of_it_wherever_it_comes_from() -> None:
    own = {"from_url": "https://prom.example", "title": "HighCPU"}
    assert text_of({**BOT, "attachments": [own]}) == "HighCPU"
    assert text_of({**PERSON, "text": "see", "attachments": [own]}) == "see"


@pytest.mark.parametrize(
    "placeholder",
    [
        "[no preview available]",
        "This content can't be displayed.",
        "This content can’t be displayed.",
        "This message contains interactive elements.",
        "NO FALLBACK DEFINED",
        " \n",
    ],
)
def test_what_clients_show_for_want_of_words_is_no_text(placeholder: str) -> None:
    for message in (
        {**BOT, "text": placeholder},
        {**BOT, "attachments": [{"fallback": placeholder}]},
        {**PERSON, "attachments": [forwarded(placeholder, fallback=placeholder, message_blocks=[])]},
        {**BOT, "blocks": [{"type": "section", "text": mrkdwn(placeholder)}]},
    ):
        assert text_of(message).strip() == ""
        assert headed(message) == Headed("", "")
    assert text_of({**BOT, "text": placeholder, "blocks": [BLOCKS[0]]}) == "HighCPU &amp; more"


@pytest.mark.parametrize(
    "text", ["HighCPU & more web-1 is hot", "HighCPU &amp; more\n*web-1* is hot", ":fire: HighCPU", "HighCPU"]
)
def test_what_a_bot_repeats_for_notifications_is_said_once(text: str) -> None:
    told = text_of({**BOT, "text": text, "blocks": BLOCKS[:2]})
    assert (told.count("HighCPU"), told.count("hot")) == (1, 1)
    attached = {"fallback": text, "text": text, "blocks": BLOCKS[:2]}
    assert text_of({**BOT, "text": text, "attachments": [attached]}).count("HighCPU") == 1


def test_alerts_in_one_message_keep_facts_that_they_share() -> None:
    other = {**ALERT, "title": "[FIRING:2] DiskFull", "text": "disk at 98 %"}
    assert text_of({**BOT, "attachments": [ALERT, other]}).count("Region: eu-1") == 2


@pytest.mark.parametrize(
    ("message", "headline", "rest"),
    [
        ({**BOT, "text": "CPU", "blocks": BLOCKS[:2]}, "HighCPU &amp; more", "CPU\n*web-1* is hot"),
        (
            {**BOT, "attachments": [ALERT]},
            "[FIRING:1] HighCPU",
            "Alertmanager\nCPU is at 99 %\nRegion: eu-1\nSeverity: page",
        ),
        ({**BOT, "text": "*[DOWN]* web-1\nsince 10:00"}, "[DOWN] web-1", "since 10:00"),
        ({**BOT, "blocks": [BLOCKS[1], BLOCKS[4]]}, "web-1 is hot", "by prom"),
        ({**PERSON, "text": "one\nline\n\nand more"}, "one\nline", "and more"),
        ({**PERSON, "text": "it's down"}, "it's down", ""),
        ({**PERSON, "attachments": [forwarded("disk is full")]}, "disk is full", "Forwarded from Ben"),
        (
            {**PERSON, "text": "help", "attachments": [forwarded("", title="HighCPU")]},
            "help",
            "Forwarded from Ben:\nHighCPU",
        ),
        (
            {**PERSON, "attachments": [forwarded("", message_blocks=[{"message": {"blocks": BLOCKS[:2]}}])]},
            "HighCPU &amp; more",
            "Forwarded from Ben:\n*web-1* is hot",
        ),
    ],
)
def test_the_headline_is_the_header_the_title_or_the_first_line(
    message: Json, headline: str, rest: str
) -> None:
    assert headed(message) == Headed(headline, rest)


def test_files_of_forwarded_messages_are_the_messages_files() -> None:
    shared = forwarded("see", files=[{"name": "b.png", "permalink": "https://x.example/b"}, None])
    message = {
        **PERSON,
        "files": [{"title": "a.png"}, 7],
        "attachments": [shared, {**PREVIEW, "files": [{}]}],
    }
    assert [each["name"] for each in posted_message(message, "C1").files] == ["a.png", "b.png"]
    assert len(attached_files(message)) == 2


@pytest.mark.parametrize(
    ("element", "markup"),
    [
        ({"type": "text", "text": "a < b & <!channel>"}, "a &lt; b &amp; &lt;!channel&gt;"),
        ({"type": "text", "text": " x ", "style": {"bold": True, "italic": True}}, " *_x_* "),
        ({"type": "text", "text": "x", "style": {"code": True}}, "`x`"),
        (
            {"type": "link", "url": "https://x.example/a?b=1&c|d", "text": "a|b"},
            "<https://x.example/a?b=1&amp;c%7Cd|a b>",
        ),
        ({"type": "link", "url": "https://x.example"}, "<https://x.example>"),
        ({"type": "user", "user_id": "U0BEN"}, "<@U0BEN>"),
        ({"type": "user", "user_id": "U1> <!channel"}, ""),
        ({"type": "usergroup", "usergroup_id": "S1"}, "<!subteam^S1>"),
        ({"type": "channel", "channel_id": "C1"}, "<#C1>"),
        ({"type": "broadcast", "range": "here"}, "<!here>"),
        ({"type": "emoji", "name": "wave::skin-tone-2", "unicode": "1f44b"}, ":wave::skin-tone-2:"),
        ({"type": "date", "timestamp": 1, "format": "{date}", "fallback": "1970"}, "<!date^1^{date}|1970>"),
        ({"type": "color", "value": "#F405B3"}, "#F405B3"),
        (
            {"type": "file", "file_id": "F1", "text": "a.png", "url": "https://x.example/f"},
            "<https://x.example/f|a.png>",
        ),
        ({"type": "unheard_of", "text": "x"}, ""),
        ({"text": "x"}, ""),
    ],
)
def test_each_element_of_rich_text_becomes_slacks_own_markup(element: Json, markup: str) -> None:
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}
    assert rich_text(block) == markup.strip("\n") if markup.strip() else rich_text(block) == ""


def test_lists_quotes_and_code_keep_their_lines() -> None:
    def section(text: str) -> Json:
        return {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}

    block = {
        "type": "rich_text",
        "elements": [
            section("before\n"),
            {"type": "rich_text_list", "style": "bullet", "elements": [section("a"), section("b")]},
            {
                "type": "rich_text_list",
                "style": "ordered",
                "indent": 1,
                "offset": 2,
                "elements": [section("c")],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "Trace:\n  at <x>\n"}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "so\nhe said"}]},
        ],
    }
    assert rich_text(block) == (
        "before\n• a\n• b\n    3. c\n```\nTrace:\n  at &lt;x&gt;\n```\n&gt; so\n&gt; he said"
    )


def deep(levels: int) -> Json:
    """Containers in containers, and texts in texts."""
    block: Json = {"type": "header", "text": words("innermost")}
    for _ in range(levels):
        block = {"type": "container", "title": {"type": "section", "text": block}, "child_blocks": [block]}
        block = {"type": "section", "text": block}
    return block


def test_a_thousand_blocks_and_deep_nesting_are_survived() -> None:
    many = [{"type": "section", "text": mrkdwn(f"{number} " * 100)} for number in range(1000)]
    assert len(text_of({**BOT, "blocks": many})) == MAX_TEXT
    assert headed({**BOT, "blocks": many}).headline
    list(texts_of(deep(12)))
    nested: Json = {"text": "innermost"}
    for _ in range(500):
        nested = {"is_share": True, "attachments": [nested]}
    text_of({**PERSON, "attachments": [nested]})


shapes = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "rich_text", "<!channel>"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["type", "text", "elements", "fields", "title", "value", "blocks", "attachments", "rows", "files",
             "message_blocks", "message", "style", "url", "name", "is_share", "from_url", "fallback", "room",
             "date_start", "date_end", "participants", "child_blocks", "range", "timestamp", "indent"]
        ),
        inner | st.sampled_from(["section", "rich_text_list", "rich_text_section", "table", "link"]),
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(shapes, shapes, shapes, shapes, st.sampled_from([None, "huddle_thread", "bot_message"]))
def test_hostile_shapes_are_survived(a: Any, b: Any, c: Any, d: Any, subtype: str | None) -> None:
    message = {
        "ts": "1.1",
        "text": a,
        "blocks": b,
        "attachments": c,
        "room": d,
        "files": d,
        "subtype": subtype,
    }
    message |= {"bot_profile": a, "edited": b, "username": c, "user": d}
    json.dumps(posted_message(message, "C1").text)
    headed(message)
