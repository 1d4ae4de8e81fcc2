"""Every message of an incident's channel is on its timeline; a deletion is mentioned, the text isn't kept."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData, select

from bot.bootstrap import Bot
from tests.support.people import Workspace, eventually, shown


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of an incident for this test alone, with Ben in it and the bot's own messages posted."""
    declared = acme.declare()
    acme.post("join", channel=declared, user="ben")
    eventually(lambda: acme.channel(declared)["purpose"] and acme.channel(declared)["pins"])
    return declared


def test_thread_replies_and_broadcasts_are_on_the_timeline(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the pool", channel)
    acme.say("Which one?", channel, user="ben", thread_ts=ts)
    acme.say("The big one", channel, thread_ts=ts, broadcast=True)
    told = acme.timeline(channel, "The big one")
    assert told.index("<@U0ANA>: It is the pool") < told.index("<@U0BEN>: Which one?") < told.index("The big")


def test_files_are_kept_with_name_and_link(acme: Workspace, channel: str) -> None:
    files = [{"name": "pool.png"}, {"name": "a|b <c>.txt", "content": "x"}]
    acme.post("message", channel=channel, user="ana", text="Look", files=files)
    acme.post("message", channel=channel, user="ana", files=[{"name": "alone.log"}])
    told = acme.timeline(channel, "alone.log")
    assert f"Look 📎 <{acme.url}/files/" in told
    assert "|pool.png>" in told
    assert "|a b &lt;c&gt;.txt>" in told


def test_other_bots_are_named(acme: Workspace, channel: str) -> None:
    acme.post("message", channel=channel, text="5xx at 4 %", as_bot="Nightwatch")
    assert "Nightwatch: 5xx at 4 %" in acme.timeline(channel, "5xx at 4 %")


def test_an_edit_replaces_the_text_and_is_mentioned(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the cache", channel)
    acme.post("edit-message", channel=channel, ts=ts, user="ana", text="It is the pool")
    told = acme.timeline(channel, "It is the pool _(edited)_")
    assert "cache" not in told


@pytest.mark.parametrize("in_thread", [False, True], ids=["in the channel", "in a thread"])
def test_deleted_text_is_nowhere_in_the_database(
    acme: Workspace, acme_bot: Bot, channel: str, in_thread: bool
) -> None:
    more = {"thread_ts": acme.say("a thread", channel)} if in_thread else {}
    secret = f"the password is swordfish {channel}"
    ts = acme.say(secret, channel, files=[{"name": f"swordfish-{channel}.txt"}], **more)
    acme.timeline(channel, "swordfish")
    acme.post("delete-message", channel=channel, ts=ts, user="ana")
    told = acme.timeline(channel, "<@U0ANA>: _message deleted_")
    assert "swordfish" not in told
    assert f"swordfish {channel}" not in _everything(acme_bot)
    assert f"swordfish-{channel}" not in _everything(acme_bot)


def test_the_first_message_of_a_thread_can_be_deleted_too(acme: Workspace, channel: str) -> None:
    ts = acme.say("the secret head", channel)
    acme.say("the reply", channel, user="ben", thread_ts=ts)
    acme.timeline(channel, "the reply")
    acme.post("delete-message", channel=channel, ts=ts, user="ana")
    told = acme.timeline(channel, "<@U0ANA>: _message deleted_")
    assert "secret head" not in told
    assert "<@U0BEN>: the reply" in told


def test_joins_topics_and_the_bots_messages_are_not_on_the_timeline(acme: Workspace, channel: str) -> None:
    acme.command("severity low", channel=channel)
    eventually(lambda: "🟠 High" in acme.channel(channel)["topic"])
    eventually(lambda: [each for each in acme.messages(channel) if "*🔵 Low*" in shown(each)])
    acme.say("the only fact", channel)
    assert "3 entries" in acme.timeline(channel, "the only fact")


def test_deleting_a_message_that_is_not_on_the_timeline_adds_nothing(acme: Workspace, channel: str) -> None:
    [join] = [each["ts"] for each in acme.messages(channel) if each.get("subtype") == "channel_join"][:1]
    acme.post("delete-message", channel=channel, ts=join, user="ana")
    card = (acme.card(channel) or {})["ts"]
    acme.say("about the card", channel, thread_ts=card)
    acme.post("delete-message", channel=channel, ts=card, user="ana")
    acme.say("the last fact", channel)
    told = acme.timeline(channel, "the last fact")
    assert "message deleted" not in told
    assert "3 entries" in told


def test_other_channels_feed_no_timeline(acme: Workspace, acme_bot: Bot, channel: str) -> None:
    acme.post("join", channel="random", user="muster")
    ts = acme.say("nothing to do with it zanzibar", "random")
    acme.post("reaction", channel="random", ts=ts, user="ana", name="pushpin")
    acme.say("a fact", channel)
    acme.timeline(channel, "a fact")
    assert "zanzibar" not in _everything(acme_bot)


def test_characters_that_no_database_can_store_are_left_out_of_a_message(
    workspace: Workspace, bot: Bot
) -> None:
    channel = workspace.declare()
    workspace.say("NUL \x00 and \ud800 a half", channel)
    ts = workspace.say("x", channel)
    workspace.post("edit-message", channel=channel, ts=ts, user="ana", text="edited \x00 too")
    told = workspace.timeline(channel, "edited too")
    assert "NUL and a half" in told


def _everything(bot: Bot) -> str:
    """Everything that the database holds, as text."""
    held = MetaData()
    held.reflect(bot.database.engine)
    with bot.database.engine.connect() as connection:
        return "\n".join(str(list(connection.execute(select(table)))) for table in held.sorted_tables)
