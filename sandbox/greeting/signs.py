"""Signs that a step is done: what anybody sees in the workspace then, however it came about.

Buttons are recognised by their action ids, since their labels and the text around them are only words.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.google import TEAM_CALENDAR
from sandbox.workspace.core import Core
from sandbox.workspace.model import Channel, Message

KEY_EVENT = "pushpin"
"""The reaction that marks a message as a key event."""
TAKES_COMMAND = "take_command"
"""The button of a card whose incident has no commander."""
MAKES_CHANNEL = "conversations.create"
"""The first call that a declaration makes: an app that is killed after it has hardly begun."""
WHILE_ACTIVE = "status_resolved"
"""The button of a card whose incident is neither resolved nor closed."""
_ON_CARD = "show_timeline"


def buttons(message: Message) -> set[str]:
    """The action ids of the message's elements."""
    elements = [each for block in message.blocks for each in block.get("elements", ())]
    accessories = [block["accessory"] for block in message.blocks if "accessory" in block]
    return {each["action_id"] for each in (*elements, *accessories) if "action_id" in each}


def is_made_by_app(core: Core, channel: Channel) -> bool:
    """Whether the app has made the channel, as it does for an incident."""
    return channel.creator == core.bot_user.id and not channel.is_im


def card(core: Core, channel: Channel) -> Message | None:
    """The app's card in an incident's channel, with the buttons for what can be done next."""
    if not is_made_by_app(core, channel):
        return None
    found = (each for each in _from_app(core, channel) if _ON_CARD in buttons(each))
    return next(found, None)


def _from_app(core: Core, channel: Channel) -> list[Message]:
    """What the app has posted for everybody in the channel."""
    messages = channel.messages.values()
    return [each for each in messages if each.bot_id == core.bot_id and each.ephemeral_to is None]


def _has_commander(core: Core, channel: Channel) -> bool:
    message = card(core, channel)
    shown = buttons(message) if message else set()
    return WHILE_ACTIVE in shown and TAKES_COMMAND not in shown


def _has_key_event(core: Core, channel: Channel) -> bool:
    messages = channel.messages.values()
    marked_by = {user for message in messages for user in message.reactions.get(KEY_EVENT, ())}
    return card(core, channel) is not None and bool(marked_by - {core.bot_user.id})


def _has_button(*prefixes: str) -> Callable[[Core, Channel], bool]:
    """Whether the app has posted a message with a button whose action id begins like that."""

    def look(core: Core, channel: Channel) -> bool:
        if card(core, channel) is None:
            return False
        return any(name.startswith(prefixes) for each in _from_app(core, channel) for name in buttons(each))

    return look


def _has_meeting(core: Core, channel: Channel) -> bool:
    """Whether the app has booked a meeting. It is in the team's calendar, and has a video call."""
    events = core.workspace.google.get("events", {}).get(TEAM_CALENDAR, {}).values()
    return card(core, channel) is not None and any(
        each.get("status") == "confirmed" and "conferenceData" in each for each in events
    )


def _was_finished(core: Core, channel: Channel) -> bool:
    """Whether the channel has its card although the app was killed before it had posted it."""
    return channel.id in core.workspace.greeting.unfinished and card(core, channel) is not None


SIGNS: dict[str, Callable[[Core, Channel], bool]] = {
    "declare": lambda core, channel: card(core, channel) is not None,
    "command": _has_commander,
    "mark": _has_key_event,
    "action": _has_button("item_"),
    "whys": _has_button("whys_"),
    "meeting": _has_meeting,
    "kill": _was_finished,
}
"""Step -> whether a channel shows that it is done."""
