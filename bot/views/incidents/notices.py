"""Messages about changes that people make elsewhere in Slack."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Vacancies
from bot.views.kit.message import Block, Message, button, context, section
from bot.views.kit.text import counted, escape, escape_within, mention

_MAX_ITEMS = 20


def shared_message(incident: Incident) -> Message:
    """The warning in the channel that people outside can read it."""
    text = (
        f"⚠️ *This channel is now shared with another organization.* People outside can read everything here, "
        f"including what was written before. They can't change {incident.ref}."
    )
    return Message(f"{incident.ref}: this channel is now shared with another organization", (section(text),))


def deleted_message(incident: Incident) -> Message:
    """The direct message that the incident has lost its channel."""
    text = (
        f"The channel of *{incident.ref} · {escape(incident.title)}* (#{escape(incident.channel_name)}) was "
        "deleted. The incident continues without one: reminders and direct messages still come, and what "
        "is already on its timeline stays."
    )
    tray = button(f"Show {incident.ref}", "show_tray", str(incident.id))
    return Message(f"The channel of {incident.ref} was deleted", (section(text, accessory=tray),))


def no_commander_message(incident: Incident) -> Message:
    """The question in the channel of who takes command."""
    text = f"*{incident.ref}* still has no commander. Who leads the response?"
    take = button("Take command", "take_command", str(incident.id), "primary")
    return Message(f"{incident.ref} has no commander", (section(text, accessory=take),))


def vacancies_message(found: Vacancies) -> Message:
    """What somebody who can no longer act has left, with a button to take over each."""
    incident, number = found.incident, str(found.incident.id)
    told = f"{mention(found.user_id)} can no longer act here, so somebody needs to take over."
    blocks: list[Block] = [section(f"⚠️ {told}")]
    if found.commands:
        take = button("Take command", "take_command", number, "primary")
        blocks.append(section(f"*{incident.ref}* has no commander.", accessory=take))
    for role, name in found.roles:
        takes = button("Take the role", "take_role", f"{number}/{role}")
        blocks.append(section(f"*{incident.ref}* has nobody in the role *{escape(name)}*.", accessory=takes))
    if found.owns_postmortem:
        chooses = button("Choose an owner", "own_postmortem", number)
        blocks.append(section(f"The postmortem of *{incident.ref}* has no owner.", accessory=chooses))
    for session_id, ref in found.sessions[:_MAX_ITEMS]:
        chooses = button("Choose a facilitator", "hand_over_whys", str(session_id))
        blocks.append(section(f"*{ref}* has no facilitator.", accessory=chooses))
    for item_id, ref, title in found.items[:_MAX_ITEMS]:
        reassign = button("Reassign", "reassign_item", str(item_id))
        blocks.append(section(f"*{ref}* {escape_within(title, 200)}", accessory=reassign))
    for what, count in (("five-whys session", len(found.sessions)), ("action item", len(found.items))):
        more = count - _MAX_ITEMS
        if more > 0:
            blocks.append(context(f"… and {counted(more, f'more {what}')}"))
    return Message(f"{incident.ref}: {told}", tuple(blocks))
