"""What people change elsewhere in Slack: a channel is shared or deleted, an account is deactivated."""

from __future__ import annotations

import pytest

from sandbox.server import Sandbox
from tests.support.people import Json, Workspace, eventually, shown


def saying(workspace: Workspace, channel: str, wanted: str) -> list[Json]:
    return [each for each in workspace.messages(channel) if wanted in shown(each)]


@pytest.mark.usefixtures("sqlite_bot")
def test_a_private_channel_that_is_shared_is_followed_to_its_new_id(workspace: Workspace) -> None:
    channel = workspace.declare("The swordfish is late", private=["private"])
    old = workspace.channel(channel)["id"]
    new = workspace.post("share-channel", channel=channel, user="ana")["channel"]
    assert new != old
    eventually(lambda: saying(workspace, channel, "shared with another organization"))
    workspace.say("still here", channel)
    assert workspace.timeline(channel, "still here")
    assert "Resolved" in workspace.publicly("resolve", channel)
    eventually(lambda: "Resolved" in shown(workspace.card(channel) or {}))
    assert len(workspace.cards(channel)) == 1
    assert len(saying(workspace, channel, "shared with another organization")) == 1


@pytest.mark.usefixtures("sqlite_bot")
def test_an_incident_goes_on_when_its_channel_is_deleted(workspace: Workspace) -> None:
    channel = workspace.declare("Cache is cold")
    number = channel.split("-")[1]
    workspace.post("delete-channel", channel=channel, user="ana")
    told = workspace.told_directly("ana", "was deleted")
    assert f"INC-{number}" in shown(told)
    assert "is now resolved" in workspace.command(f"resolve INC-{number}")
    eventually(lambda: "Resolved" in shown(workspace.announcements()[0]))
    assert "couldn't" not in workspace.command("doctor")
    dead = [each for each in workspace.private("ana") if "couldn't" in shown(each)]
    assert dead == []


@pytest.mark.usefixtures("sqlite_bot")
def test_a_deletion_that_nobody_reported_is_noticed_by_the_next_call(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    channel = workspace.declare("Cache is cold")
    number = channel.split("-")[1]
    del sandbox.store.workspace.channels[workspace.channel(channel)["id"]]
    assert "is now resolved" in workspace.command(f"resolve INC-{number}")
    workspace.told_directly("ana", "was deleted")
    eventually(lambda: "couldn't" not in workspace.command("doctor"))


@pytest.mark.usefixtures("sqlite_bot")
def test_when_the_commanders_account_is_deactivated_somebody_takes_over(workspace: Workspace) -> None:
    channel = workspace.declare("Cache is cold")
    workspace.command("lead @ben", channel=channel)
    eventually(lambda: "U0BEN" in str((workspace.card(channel) or {}).get("blocks")))
    workspace.post("person", user="ben", deleted=True)
    [asks] = eventually(lambda: saying(workspace, channel, "somebody needs to take over"))
    workspace.click(channel, asks["ts"], "take_command", user="chen")
    eventually(lambda: "U0CHEN" in str((workspace.card(channel) or {}).get("blocks")))
