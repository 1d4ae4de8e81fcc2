"""The channel's name is taken by somebody else's or an archived channel; ten declarations with one title.

Promised: each incident gets a channel of its own, and nobody else's is touched.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.support.arena import Arena
from tests.support.people import eventually


def test_foreign_and_archived_channels_are_left_alone(arena: Arena) -> None:
    # Channels are created before a bot could hear of them.
    arena.expected.unacked.add("events_api")
    arena.expected.codes.add("name_taken")
    slack = arena.workspace
    for number in (1, 2):
        slack.post("create-channel", name=f"inc-{number}-database-is-slow", user="ben")
    slack.post("archive", channel="inc-2-database-is-slow", user="ben")
    arena.bot()
    assert arena.declare()
    assert arena.declare()
    for number in (1, 2):
        eventually(lambda: slack.card(f"inc-{number}-database-is-slow-2"))  # noqa: B023 - run at once
        foreign = slack.channel(f"inc-{number}-database-is-slow")
        assert (foreign["members"], foreign["topic"]) == (["U0BEN"], "")


def test_ten_simultaneous_declarations_with_one_title_get_a_channel_each(arena: Arena) -> None:
    arena.bots(1 if arena.mode == "socket" else 3)
    people = ["ana", "ben", "chen", "dara", "emi", "farid"]
    for name in ("gil", "hana", "ines", "joao"):
        arena.workspace.post("person", user=name, add=True)
        people.append(name)
    for name in people:
        arena.workspace.open_form("declare", name)

    def declare(name: str) -> None:
        assert arena.workspace.submit(name, title="Database is slow") == {}
        while arena.workspace.form(name):
            # Others were faster: their incidents are shown, and this person declares anyway.
            assert arena.workspace.submit(name) == {}

    with ThreadPoolExecutor(10) as crowd:
        list(crowd.map(declare, people))
    arena.accepted += len(people)
    names = {f"inc-{number}-database-is-slow" for number in range(1, 11)}
    eventually(lambda: set(arena.workspace.incident_channels()) == names, 20)
    for name in names:
        eventually(lambda: arena.workspace.card(name), 20)  # noqa: B023 - run at once
