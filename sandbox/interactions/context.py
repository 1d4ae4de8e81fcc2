"""The context of every interaction: the workspace, trigger ids, response URLs, and what people see."""

from __future__ import annotations

from sandbox.interactions.elements import State, state_values
from sandbox.interactions.fields import Directory
from sandbox.interactions.payloads import Act, App
from sandbox.interactions.response_urls import Origin, ResponseUrls
from sandbox.interactions.triggers import Triggers
from sandbox.workspace.core import Delivery
from sandbox.workspace.model import Channel, Json, Message, Person, View
from sandbox.workspace.shapes import view_json
from sandbox.workspace.store import Store

SLACKBOT = "Slackbot"

PROBLEMS = {
    "not_connected": "{app} is not connected, so it got nothing. Start it and try again.",
    "timeout": "{app} did not answer within 3 seconds. Try again.",
    "socket_closed": "{app} lost its connection before it answered. Try again.",
    "connection_failed": "{app} could not be reached at its address. Start it and try again.",
    "http_error": "{app} answered with an error. Try again.",
    "no_retry": "{app} answered with an error. Try again.",
}
"""The message that the person sees if the app doesn't ack, by the delivery's error."""


class RefusedError(Exception):
    """Slack's client wouldn't let the person do this; ``code`` is for scripts, ``detail`` for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Interactions:
    """The state of one workspace's interactions; this package's functions take it as their first argument."""

    def __init__(self, store: Store, triggers: Triggers | None = None) -> None:
        self.store = store
        self.triggers = triggers or Triggers(store.clock)
        self.urls = ResponseUrls(store.clock)
        self.message_state: dict[tuple[str, str], State] = {}
        """(message ts, person) -> what they chose in that message's elements."""
        self.offered: dict[tuple[str, str], list[Json]] = {}
        """(person, action_id) -> the options that the app last suggested."""

    @property
    def app(self) -> App:
        """The app's identity, as payloads include it."""
        team = self.store.workspace
        return App(self.store.app_id, "sandbox", team.team_id, team.team_name.lower())

    def forget(self) -> None:
        """Drop what belongs to a workspace that no longer exists."""
        self.message_state.clear()
        self.offered.clear()

    def act(self, user: Person, *, trigger: bool = True) -> Act:
        """Something that the person does now; with a trigger id unless the payload has none."""
        return Act(self.app, user, self.store.next_ts(), self.triggers.issue(user.id) if trigger else "")

    def response_url(self, channel: Channel, user: Person, message: Message | None = None) -> str:
        """A new response URL for something done there."""
        ts = message.ts if message else None
        thread_ts = message.thread_ts if message else None
        url_id = self.urls.issue(Origin(channel.id, user.id, ts, thread_ts))
        return f"{self.store.team_url}response/{url_id}"

    def directory(self) -> Directory:
        """How names that people enter become ids."""
        return Directory(lambda name: self.store.person(name).id, lambda name: self.store.channel(name).id)

    def view_state(self, view: View) -> State:
        """The current value of each of the view's elements."""
        return state_values(view.payload["blocks"], view.state)

    def view_shown(self, view: View) -> Json:
        """The view as payloads include it, with its state."""
        return {**view_json(self.store, view), "state": {"values": self.view_state(view)}}

    def problem(self, delivery: Delivery) -> str | None:
        """The message to show the person about a failed delivery; ``None`` if the app acked it."""
        if delivery.acked:
            return None
        return PROBLEMS[delivery.error or "timeout"].format(app=self.store.manifest.display_name)

    def tell(self, channel: Channel, user: Person, text: str, thread_ts: str | None = None) -> None:
        """Send the person a message from Slackbot that only they see."""
        self.store.post(
            channel.id,
            None,
            text,
            thread_ts=thread_ts,
            ephemeral_to=user.id,
            username=SLACKBOT,
            subtype="bot_message",
        )


def person_who_acts(store: Store, name: str) -> Person:
    """The person who does something. Raises :class:`RefusedError` if they don't exist or can't sign in."""
    try:
        person = store.person(name)
    except LookupError as error:
        raise RefusedError("user_not_found", f"There is no person {name!r}.") from error
    if person.deleted:
        raise RefusedError("account_inactive", f"{person.real_name}'s account is deactivated.")
    return person


def channel_where(store: Store, name: str, person: Person) -> Channel:
    """The channel where the person does something. Raises :class:`RefusedError` if they can't post there."""
    try:
        channel = store.channel(name)
    except LookupError as error:
        raise RefusedError("channel_not_found", f"There is no channel {name!r}.") from error
    if person.id not in channel.members:
        raise RefusedError("not_in_channel", f"{person.real_name} is not in #{channel.name}.")
    if channel.is_archived:
        raise RefusedError("is_archived", f"#{channel.name} is archived.")
    return channel


def message_at(channel: Channel, ts: str, person: Person) -> Message:
    """The message that the person uses. Raises :class:`RefusedError` if they don't see one there."""
    message = channel.messages.get(ts)
    if message is None or message.ephemeral_to not in (None, person.id):
        raise RefusedError("message_not_found", f"There is no message {ts} in #{channel.name}.")
    return message
