"""The people of a stage, in the words of rules: they may try anything, and Slack's client may refuse it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.interactions import RefusedError, clicks, commands, forms
from sandbox.interactions.elements import on_screen
from sandbox.interactions.targets import on_message
from sandbox.workspace.model import Channel, Json, Message, View
from tests.support.stage import Stage

ACTIVE = ("ana", "ben", "chen", "dara")
"""Those who usually may do everything."""
Seen = tuple[Channel, Message, Json]
"""An element that somebody can click, and where it is."""


class Crowd:
    """Everybody in the workspace, and what each of them sees."""

    def __init__(self, stage: Stage, noted: Callable[[], None]) -> None:
        """``noted`` is called after each thing that somebody has done."""
        self.stage, self._noted = stage, noted
        self.here, self.desk = stage.sandbox.interactions, stage.desk
        self.words: dict[str, str] = {}
        """The word of each incident's channel, by the channel's id."""
        self.insiders: dict[str, set[str]] = {}
        """Who has ever been in a channel that has always been private, by the channel's id."""
        self._left: dict[tuple[str, str], str] = {}
        """Since which ts somebody is no longer in such a channel."""

    def types(self, person: str, line: str, where: Channel | None) -> None:
        """Type a command in the incident's channel or, for somebody who isn't in it, elsewhere."""
        is_there = where and self.id_of(person) in where.members
        text = self.filled(line, where if is_there else None)
        if where and not is_there:
            verb, _, rest = text.partition(" ")
            text = f"{verb} INC-{where.name.split('-')[1]} {rest}".strip()
        place = where.id if where and is_there else "general"
        self.tries(
            lambda: commands.run_command(
                self.here, user=person, channel=place, command="/incident", text=text
            )
        )

    def filled(self, line: str, where: Channel | None) -> str:
        """The line with the incident's word, for those who may know it."""
        return line.format(word=self.words.get(where.id, "it") if where else "it")

    def submits(self, person: str, values: Json) -> None:
        """Submit the topmost form; if that is refused, close it."""
        if not self.stage.store.workspace.modals.get(self.id_of(person)):
            return
        answer = self.tries(lambda: forms.submit(self.here, user=person, values=values))
        if answer is None or answer.get("errors") or answer.get("problem"):
            self.tries(lambda: forms.close(self.here, user=person, everything=True))

    def clicks_one_of(self, person: str, seen: list[Seen], button: int, choice: int) -> None:
        """Click one of these elements; first one of the messages is chosen, then an element of it."""
        if not seen:
            return
        places = list(dict.fromkeys((channel.id, message.ts) for channel, message, _ in seen))
        channel_id, ts = places[choice % len(places)]
        elements = [
            element for channel, message, element in seen if (channel.id, message.ts) == (channel_id, ts)
        ]
        element = elements[button % len(elements)]
        self.uses(lambda: on_message(self.here, user=person, channel=channel_id, ts=ts), element, choice)

    def clicks_any(self, person: str, action: str, number: int) -> None:
        """Click one of the buttons with this action that somebody sees."""
        seen = [each for each in self.buttons(person) if each[2]["action_id"] == action]
        if seen:
            channel, message, element = seen[number % len(seen)]
            place = {"user": person, "channel": channel.id, "ts": message.ts}
            self.uses(lambda: on_message(self.here, **place), element, number)

    def uses(self, target: Any, element: Json, choice: int) -> None:
        """Click an element, or choose one of its options."""
        value = _value(element, choice, "As far as we know")

        async def act() -> Json:
            return await clicks.act(self.here, target(), action=element["action_id"], value=value)

        self.tries(act)

    def does(self, act: Any, **values: Any) -> None:
        """Do something of the sandbox's own."""
        self.tries(lambda: act(self.desk, **values))

    def tries(self, act: Any) -> Json | None:
        """Do something that Slack's client may refuse; ``None`` if it does."""
        try:
            found: Json | None = self.stage.does(act())
        except RefusedError:
            found = None
        self.note()
        return found

    def note(self) -> None:
        """Remember each new channel's word, who is in those that are private, and who waits for news."""
        self._noted()
        for channel in self.channels():
            if channel.id not in self.words:
                # A form that was filled in at random may have another title.
                found = re.search(r"word\d", channel.name)
                self.words[channel.id] = found.group() if found else "it"
                if found and channel.is_private:
                    self.insiders[channel.id] = set()
            if channel.id in self.insiders:
                self._note_leavers(channel)

    def _note_leavers(self, channel: Channel) -> None:
        insiders = self.insiders[channel.id]
        for user in insiders - channel.members:
            self._left.setdefault((channel.id, user), self.stage.store.next_ts())
        for user in channel.members:
            self._left.pop((channel.id, user), None)
        insiders |= channel.members

    def channels(self) -> list[Channel]:
        """The incidents' channels."""
        found = self.stage.store.workspace.channels.values()
        return [each for each in found if each.name.startswith("inc-")]

    def incident(self, number: int) -> Channel | None:
        """One of the incidents' channels."""
        found = self.channels()
        return found[number % len(found)] if found else None

    def member(self, where: Channel, number: int) -> str:
        """One of the people in a channel."""
        found = sorted(where.members - {self.stage.store.bot_user.id}) or ["U0ANA"]
        return found[number % len(found)]

    def id_of(self, person: str) -> str:
        return self.stage.store.person(person).id

    def written(self, incident: int) -> list[tuple[Channel, Message]]:
        """What people have written in one of the channels."""
        where = self.incident(incident)
        return [(where, each) for each in where.messages.values() if each.client_msg_id] if where else []

    def buttons(self, person: str) -> Iterator[Seen]:
        """What the person can click, in the bot's latest messages that they see."""
        who, store = self.id_of(person), self.stage.store
        for channel in store.workspace.channels.values():
            seen = [each for each in channel.messages.values() if each.bot_id == store.bot_id]
            for message in seen[-12:] if who in channel.members else ():
                if message.ephemeral_to in {None, who}:
                    yield from ((channel, message, each) for each in usable(message.blocks))

    def nothing_private_is_outside(self, declarers: Mapping[str, str]) -> None:
        """No text of a private incident is anywhere but in its channel, and with those who may know it.

        Those are the people who are in the channel, or were at that time, and the incident's declarer, who
        may be unable to come; ``declarers`` maps each channel's id to its declarer.
        """
        for channel_id, members in self.insiders.items():
            word, insiders = self.words[channel_id], {*members, declarers.get(channel_id, "")}
            leaks = [each for each in self.places(channel_id, insiders) if word in each]
            assert not leaks, leaks

    def places(self, inside: str, insiders: set[str]) -> Iterator[str]:
        """Everything that somebody outside of this channel can see."""
        workspace = self.stage.store.workspace
        for channel in workspace.channels.values():
            if channel.id != inside:
                yield from (channel.name if not channel.is_private else "", channel.topic, channel.purpose)
            for message in channel.messages.values():
                reader = message.ephemeral_to or channel.im_user
                is_inside = reader in insiders and message.ts < self._left.get((inside, reader), "9")
                if not is_inside and (channel.id != inside or message.ephemeral_to):
                    yield json.dumps([message.text, message.blocks, message.files])
        for user, stack in workspace.modals.items():
            yield from (json.dumps(view.payload) for view in stack if user not in insiders)
        for user, home in workspace.homes.items():
            yield json.dumps(home.payload) if user not in insiders else ""


def usable(blocks: list[Json]) -> Iterator[Json]:
    """The elements with an ``action_id`` that do something."""
    for _block, element in on_screen(blocks):
        if element.get("action_id") and not element.get("url"):
            yield element


def values_for(view: View, choice: int, text: str) -> Iterator[tuple[str, Any]]:
    for block, element in on_screen(view.payload["blocks"]):
        if block["type"] == "input" and (value := _value(element, choice, text)) not in (None, ""):
            yield element["action_id"], value


def _value(element: Json, choice: int, text: str) -> Any:
    """Something that can be entered there; ``None`` leaves it as it is."""
    kind, person = element["type"], f"U0{ACTIVE[choice % len(ACTIVE)].upper()}"
    options = list(element.get("options") or ())
    for group in element.get("option_groups") or ():
        options += group["options"]
    if options:
        chosen = options[choice % len(options)]["value"]
        return [chosen] if kind in {"checkboxes", "multi_static_select"} else chosen
    simple = {
        "plain_text_input": text,
        "users_select": person,
        "multi_users_select": [person],
        "datepicker": "2026-03-09",
        "timepicker": "10:30",
        "url_text_input": "https://meet.example.com/form",
    }
    return simple.get(kind)
