"""A time block, as its owner sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.calendar.time_blocks import BlockStatus
from bot.domain.incidents.model import Incident
from bot.domain.surface.shown import BlockShown
from bot.views.kit.message import Block, Message, actions, button, section
from bot.views.kit.text import local_time, mention


def block_message(shown: BlockShown) -> Message:
    """Until when the person's calendar is blocked, or what they are asked to block, with buttons."""
    block, incident, number = shown.block, shown.incident, str(shown.block.id)
    if block.status is BlockStatus.ASKED:
        what = f"block {duration(block.minutes)} for *{incident.ref}*, starting now"
        text = f"{mention(block.asked_by)} asks you to {what}."
        buttons = [
            button("Block it", "confirm_block", number, "primary"),
            button("Decline", "free_block", number),
        ]
        return Message(text, (section(text), actions(*buttons)))
    if not block.is_on(shown.now):
        text = f"Your calendar is no longer blocked for *{incident.ref}*."
        return Message(text, (section(text),))
    until = local_time(block.ends_at, "{time}") if block.ends_at else "then"
    text = f"⏳ Your calendar is blocked for *{incident.ref}* until {until}."
    buttons = [button("Add an hour", "extend_block", number), button("End now", "free_block", number)]
    return Message(text, (section(text), actions(*buttons)))


def block_button(incident: Incident) -> Block:
    """The button that blocks an hour to work on the incident."""
    return button("Block my calendar for 1 h", "block_hour", str(incident.id))


def duration(minutes: int) -> str:
    """``90`` -> ``1 h 30 min``."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{rest} min" if rest else ""]
    return " ".join(each for each in parts if each)


VIEWS: Mapping[type[Any], Callable[[Any], Message]] = {
    BlockShown: block_message,
}
"""Loaded answers about time blocks -> their functions, for :mod:`bot.views.answers`."""
