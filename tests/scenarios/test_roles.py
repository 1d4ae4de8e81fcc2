"""Roles in the sandbox: by button, by command, in the settings, and a commander who is missing."""

from __future__ import annotations

from datetime import timedelta

from sandbox.server import running
from tests.support.bots import ROOT, start_here
from tests.support.clocks import MovableClock
from tests.support.people import Json, Workspace, buttons, eventually, shown
from tests.support.promises import ref


def saying(workspace: Workspace, channel: str, wanted: str) -> list[Json]:
    return [each for each in workspace.messages(channel) if wanted in shown(each)]


def card_with(workspace: Workspace, channel: str, wanted: str) -> Json:
    def found() -> Json | None:
        card = workspace.card(channel)
        return card if card and wanted in shown(card) else None

    return eventually(found)


def press(workspace: Workspace, channel: str, message: Json, role: str, action: str, user: str) -> None:
    """Press the button next to the role."""
    block = next(each["block_id"] for each in message["blocks"] if role in shown({"blocks": [each]}))
    where = {"channel": channel, "message_ts": message["ts"], "block": block}
    workspace.post("interact", **where, user=user, action=action)


def press_directly(workspace: Workspace, user: str, message: Json, action: str) -> None:
    workspace.click(workspace.post("open-dm", user=user)["channel"], message["ts"], action, user)


def test_a_role_is_taken_handed_over_and_given_up_by_button(acme: Workspace) -> None:
    channel = acme.declare()
    acme.post("join", channel=channel, user="ben")
    card = card_with(acme, channel, "Commander")
    assert buttons(card)["Take a role"] == "show_roles"
    found = acme.answered(lambda: acme.click(channel, card["ts"], "show_roles", "ben"), channel, "ben")
    press(acme, channel, found, "*Scribe*", "take_role", "ben")
    eventually(lambda: saying(acme, channel, "<@U0BEN> took the role *Scribe*"))
    card_with(acme, channel, "*Scribe* · <@U0BEN>")
    eventually(lambda: [each for each in acme.announcements() if "Scribe <@U0BEN>" in shown(each)])
    told = acme.told_directly("ben", f"You took the role *Scribe* in *{ref(channel)}")
    assert "Keeps the timeline complete" in shown(told)
    press_directly(acme, "ben", told, "hand_over_role")
    form = eventually(lambda: acme.form("ben"))
    assert "<@U0BEN> has it now" in shown(form)
    assert "isn't a full member" in acme.submit("ben", assigned_to="gus")["assigned_to"]
    assert acme.submit("ben", assigned_to="chen") == {}
    card_with(acme, channel, "*Scribe* · <@U0CHEN>")
    eventually(lambda: "U0CHEN" in acme.channel(channel)["members"])
    told = acme.told_directly("chen", f"<@U0BEN> gave you the role *Scribe* in *{ref(channel)}")
    press_directly(acme, "chen", told, "give_up_role")
    eventually(lambda: saying(acme, channel, "<@U0CHEN> gave up the role *Scribe*"))
    eventually(lambda: "Scribe" not in shown(acme.card(channel) or {"text": "Scribe"}))


def test_roles_of_the_settings_are_given_by_command(acme: Workspace) -> None:
    acme.open_settings("people")
    assert "as a role" in acme.submit(roles="Liaison")["roles"]
    assert "two roles called" in acme.submit(roles="Liaison: talks\nliaison: writes")["roles"]
    assert not acme.submit(roles="Liaison: Talks to <support>")
    channel = acme.declare()
    assert "gave the role *Liaison* to <@U0BEN>" in acme.publicly("role liaison @ben", channel)
    assert "> Talks to &lt;support&gt;" in shown(acme.told_directly("ben", "gave you the role *Liaison*"))
    card_with(acme, channel, "*Liaison* · <@U0BEN>")
    assert "<@U0BEN> got there first" in acme.command("role liaison", channel=channel)
    assert "Did you mean “Liaison”?" in acme.command("role laison @ben", channel=channel)
    assert "The roles are: Commander, Communications, Scribe, Liaison" in acme.command(
        "role cook", channel=channel
    )
    assert "isn't a full member" in acme.command("role liaison @gus", channel=channel)
    listed = acme.command("role", channel=channel)
    assert "*Liaison* · <@U0BEN>" in listed
    assert "*Scribe* · nobody yet" in listed
    assert "took the role *Liaison*, replacing <@U0BEN>" in acme.publicly("role liaison @ana", channel)


def test_when_a_holder_leaves_somebody_takes_the_role(acme: Workspace) -> None:
    channel = acme.declare()
    acme.publicly("role scribe @emi", channel)
    acme.post("person", user="emi", deleted=True)
    [asks] = eventually(lambda: saying(acme, channel, "has nobody in the role *Scribe*"))
    acme.click(channel, asks["ts"], "take_role", user="chen")
    card_with(acme, channel, "*Scribe* · <@U0CHEN>")


def test_a_missing_commander_is_asked_for_once_also_after_a_restart(sqlite_url: str) -> None:
    clock = MovableClock()
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        bot, workspace = start_here(sandbox, sqlite_url, clock=clock), Workspace(sandbox.url)
        channel = workspace.declare()
        bot.stop()
        clock.move(timedelta(minutes=5))
        bot = start_here(sandbox, sqlite_url, clock=clock)
        [asks] = eventually(lambda: saying(workspace, channel, "Who leads the response?"))
        clock.move(timedelta(minutes=10))
        workspace.click(channel, asks["ts"], "take_command", user="ben")
        card_with(workspace, channel, "<@U0BEN>")
        workspace.told_directly("ben", "You took the role *Commander*")
        assert len(saying(workspace, channel, "Who leads the response?")) == 1
        bot.stop()
