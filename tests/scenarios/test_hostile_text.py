"""What people type is shown as typed, wherever they enter it: no ping, no link, no markup, no effect."""

from __future__ import annotations

import re

import pytest

from bot.bootstrap import Bot
from bot.views.kit.text import entities, escape
from tests.support.people import Json, Workspace, eventually, markup, shown
from tests.support.promises import announced, ref

TEXTS = [
    pytest.param("<!channel> wake up", id="a ping of everybody"),
    pytest.param("<@U0BEN> did it", id="a ping of somebody"),
    pytest.param("<!subteam^S1|@all> <!here>", id="pings of groups"),
    pytest.param("<https://evil.example|ok>", id="a link in disguise"),
    pytest.param("<#C0GENERAL> &lt;!channel&gt; &amp;", id="entities"),
    pytest.param("'; DROP TABLE incidents;--", id="SQL"),
    pytest.param("*bold* _it_ ~no~ `code` ``` > quote", id="formatting"),
    pytest.param("{ref} %s {0.__class__} \\n $HOME", id="templates"),
    pytest.param("🔥🔥🔥", id="emoji alone"),
    pytest.param("\u202eقاعدة البيانات\u202c بطيئة", id="right to left"),
]
OURS = re.compile(
    r"^> |<!date\^\d+\^[^<>]*>|<@U0ANA>|<#C\d{10}>|<http://127\.0\.0\.1:\d+/archives/[^<>|]*\|↗>"
)
"""The markup that the bot itself uses."""


@pytest.mark.parametrize("text", TEXTS)
def test_a_title_from_the_form_is_shown_verbatim_everywhere(acme: Workspace, text: str) -> None:
    channel = acme.declare(text, description=text)
    card = eventually(lambda: acme.card(channel))
    assert card["blocks"][0]["text"] == {
        "type": "plain_text",
        "text": f"{ref(channel)} · {text}",
        "emoji": False,
    }
    _is_harmless(card)
    assert f"> {escape(text)}" in shown(card)
    topic = eventually(lambda: acme.channel(channel)["topic"])
    assert topic.endswith(entities(text))
    for line in ("", "timeline", "list all"):
        answer = acme.asked(line, channel)
        assert escape(text) in shown(answer)
        _is_harmless(answer)


@pytest.mark.parametrize("text", TEXTS)
def test_a_title_from_a_command_and_a_note_are_shown_verbatim(acme: Workspace, text: str) -> None:
    channel = acme.declare("plain")
    # By its id, since its name is about to change.
    channel_id = acme.channel(channel)["id"]
    assert escape(text) in acme.publicly(f"rename {text}", channel_id)
    eventually(lambda: text in shown(acme.card(channel_id) or {}))
    acme.command(f"resolve {ref(channel)} {text}")
    told = acme.asked(f"timeline {ref(channel)}")
    assert shown(told).count(escape(text)) >= 3
    _is_harmless(told)


def test_the_announcement_and_the_lines_in_the_channel_are_verbatim(
    workspace: Workspace, sqlite_bot: Bot
) -> None:
    channel = workspace.declare("<!channel> & <https://evil.example|ok>")
    workspace.command("resolve <!here> & <@U0BEN>", channel=channel)
    eventually(lambda: announced(workspace, ref(channel)))
    [announcement] = workspace.announcements()
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|ok&gt;" in shown(announcement)
    _is_harmless(announcement)
    line = eventually(
        lambda: next((each for each in workspace.messages(channel) if "*Resolved*:" in shown(each)), None)
    )
    assert "*Resolved*: &lt;!here&gt; &amp; &lt;@U0BEN&gt;" in shown(line)
    _is_harmless(line)


def test_characters_that_no_database_can_store_are_left_out(workspace: Workspace, bot: Bot) -> None:
    channel = workspace.declare("NUL \x00 and \ud800half", description="a\x00b", project="pq")
    card = eventually(lambda: workspace.card(channel))
    assert "INC-1 · NUL and half" in shown(card)
    assert "> ab" in shown(card)
    assert "1 open incident (pq)" in workspace.command("list project:p\x00q")
    workspace.command("rename still \x00\ud83d here", channel=channel)
    workspace.command("resolve INC-1 with \x00 a note")
    assert "with  a note" in workspace.command("timeline INC-1")
    assert "There is no command `frob`" in workspace.command("fr\x00o\ud800b")
    workspace.command("severity INC-1 low '; DROP TABLE incidents;--")
    assert "INC-1" in workspace.command("list all")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("rename " + "x" * 40_000, "A title can have at most 200 characters; this one has 40,000."),
        ("resolve " + "x" * 40_000, "That's 40,000 characters. Please keep it to 2,000."),
        ("severity low " + "x" * 40_000, "That's 40,000 characters. Please keep it to 2,000."),
        ("x" * 40_000, "There is no command `xxx"),
        ("status " + "🔥" * 10_000, "There is no status “🔥"),
        ("lead " + "x" * 40_000, "I don't know who"),
        ("list project:" + "x" * 40_000, "No open incidents ("),
        ("rename \u200b\u2060", "A title needs at least one visible character."),
        ("INC-1 " * 5_000, "There is no command `INC-1`"),
    ],
)
def test_text_that_is_too_long_or_empty_is_refused_in_a_sentence(
    acme: Workspace, typed: str, answer: str
) -> None:
    channel = acme.declare()
    told = acme.command(typed, channel=channel)
    assert answer in told
    assert len(told) < 10_000
    assert "· Open" in acme.command("", channel=channel)


def test_a_form_refuses_40_000_characters_at_their_field(acme: Workspace) -> None:
    acme.open_form("declare " + "word " * 8_000)
    values = (acme.form("ana") or {})["state"]["values"]
    assert len(values["title"]["title"]["value"]) <= 200
    assert len(values["description"]["description"]["value"]) <= 3_000
    assert set(acme.submit(title="x" * 40_000, description="y" * 40_000)) == {"title", "description"}
    acme.post("view-close", user="ana")


def test_messages_are_quoted_without_pinging_again(acme: Workspace) -> None:
    channel = acme.declare()
    acme.say("@channel <!here> see https://example.org/?a=1&b=<2> 'now'", channel)
    acme.post("message", channel=channel, text="@here <b>&amp;</b>", as_bot="Night <watch> & <!channel>")
    told = acme.asked("timeline all", channel) if acme.timeline(channel, "Night") else {}
    assert "@channel &lt;!here&gt; see" in shown(told)
    assert "Night &lt;watch&gt; &amp; &lt;!channel&gt;: @here &lt;b&gt;" in shown(told)
    assert not re.search(r"<!(?!date\^)", "\n".join(markup(told)))


def _is_harmless(message: Json) -> None:
    """Check that its only markup is the bot's own."""
    for text in markup(message):
        assert not re.search("[<>]", OURS.sub("", text)), text
