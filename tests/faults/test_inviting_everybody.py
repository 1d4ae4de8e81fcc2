"""Inviting a guest, a deactivated person, a member, somebody who doesn't exist, and a hundred others.

Promised: everybody who can be invited is, in few calls; who couldn't be, and why, is reported with a Retry
button.
"""

from __future__ import annotations

from bot.domain.outbox.effects import InvitePeople
from bot.domain.outbox.rows import Planned
from bot.views.kit.remedies import words_for
from storage import outbox
from storage.database import Database
from tests.support.arena import Arena
from tests.support.people import eventually, shown
from tests.support.promises import declared_once


def test_somebody_who_cannot_be_invited_keeps_nobody_out(small: Arena) -> None:
    small.expected.dead.add("InvitePeople")
    small.expected.errors.add("effect given up")
    # They join before a bot is running.
    small.expected.unacked.add("events_api")
    slack = small.workspace
    crowd = [slack.post("person", user=f"person{n}", add=True)["user"] for n in range(100)]
    ids = [each["id"] if isinstance(each, dict) else each for each in crowd]
    guest = slack.post("person", user="visitor", add=True, is_restricted=True)["user"]
    left = slack.post("person", user="gone", add=True)["user"]
    slack.post("person", user="gone", deleted=True)
    # Slack sends two events for each person who joins; to ack all in time takes an interpreter of its own.
    small.process().start()
    small.declare()
    channel = declared_once(slack)
    others = [each["id"] if isinstance(each, dict) else each for each in (guest, left)]
    everybody = ("U0ANA", "U0NOBODY", *others, *ids)
    row = Planned(InvitePeople(1, everybody), "INC-1/members/all", "INC-1/members")
    database = Database(small.database_url)
    database.run(lambda tx: outbox.add(tx, [row], small.clock()))
    database.close()
    eventually(lambda: set(ids) <= set(slack.channel(channel)["members"]), 20)
    assert len(slack.calls("conversations.invite")) <= 4
    told = eventually(
        lambda: next((text for text in map(shown, slack.private("ana")) if "invite people" in text), None)
    )
    assert f"<@U0NOBODY>, because {words_for('user_not_found')}" in told
    assert f"<@{others[1]}>, because {words_for('cant_invite')}" in told
    assert "user_not_found" not in told


def test_if_everybody_is_refused_each_refusal_is_looked_at(small: Arena) -> None:
    small.expected.codes |= {"already_in_channel"}
    bot = small.bot()
    small.declare()
    channel = declared_once(small.workspace)
    small.workspace.post("join", channel=channel, user="ben")
    row = Planned(InvitePeople(1, ("U0ANA", "U0BEN")), "INC-1/members/all", "INC-1/members")
    bot.database.run(lambda tx: outbox.add(tx, [row], small.clock()))
    small.settle()
