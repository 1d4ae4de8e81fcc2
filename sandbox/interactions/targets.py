"""Where the element is that somebody uses: in a message or in an open view."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.interactions import payloads
from sandbox.interactions.context import Interactions, RefusedError, message_at, person_who_acts
from sandbox.interactions.elements import State
from sandbox.interactions.modals import note_view
from sandbox.workspace.model import Channel, Json, Message, Person, View
from sandbox.workspace.shapes import message_json


@dataclass(frozen=True, slots=True)
class OnMessage:
    """One of the app's messages that the person sees."""

    person: Person
    channel: Channel
    message: Message
    state: State
    """What the person has chosen in it so far; changed in place."""

    @property
    def blocks(self) -> list[Json]:
        """The blocks on screen."""
        return self.message.blocks

    def place(self, here: Interactions) -> Json:
        """The part of a payload that says where it happened."""
        shown = message_json(here.store, self.channel, self.message)
        return payloads.on_message(self.channel, shown, is_ephemeral=self.message.ephemeral_to is not None)

    def response_url(self, here: Interactions) -> str:
        """Where the app can answer."""
        return here.response_url(self.channel, self.person, self.message)

    def tell(self, here: Interactions, problem: str) -> None:
        """Show the person a problem, as a message from Slackbot in the same place."""
        here.tell(self.channel, self.person, problem, self.message.thread_ts)


@dataclass(frozen=True, slots=True)
class OnView:
    """A modal, or App Home, that the person has open."""

    person: Person
    view: View

    @property
    def blocks(self) -> list[Json]:
        """The blocks on screen."""
        return list(self.view.payload["blocks"])

    @property
    def state(self) -> State:
        """What the person has entered so far; changed in place."""
        return self.view.state

    def place(self, here: Interactions) -> Json:
        """The part of a payload that says where it happened."""
        return payloads.on_view(here.view_shown(self.view))

    def response_url(self, here: Interactions) -> str:  # noqa: ARG002 - Slack sends none from views
        """Nothing, because a view has no message to answer."""
        return ""

    def tell(self, here: Interactions, problem: str) -> None:
        """Show the person a problem above the view."""
        self.view.notice = problem
        note_view(here.store, self.view)


Target = OnMessage | OnView


def on_message(here: Interactions, *, user: str, channel: str, ts: str) -> OnMessage:
    """One of the app's messages. Raises :class:`RefusedError` if it isn't, or the person doesn't see it."""
    person = person_who_acts(here.store, user)
    try:
        place = here.store.channel(channel)
    except LookupError as error:
        raise RefusedError("channel_not_found", f"There is no channel {channel!r}.") from error
    if person.id not in place.members and (place.is_private or person.is_restricted):
        raise RefusedError("channel_not_found", f"{person.real_name} does not see that channel.")
    message = message_at(place, ts, person)
    if message.bot_id != here.store.bot_id:
        raise RefusedError("not_the_apps_message", "Only clicks in the app's own messages reach the app.")
    return OnMessage(person, place, message, here.message_state.setdefault((ts, person.id), {}))


def on_view(here: Interactions, *, user: str, view: str) -> OnView:
    """One of the person's open views: a view id, ``modal`` (the topmost) or ``home``.

    Raises :class:`RefusedError` if they have no such view open.
    """
    person = person_who_acts(here.store, user)
    workspace = here.store.workspace
    stack = workspace.modals.get(person.id, [])
    named = {"modal": stack[-1] if stack else None, "home": workspace.homes.get(person.id)}
    found = named[view] if view in named else here.store.view(view)
    if found is None or found.user != person.id:
        raise RefusedError("view_not_found", f"{person.real_name} has no such view open.")
    return OnView(person, found)
