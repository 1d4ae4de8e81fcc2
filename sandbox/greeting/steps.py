"""The seven steps, and what their buttons do: calls of the control API, like those of any script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sandbox.botprocess import BotProcess
from sandbox.greeting.signs import KEY_EVENT, MAKES_CHANNEL, TAKES_COMMAND, WHILE_ACTIVE, buttons, card
from sandbox.workspace.model import Channel, Json, Message, Person
from sandbox.workspace.store import Store

_COMMAND = "/incident"
SUBMIT = "submit"
"""Not a call: the page submits the form that has been opened, as a person would."""
Call = tuple[str, Json]
"""A route of the control API and its arguments; a ``ts`` that a route returns is passed to the next one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a step's button does now."""

    calls: tuple[Call, ...] = ()
    place: str = ""
    """The id of the channel in which to look at the outcome, if it isn't where the person is."""
    why_not: str = ""
    """Why the step can't be done now, in two or three words."""
    title: str = ""
    """What the button says instead of the step's own title."""
    hint: str = ""
    """What the person should know instead of the step's own hint."""


@dataclass
class Situation:
    """Who looks at which channel, and what the app is doing."""

    store: Store
    me: Person
    here: Channel | None
    bot: BotProcess | None

    @cached_property
    def desk(self) -> Channel | None:
        """Where the person can type a command: here, or else in the first of their channels."""
        every = self.store.workspace.channels.values()
        mine = [each for each in every if self._may_write(each)]
        return self.here if self.here in mine else next(iter(mine), None)

    @cached_property
    def incident(self) -> Channel | None:
        """The channel of an incident that the person is in: this one, or else the newest."""
        every = reversed(self.store.workspace.channels.values())
        mine = [each for each in every if self._may_write(each) and card(self.store, each)]
        return self.here if self.here in mine else next(iter(mine), None)

    @property
    def no_incident(self) -> str:
        """What the person must do first when they are in no incident's channel."""
        every = self.store.workspace.channels.values()
        open_to_all = any(card(self.store, each) and not each.is_private for each in every)
        return "join one first" if open_to_all and not self.me.is_restricted else "declare first"

    @cached_property
    def unfinished(self) -> Channel | None:
        """The channel that the app had just made when it was killed."""
        made = map(self.store.workspace.channels.get, self.store.workspace.greeting.unfinished)
        seen = [each for each in made if each and not (each.is_private or self.me.is_restricted)]
        newest = seen[-1] if seen else None
        return newest if newest and card(self.store, newest) is None else None

    def _may_write(self, channel: Channel) -> bool:
        return self.me.id in channel.members and not (channel.is_archived or channel.is_im)

    def command(self, channel: Channel, text: str) -> Call:
        """Type a command there."""
        about = {"user": self.me.id, "channel": channel.id, "command": _COMMAND, "text": text}
        return "command", about


@dataclass(frozen=True, slots=True)
class Step:
    """One of the steps; its ``name`` is that of its sign."""

    name: str
    title: str
    hint: str
    offer: Callable[[Situation], Offer]


def _declare(at: Situation) -> Offer:
    if at.desk is None:
        return Offer(why_not="join a channel first")
    return Offer((at.command(at.desk, "declare Checkout is slow"),))


def _take_command(at: Situation) -> Offer:
    message = card(at.store, at.incident) if at.incident else None
    if at.incident is None or message is None:
        return Offer(why_not=at.no_incident)
    if TAKES_COMMAND not in buttons(message):
        return Offer(why_not="already taken" if WHILE_ACTIVE in buttons(message) else "incident is over")
    where = {"user": at.me.id, "channel": at.incident.id, "message_ts": message.ts}
    return Offer((("interact", {**where, "action": TAKES_COMMAND}),), at.incident.id)


def _mark(at: Situation) -> Offer:
    if at.incident is None:
        return Offer(why_not=at.no_incident)
    where = {"user": at.me.id, "channel": at.incident.id}
    react = {**where, "name": KEY_EVENT}
    written = [each for each in at.incident.messages.values() if _is_unmarked(each, at.me)]
    if written:
        return Offer((("reaction", {**react, "ts": written[-1].ts}),), at.incident.id)
    said = {**where, "text": "The connection pool is full since the 14:02 deploy."}
    return Offer((("message", said), ("reaction", react)), at.incident.id)


def _is_unmarked(message: Message, me: Person) -> bool:
    """Whether a person wrote it for everybody, outside a thread, and hasn't marked it."""
    is_written = not (message.bot_id or message.subtype or message.ephemeral_to)
    is_reply = message.thread_ts not in (None, message.ts)
    return is_written and not is_reply and me.id not in message.reactions.get(KEY_EVENT, ())


def _commands(text: str) -> Callable[[Situation], Offer]:
    """The offer to type a command in the incident's channel; ``{me}`` is the person's handle."""

    def offer(at: Situation) -> Offer:
        if at.incident is None:
            return Offer(why_not=at.no_incident)
        return Offer((at.command(at.incident, text.format(me=at.me.name)),), at.incident.id)

    return offer


def _kill(at: Situation) -> Offer:
    if at.bot is None:
        return Offer(why_not="bot runs elsewhere")
    if not at.bot.running:
        place = at.unfinished
        name = f"#{place.name} was just made and is still empty. " if place else ""
        return Offer(
            (("bot", {"action": "start"}),),
            place.id if place else "",
            title="Start it again",
            hint=f"Killed. {name}Start it again, and watch it finish.",
        )
    if at.desk is None:
        return Offer(why_not="join a channel first")
    kill = {"action": "kill", "after": MAKES_CHANNEL}
    return Offer((("bot", kill), at.command(at.desk, "declare Killed in the middle"), (SUBMIT, {})))


STEPS: tuple[Step, ...] = (
    Step(
        "declare",
        "Declare an incident",
        "A form opens. Submit it, and a channel appears in the sidebar.",
        _declare,
    ),
    Step("command", "Take command", "The card has a button for it. Watch the card change.", _take_command),
    Step("mark", "Mark a message with 📌", "It becomes a key event. Type /incident timeline to see.", _mark),
    Step(
        "action",
        "Create an action item",
        "Its owner is reminded until it is done.",
        _commands("action Set a limit for the connection pool @{me} due friday"),
    ),
    Step(
        "whys",
        "Ask five whys",
        "Submit the form, and answer in the thread: why, and why was that?",
        _commands("whys Why was checkout slow?"),
    ),
    Step(
        "meeting",
        "Book the meeting",
        "Submit the form, and choose a slot. Then look at your calendar.",
        _commands("meet"),
    ),
    Step(
        "kill",
        "Kill the bot midway",
        "Declares an incident and kills the bot at once. Nothing is lost or done twice.",
        _kill,
    ),
)


def offer_of(step: Step, at: Situation) -> Offer:
    """What the step's button does; without the app, nothing but starting it is of use."""
    offer = step.offer(at)
    starts = any(route == "bot" and about["action"] == "start" for route, about in offer.calls)
    if at.store.bot_connected or starts or offer.why_not:
        return offer
    return Offer(why_not="bot is starting" if at.bot and at.bot.running else "bot is off")
