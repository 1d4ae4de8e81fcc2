"""Checklists in Slack: the list with a button for each line, nudges about open lines, and an overview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.domain.action_items.model import item_ref
from bot.domain.checklists.model import PostedChecklist, PostedLine
from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import key_of
from bot.domain.kit.text import cut, duration
from bot.domain.surface.shown import ChecklistsShown
from bot.views.incidents.card import headline
from bot.views.kit.message import Block, Message, actions, button, context, menu, section
from bot.views.kit.text import counted, escape, escape_within, local_time, mention

_ROOM = 6000
"""Characters for the texts of all lines, so that a whole list fits into a message with its buttons."""
_LABEL = 40
_WITH_BUTTONS = 10
"""How many lines a nudge names with their buttons; the list above has those of the rest."""


def checklist_message(incident: Incident, posted: PostedChecklist) -> Message:
    """The list as it is now; each line has a button, and a menu at the end makes action items."""
    room = _ROOM // len(posted.lines)
    blocks: list[Block] = [section(f"📋 *{escape(posted.name)}* · {_progress(posted)}")]
    blocks += [_line(posted, each, room) for each in posted.lines]
    open_ones = {_value(posted, each): cut(each.text, _LABEL) for each in posted.lines if each.is_open}
    if open_ones:
        blocks.append(actions(menu("Turn into an action item…", "pick_line_for_item", open_ones)))
    elif posted.done == len(posted.lines):
        blocks.append(context("✅ Everything is done."))
    return Message(f"{incident.ref}: checklist {escape(posted.name)}, {_progress(posted)}", tuple(blocks))


def nudge_message(incident: Incident, posted: PostedChecklist, minutes: int, person: str | None) -> Message:
    """The nudge about lines that are open after so many minutes; later, what has become of them."""
    lines = posted.timed(minutes)
    left = [each for each in lines if each.is_open]
    if not left:
        text = "✅ None of these is open any longer."
        return Message(f"{incident.ref}: {text}", (context(text),))
    who = f"{mention(person)}, " if person else ""
    what = counted(len(left), "line is", "lines are")
    text = f"⏰ {who}{what} still open after {duration(timedelta(minutes=minutes))}:"
    blocks: list[Block] = [section(text)]
    for each in left[:_WITH_BUTTONS]:
        value = _value(posted, each)
        item = button("Create an action item", "line_to_item", value)
        done = button("Done", "tick_line", value, "primary")
        blocks += [section(f"☐ {escape_within(each.text, 300)}"), actions(done, item)]
    more = len(left) - _WITH_BUTTONS
    if more > 0:
        blocks.append(context(f"{more} more on the list above."))
    return Message(f"{incident.ref}: {text} {escape_within(left[0].text, 300)}", tuple(blocks))


def checklists_tray(shown: ChecklistsShown) -> Message:
    """The incident's lists with their links, and those that can be posted."""
    title = f"Checklists in {headline(shown.incident)}"
    blocks: list[Block] = [section(f"*{title}*")]
    blocks += [section(_there(posted, link)) for posted, link in shown.there]
    for name in shown.others:
        post = button("Post", "post_checklist", f"{shown.incident.id}/{key_of(name)}")
        blocks.append(section(f"*{escape(name)}* · not posted yet", accessory=post))
    if not shown.there and not shown.others:
        blocks.append(context("There are none yet. Admins can add some with `/incident settings`."))
    return Message(title, tuple(blocks))


def already_posted(incident: Incident, posted: PostedChecklist, link: str | None) -> str:
    """The answer to somebody who wants to post a list that the incident already has."""
    where = f" <{link}|Open it>." if link else ""
    return f"The checklist *{escape(posted.name)}* is already in {incident.ref}: {_progress(posted)}.{where}"


def _there(posted: PostedChecklist, link: str | None) -> str:
    where = f" · <{link}|Open it>" if link else ""
    return f"*{escape(posted.name)}* · {_progress(posted)}{where}"


def _line(posted: PostedChecklist, line: PostedLine, room: int) -> Block:
    text, value = escape_within(line.text, room), _value(posted, line)
    if line.done_at and line.done_by:
        text = f"✅ {text} · {mention(line.done_by)} {local_time(line.done_at)}"
        return section(text, accessory=button("Undo", "untick_line", value))
    sign, after = "☐", ""
    if line.item_id:
        sign, after = "➡️", f" · *{item_ref(line.item_id)}*"
    elif line.minutes:
        after = f" · by {local_time(posted.at + timedelta(minutes=line.minutes), '{time}')}"
    return section(f"{sign} {text}{after}", accessory=button("Done", "tick_line", value))


def _progress(posted: PostedChecklist) -> str:
    return f"{posted.done} of {len(posted.lines)} done"


def _value(posted: PostedChecklist, line: PostedLine) -> str:
    return f"{posted.incident_id}/{line.id}"


VIEWS: Mapping[type[Any], Callable[[Any], Message]] = {ChecklistsShown: checklists_tray}
"""Loaded answers about checklists -> their functions, for :mod:`bot.views.answers`."""
