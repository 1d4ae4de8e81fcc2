"""Who and what people mention has its name wherever Slack doesn't draw it."""

from __future__ import annotations

from sandbox.server import Sandbox
from tests.support.bots import start_here
from tests.support.people import Workspace, eventually, shown


def titled(people: Workspace, channel: str, text: str, wanted: str) -> None:
    """Mention the bot until an action item's title, as it's stored, says what is wanted."""

    def look() -> bool:
        people.mention(f"action {text}", channel)
        return any(f"{wanted}*" in shown(each) for each in people.messages(channel))

    eventually(look)


def test_names_are_listed_at_start(sandbox: Sandbox, workspace: Workspace, sqlite_url: str) -> None:
    workspace.post("user-group", handle="oncall", user="ana")
    workspace.post("create-channel", name="secrets", user="ana", private=True)
    bot = start_here(sandbox, sqlite_url)
    channel = workspace.declare()
    titled(workspace, channel, "page @oncall in #random", "page @oncall in #random")
    bot.stop()


def test_groups_and_channels_are_called_what_they_are_called_now(acme: Workspace) -> None:
    channel = acme.declare()
    acme.post("user-group", handle="oncall", user="ana")
    acme.post("create-channel", name="war-room", user="ana")
    titled(acme, channel, "page @oncall in #war-room", "page @oncall in #war-room")
    acme.post("user-group", handle="first-line", user="ana", was="oncall")
    acme.post("rename-channel", channel="war-room", name="peace-room", user="ana")
    titled(acme, channel, "ask @first-line in #peace-room", "ask @first-line in #peace-room")
