"""The channel is archived, renamed or unarchived by hand; the bot removed; card or token gone.

Promised: what can no longer be done is recorded and shown while the incident continues. What can be repaired
repairs itself: a deleted card is posted again, and a channel that is unarchived, or that the bot is invited
back to, gets what it missed, as its timeline does. A name that people gave stays. Once a token is valid
again, Retry finishes what was given up.
"""

from __future__ import annotations

from tests.support.arena import Arena
from tests.support.bots import looked_at
from tests.support.people import eventually, shown
from tests.support.promises import announced, declared_once

BOT = "U0MUSTER"


def test_an_archived_channel_stops_nothing_else_and_catches_up_when_unarchived(arena: Arena) -> None:
    arena.expected.codes |= {"is_archived", "is_inactive"}
    arena.expected.errors.add("effect given up")
    arena.bot()
    arena.declare()
    channel, slack = declared_once(arena.workspace), arena.workspace
    slack.post("archive", channel=channel, user="ana")
    assert "is now resolved" in slack.command("resolve INC-1")
    eventually(lambda: "Resolved" in announced(slack, "INC-1")[0])
    eventually(lambda: "(is_archived: unarchive" in slack.command("doctor"))
    slack.told_directly("ana", "couldn't")
    slack.post("archive", channel=channel, user="ana", present=False)
    eventually(lambda: "Resolved" in shown(slack.card(channel) or {}))
    # Everything is posted again, one message a second, and this is edited last.
    eventually(lambda: [m for m in slack.private("ana") if "everything is done now" in shown(m)], 40)


def test_a_removed_bot_says_so_and_catches_up_when_it_is_invited_again(arena: Arena) -> None:
    arena.expected.codes.add("not_in_channel")
    arena.expected.errors.add("effect given up")
    arena.bot()
    arena.declare()
    channel, slack = declared_once(arena.workspace), arena.workspace
    slack.post("leave", channel=channel, user=BOT)
    slack.told_directly("ana", "invite me to the channel, and I'll try again")
    slack.say("nobody hears this", channel)
    assert BOT not in slack.channel(channel)["members"]
    slack.post("join", channel=channel, user=BOT, inviter="ana")
    assert slack.timeline(channel, "nobody hears this")
    slack.told_directly("ana", "everything is done now")


def test_a_name_that_people_gave_stays(arena: Arena) -> None:
    arena.bot()
    arena.declare()
    channel, slack = declared_once(arena.workspace), arena.workspace
    slack.post("rename-channel", channel=channel, user="ana", name="inc-1-war-room")
    slack.command("rename INC-1 Cache is cold")
    eventually(lambda: "Cache is cold" in shown(slack.card("inc-1-war-room") or {}))
    arena.settle()
    assert "inc-1-war-room" in slack.incident_channels()


def test_a_deleted_card_is_posted_again(arena: Arena) -> None:
    arena.expected.codes |= {"message_not_found", "cant_update_message"}
    arena.bot()
    arena.declare()
    channel, slack = declared_once(arena.workspace), arena.workspace
    card = eventually(lambda: slack.card(channel))
    slack.post("delete-message", channel=channel, ts=card["ts"], user="ana")
    again = eventually(lambda: slack.card(channel))
    eventually(lambda: slack.channel(channel)["pins"] == [again["ts"]])
    # A deleted message with replies remains as a placeholder.
    slack.say("under it", channel, thread_ts=again["ts"])
    slack.post("delete-message", channel=channel, ts=again["ts"], user="ana")
    eventually(lambda: slack.card(channel) and slack.channel(channel)["pins"] == [slack.card(channel)["ts"]])  # type: ignore[index]


def test_a_revoked_token_is_reported_and_a_new_one_repairs_it(large: Arena) -> None:
    large.expected.errors.add("effect given up")
    [bot] = large.bots(1)
    large.declare()
    declared_once(large.workspace)
    large.workspace.faults({"method": "*", "effect": "error:token_revoked"})
    assert "critical" in large.workspace.command("severity INC-1 critical").lower()
    port = bot.settings.port
    assert port
    status, report = eventually(lambda: _red(port))
    assert (status, "token_revoked" in report) == (503, True)
    eventually(lambda: "(token_revoked: " in large.workspace.command("doctor"))
    # Everything, including the report of that, is given up before the token is back.
    large.settle()
    large.workspace.faults()
    bot.services.outbox.retry(None, by="U0ANA")
    bot.worker.wake()
    eventually(lambda: "Critical" in announced(large.workspace, "INC-1")[0], 20)
    large.settle()
    assert looked_at(port, "readyz")[0] == 200


def _red(port: int) -> tuple[int, str] | None:
    found = looked_at(port, "readyz")
    return found if found[0] != 200 else None
