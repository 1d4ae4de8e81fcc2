"""`/incident …`: one grammar; whatever is typed gets an answer that helps."""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.people import Refused, Workspace, buttons, eventually, shown
from tests.support.promises import announced, ref


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of an incident for this test alone."""
    return acme.declare()


def test_a_bare_command_in_an_incidents_channel_shows_what_can_be_done_there(
    acme: Workspace, channel: str
) -> None:
    tray = acme.asked("", channel)
    assert ref(channel) in shown(tray)
    assert set(buttons(tray)) >= {"Investigate", "Resolve", "Take command", "Edit", "Timeline"}
    acme.click(channel, tray["ts"], "status_investigating")
    eventually(lambda: _now(acme, channel, tray, "Investigating"))
    assert "Investigate" not in buttons(_again(acme, channel, tray))


def test_a_bare_command_elsewhere_lists_open_incidents_and_offers_to_declare_one(
    acme: Workspace, channel: str
) -> None:
    listed = acme.asked("")
    assert f"*{ref(channel)}* Database is slow" in shown(listed)
    acme.click("general", listed["ts"], "declare_incident")
    form = eventually(lambda: acme.form("ana"))
    assert form["callback_id"] == "declare"
    acme.post("view-close", user="ana")


def test_declare_passes_the_title_to_the_form(acme: Workspace) -> None:
    form = acme.open_form("declare Payments & refunds <fail>")
    assert form["state"]["values"]["title"]["title"]["value"] == "Payments & refunds <fail>"
    acme.post("view-close", user="ana")


def test_the_list_can_be_filtered(acme: Workspace) -> None:
    acme.declare("Pay one", project="filters", severity="low")
    closed = acme.declare("Pay two", project="filters", severity="critical")
    acme.command("resolve", channel=closed)
    assert "Pay two" not in acme.command("list project:filters")
    assert "Pay two" not in acme.command("list open project:filters")
    assert "2 incidents (filters)" in acme.command("list all project:filters")
    assert "Pay one" not in acme.command("list all project:filters severity:critical")
    assert "No open incidents (critical, filters)" in acme.command("list severity:critical project:filters")


def test_each_step_has_its_command(acme: Workspace, channel: str) -> None:
    assert "*Investigating*" in acme.publicly("status investigating looking", channel)
    assert "*Resolved*" in acme.publicly("resolve bigger pool", channel)
    assert "*Closed*" in acme.publicly("close nothing left", channel)
    assert "*Open*" in acme.publicly("reopen it is back", channel)
    told = acme.timeline(channel, "it is back", everything=False)
    assert [note in told for note in ("looking", "bigger pool", "nothing left")] == [True] * 3


def test_lead_takes_command_or_hands_it_over(acme: Workspace, channel: str) -> None:
    assert "<@U0ANA> took command" in acme.publicly("lead", channel)
    assert "gave command to <@U0BEN>" in acme.publicly("lead @ben", channel)
    eventually(lambda: "U0BEN" in acme.channel(channel)["members"])
    assert "<@U0ANA> gave command to <@U0BEN>\n" in acme.command("timeline", channel=channel)


def test_nobody_but_a_full_member_can_be_given_command(acme: Workspace, channel: str) -> None:
    for handle, person in (("gus", "U0GUS"), ("hal", "U0HAL"), ("Muster", "U0MUSTER")):
        assert f"<@{person}> isn't a full member" in acme.command(f"lead @{handle}", channel=channel)
    assert "Mention the person with @" in acme.command("lead somebody", channel=channel)


def test_severity_and_title_change_everything_that_shows_them(
    workspace: Workspace, sqlite_bot: object
) -> None:
    channel = workspace.declare()
    assert "🔴 Critical" in workspace.publicly("severity critical all of EU", channel)
    assert "Cache is cold" in workspace.publicly("rename Cache is cold", workspace.channel(channel)["id"])
    renamed = "inc-1-cache-is-cold"
    eventually(lambda: workspace.incident_channels() == [renamed])
    eventually(lambda: "🔴 Critical" in shown(workspace.card(renamed) or {}))
    eventually(lambda: "Cache is cold" in shown(workspace.card(renamed) or {}))
    eventually(lambda: [text for text in announced(workspace, "INC-1") if "Cache is cold" in text])
    eventually(lambda: [text for text in announced(workspace, "INC-1") if "🔴 Critical" in text])
    told = workspace.command("timeline", channel=renamed)
    assert "🟠 High → *🔴 Critical*: all of EU" in told
    assert "renamed it to *Cache is cold*" in told


def test_repeating_a_change_says_so_and_does_nothing(acme: Workspace, channel: str) -> None:
    assert "already has that severity" in acme.command("severity high", channel=channel)
    assert "already has that title" in acme.command("rename  Database   is slow", channel=channel)
    acme.command("resolve", channel=channel)
    assert "is already resolved: <@U0ANA> got there first" in acme.command(
        f"resolve {ref(channel)}", user="ben"
    )
    assert acme.command("timeline", channel=channel).count("→") == 1


def test_an_impossible_change_is_answered_with_what_comes_first(acme: Workspace, channel: str) -> None:
    name = ref(channel)
    told = acme.command("close", channel=channel)
    assert f"{name} is still open. Resolve it first: `/incident resolve {name}`." in told
    acme.command("resolve", channel=channel)
    acme.command("close", channel=channel)
    told = acme.command("resolve", channel=channel)
    assert f"{name} is closed. To reopen it, say why, e.g. `/incident reopen {name} the" in told
    assert f"Reopening {name} needs a reason" in acme.command("status open", channel=channel)


def test_a_ref_names_the_incident_anywhere(acme: Workspace, channel: str) -> None:
    other = acme.declare("Another one")
    assert f"{ref(channel)} is now investigating" in acme.command(f"status {ref(channel)} investigating")
    assert "is now resolved" in acme.command(f"resolve {ref(channel).lower()} done", channel=other)
    assert "Open" in shown(acme.card(other) or {})
    assert "declared it" in acme.command(f"timeline {ref(channel)}", channel=other)


def test_outside_its_channel_a_command_says_which_incident_it_could_mean(
    acme: Workspace, channel: str
) -> None:
    for command in ("resolve", "lead", "timeline", "severity low", "rename something"):
        told = acme.command(command)
        assert "Which incident do you mean: " in told
        assert f"`/incident {command.split()[0]} {ref(channel)} …`" in told
        assert f"{ref(channel)} Database is slow" in told


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("decalre", "There is no command `decalre`. Did you mean `declare`?"),
        ("STATSU open", "There is no command `STATSU`. Did you mean `status`?"),
        ("frobnicate", "There is no command `frobnicate`. `/incident help`"),
        ("status", "Missing: <open|investigating|resolved|closed>. Usage: `status"),
        ("status resolvd", "There is no status “resolvd”. Did you mean “resolved”? Usage: `status"),
        ("status 😀", "There is no status “😀”. Usage: `status"),
        ("severity awful", "There is no severity “awful”. Usage: `severity"),
        ("reopen", "Missing: <why>. Usage: `reopen <why>`"),
        ("rename", "Missing: <title>. Usage: `rename <title>`"),
        ("list severity:hgih", "There is no severity “hgih”. Did you mean “high”?"),
        ("list everything", "I don't know what to do with “everything”. Usage: `list"),
        ("help me", "I don't know what to do with “me”. Usage: `help`"),
        ("resolve INC-999999", "I can't find INC-999999. `/incident list all` shows every incident"),
    ],
)
def test_a_mistyped_line_is_answered_with_a_correct_one(acme: Workspace, typed: str, answer: str) -> None:
    assert answer in acme.command(typed).replace("&lt;", "<").replace("&gt;", ">")


def test_what_was_meant_is_offered_with_a_button_that_runs_it(acme: Workspace, channel: str) -> None:
    offer = acme.asked("status mitigated by a restart", channel)
    assert buttons(offer) == {"status resolved by a restart": "run_line_0"}
    assert "· Open" in acme.command("", channel=channel)
    acme.click(channel, offer["ts"], "run_line_0")
    eventually(lambda: _now(acme, channel, offer, "is now resolved"))
    assert "by a restart" in acme.timeline(channel, "by a restart", everything=False)


def test_outside_its_channel_each_possible_incident_has_a_button(acme: Workspace, channel: str) -> None:
    name = ref(channel)
    asked = acme.asked("severity low it is only us")
    label = next(each for each in buttons(asked) if each.startswith(f"{name} "))
    acme.click("general", asked["ts"], buttons(asked)[label])
    eventually(lambda: _now(acme, "general", asked, f"{name} is now"))
    assert "it is only us" in acme.timeline(channel, "it is only us", everything=False)


def test_after_an_incident_its_postmortem_is_one_click_away(acme: Workspace, channel: str) -> None:
    name = ref(channel)
    acme.command("resolve", channel=channel)
    for command in ("postmortem", "whys"):
        asked = acme.asked(command)
        assert next(iter(buttons(asked))).startswith(f"{name} ")
        acme.click("general", asked["ts"], "run_line_0")
        eventually(partial(_is_answered, acme, "general", asked))
        assert name in shown(_again(acme, "general", asked))


def test_severities_and_refs_are_understood_as_people_type_them(acme: Workspace, channel: str) -> None:
    name = ref(channel)
    number = name.removeprefix("INC-")
    assert "*🔴 Critical*" in acme.publicly("sev1 all of EU", channel)
    assert f"{name} is now 🔵 Low" in acme.command(f"P4 inc{number}")
    assert f"{name} is now 🟡 Medium" in acme.command(f"/incident {name} sev medium")
    assert name in acme.command(f"timeline {number}")
    assert name in acme.command(f"#{number}")
    acme.command("resolve 3 pods restarted", channel=channel)
    assert "3 pods restarted" in acme.timeline(channel, "3 pods restarted", everything=False)


def test_with_nothing_open_a_command_that_needs_an_incident_says_so(
    workspace: Workspace, sqlite_bot: object
) -> None:
    assert "There is no incident to use `resolve` on right now" in workspace.command("resolve")
    assert "No open incidents" in workspace.command("")


def test_help_lists_every_command_with_its_usage(acme: Workspace) -> None:
    told = acme.command("help")
    for name in ("declare", "list", "status", "resolve", "close", "reopen", "lead", "severity", "rename"):
        assert f"`{name}" in told
    assert "`timeline [all]`" in told


def test_a_command_in_a_thread_is_refused_by_slack_itself(acme: Workspace, channel: str) -> None:
    ts = acme.say("a thread", channel)
    with pytest.raises(Refused, match="not supported in threads"):
        acme.post("command", channel=channel, user="ana", command="/incident", text="", thread_ts=ts)


def _again(workspace: Workspace, channel: str, message: dict[str, object]) -> dict[str, object]:
    """A message that only Ana sees, in its present form."""
    return next(each for each in workspace.answers("ana", channel) if each["ts"] == message["ts"])


def _is_answered(workspace: Workspace, channel: str, message: dict[str, object]) -> bool:
    return "Which incident" not in shown(_again(workspace, channel, message))


def _now(workspace: Workspace, channel: str, message: dict[str, object], wanted: str) -> bool:
    return wanted in shown(_again(workspace, channel, message))
