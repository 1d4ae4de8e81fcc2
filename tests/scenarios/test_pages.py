"""People are paged in the sandbox: who comes, who doesn't, and who is asked about first."""

from __future__ import annotations

from datetime import timedelta

from sandbox.server import running
from tests.support.bots import ROOT, start_here
from tests.support.clocks import MovableClock
from tests.support.people import Json, Workspace, buttons, eventually, shown
from tests.support.promises import ref


def message_with(workspace: Workspace, channel: str, wanted: str) -> Json:
    def found() -> Json | None:
        return next((each for each in workspace.messages(channel) if wanted in shown(each)), None)

    return eventually(found)


def direct_channel(workspace: Workspace, user: str) -> str:
    return str(workspace.post("open-dm", user=user)["channel"])


def test_whoever_asked_is_told_once_who_was_not_seen_also_after_a_restart(sqlite_url: str) -> None:
    clock = MovableClock()
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        bot, workspace = start_here(sandbox, sqlite_url, clock=clock), Workspace(sandbox.url)
        channel = workspace.declare()
        asked = "page @ben @chen @emi the pool is full"
        assert "<@U0ANA> needs <@U0BEN>, <@U0CHEN>, <@U0EMI> here" in workspace.publicly(asked, channel)
        assert {"U0BEN", "U0CHEN", "U0EMI"} <= set(workspace.channel(channel)["members"])
        told = {each: workspace.told_directly(each, "> the pool is full") for each in ("ben", "chen", "emi")}
        clock.move(timedelta(minutes=1))
        workspace.click(direct_channel(workspace, "ben"), told["ben"]["ts"], "answer_page", "ben")
        message_with(workspace, channel, "✓ <@U0BEN> · waiting for <@U0CHEN>, <@U0EMI>")
        mine = {"channel": direct_channel(workspace, "chen"), "ts": told["chen"]["ts"]}
        workspace.post("reaction", **mine, user="chen", name="eyes")
        message_with(workspace, channel, "✓ <@U0BEN>, <@U0CHEN> · waiting for <@U0EMI>")
        workspace.told_directly("ben", "✓ Seen")
        bot.stop()
        clock.move(timedelta(minutes=4))
        bot = start_here(sandbox, sqlite_url, clock=clock)
        news = workspace.told_directly("ana", "No sign of <@U0EMI>")
        assert "<@U0BEN>" not in shown(news)
        clock.move(timedelta(minutes=10))
        workspace.say("I'm here", channel, "emi")
        message_with(workspace, channel, "✓ <@U0BEN>, <@U0CHEN>, <@U0EMI>")
        assert len([each for each in workspace.private("ana") if "No sign of" in shown(each)]) == 1
        assert len([each for each in workspace.messages(channel) if "needs <@U0BEN>" in shown(each)]) == 1
        bot.stop()


def test_bad_input_is_answered_where_the_person_is(acme: Workspace) -> None:
    channel = acme.declare()
    answers = {
        "page help": "Mention the people",
        "page @oncall help": "Mention the people",
        "page @ben": "Say in a sentence why",
        "page @ana help": "You're already here",
        "page @gus help": "<@U0GUS> isn't a full member",
        f"page @ben {'x' * 10_000}": "That's 10,000 characters. Please keep it to 300.",
    }
    for typed, wanted in answers.items():
        assert wanted in acme.command(typed, channel=channel)
    assert acme.open_form("page", channel=channel)["title"]["text"] == f"Page for {ref(channel)}"
    assert acme.submit(people=["gus"], why="help")["people"].endswith("so I can't page them.")
    assert not acme.submit(people=["ben"], why="help")
    message_with(acme, channel, "<@U0ANA> needs <@U0BEN> here")
    again = acme.asked("page @ben help", channel)
    assert "<@U0ANA> paged <@U0BEN> less than 5 minutes ago. Page again?" in shown(again)
    assert buttons(again) == {"Page again": "run_line_0", "Cancel": "cancel_offer"}
    acme.publicly("resolve", channel)
    assert "is resolved, so nobody is paged" in acme.command("page @chen help", channel=channel)


def test_an_outsider_is_asked_about_before_they_see_a_private_incident(acme: Workspace) -> None:
    channel = acme.declare("Key leaked", private=["private"])
    question = acme.asked("page @ben rotate the key", channel)
    assert "is private, and <@U0BEN> can't see it" in shown(question)
    acme.click(channel, question["ts"], "cancel_offer")
    eventually(lambda: [each for each in acme.only_for("ana", channel) if "Nothing was done" in each])
    assert "U0BEN" not in acme.channel(channel)["members"]
    question = acme.asked("page @ben rotate the key", channel)
    acme.click(channel, question["ts"], "run_line_0")
    acme.told_directly("ben", "> rotate the key")
    eventually(lambda: "U0BEN" in acme.channel(channel)["members"])
    assert "⏳ <@U0BEN> · not seen" in acme.command("people", channel=channel)


def test_whoever_uses_a_shortcut_on_a_message_in_the_channel_is_seen(acme: Workspace) -> None:
    channel = acme.declare()
    acme.publicly("page @ben look", channel)
    ts = acme.say("500s since noon", channel)
    acme.post("shortcut", callback_id="create_action_item", user="ben", channel=channel, ts=ts)
    message_with(acme, channel, "✓ <@U0BEN>")


def test_nobody_is_missed_who_wrote_while_the_bot_was_offline(sqlite_url: str) -> None:
    clock = MovableClock()
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        bot, workspace = start_here(sandbox, sqlite_url, clock=clock), Workspace(sandbox.url)
        channel = workspace.declare()
        workspace.publicly("page @ben @emi the pool is full", channel)
        workspace.told_directly("emi", "> the pool is full")
        bot.stop()
        clock.move(timedelta(minutes=1))
        workspace.say("I'm here", channel, "ben")
        clock.move(timedelta(minutes=5))
        bot = start_here(sandbox, sqlite_url, clock=clock)
        news = workspace.told_directly("ana", "No sign of")
        assert "No sign of <@U0EMI>" in shown(news), shown(news)
        bot.stop()
