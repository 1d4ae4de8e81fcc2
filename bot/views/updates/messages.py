"""Updates in Slack: in channels, threads and direct messages, and the nudge to write the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.kit.text import one_line
from bot.domain.surface.shown import SubscriptionShown
from bot.domain.updates.model import SNOOZE_MINUTES, UNCHANGED, NudgeState, Update, words
from bot.views.incidents.card import headline, state, subscribe_button
from bot.views.incidents.changes import change_line
from bot.views.kit.message import SECTION_LIMIT, Block, Message, actions, button, context, section
from bot.views.kit.text import channel_link, escape_within, local_time, mention

KNOWN, DOING, NEXT = "What we know", "What we're doing", "What comes next"
"""The parts of an update, on messages and in forms."""
_LABEL_ROOM, _SHORT = 50, 300


def posted(incident: Incident, update: Update) -> Message:
    """The update in the incident's channel, where its author and the commander can correct it."""
    head = f"📣 *Update {update.number}* by {mention(update.by)}"
    more = [] if update.is_unchanged else [actions(_correct_button(update))]
    return Message(_notification(incident, update), (*_body(head, incident, update), *more))


def shared(incident: Incident, update: Update) -> Message:
    """The update in the thread of the announcement, or of the message that the incident was declared from."""
    head = f"📣 *{incident.ref}, update {update.number}* by {mention(update.by)}"
    return Message(_notification(incident, update), _body(head, incident, update))


def told(incident: Incident, update: Update) -> Message:
    """The update as a direct message to a subscriber."""
    head = f"📣 *{headline(incident)}*\nUpdate {update.number} by {mention(update.by)}"
    blocks = (*_body(head, incident, update), *_ending(incident))
    return Message(_notification(incident, update), blocks)


def told_status(incident: Incident, entry: TimelineEntry) -> Message:
    """A change of status as a direct message to a subscriber."""
    text = f"*{headline(incident)}*\n{change_line(entry)}"
    return Message(f"{incident.ref}: {change_line(entry)}", (section(text), *_ending(incident)))


def nudge(
    incident: Incident, update: Update, latest: Update, person: str | None, kind: NudgeState
) -> Message:
    """The request for the next update in the incident's channel, and later what has become of it."""
    if kind is NudgeState.OPEN:
        return _asking(incident, update, person)
    text = _SETTLED[kind](incident, update, latest)
    return Message(f"{incident.ref}: {text}", (context(text),))


def subscription(shown: SubscriptionShown) -> Message:
    """Whether somebody is subscribed, with a button to change that; only they see it."""
    incident = shown.incident
    if shown.is_subscribed:
        title = headline(incident)
        text = f"I'll send you a direct message for every update and status change of *{title}*."
        return Message(text, (section(text), actions(_unsubscribe_button(incident))))
    text = f"You're not subscribed to *{headline(incident)}*."
    return Message(text, (section(text), actions(subscribe_button(incident))))


def _asking(incident: Incident, update: Update, person: str | None) -> Message:
    asked = f"{mention(person)}, the" if person else "The"
    text = f"⏰ {asked} next update is due. The last one was sent {local_time(update.at)}."
    which = f"{incident.id}/{update.number}"
    buttons = actions(
        button("Write the update", "write_update", str(incident.id), "primary"),
        button("No change", "no_change_update", which),
        button(f"Snooze {SNOOZE_MINUTES} min", "snooze_update", which),
    )
    return Message(f"{incident.ref}: {text}", (section(text), buttons))


def _body(head: str, incident: Incident, update: Update) -> tuple[Block, ...]:
    """The head, the parts that have text, and what was promised."""
    if update.is_unchanged:
        blocks = [section(f"{head}\n{UNCHANGED} The previous update still holds.")]
    elif not (update.doing or update.next):
        blocks = [section(head), section(escape_within(update.known, SECTION_LIMIT))]
    else:
        parts = ((KNOWN, update.known), (DOING, update.doing), (NEXT, update.next))
        room = SECTION_LIMIT - _LABEL_ROOM
        texts = (f"*{label}*\n{escape_within(text, room)}" for label, text in parts if text)
        blocks = [section(head), *map(section, texts)]
    footer = " · ".join(_footer(incident, update))
    return (*blocks, context(footer)) if footer else tuple(blocks)


def _footer(incident: Incident, update: Update) -> list[str]:
    said = []
    if update.due_at and incident.is_active:
        said.append(f"Next update: {local_time(update.due_at)}")
    if update.corrected_at:
        by = "" if update.corrected_by in {None, update.by} else f" by {mention(update.corrected_by or '')}"
        said.append(f"Corrected {local_time(update.corrected_at)}{by}")
    return said


def _ending(incident: Incident) -> tuple[Block, ...]:
    where = channel_link(incident.channel_id, incident.channel_name)
    return context(f"{state(incident)} · {where}"), actions(_unsubscribe_button(incident))


def _notification(incident: Incident, update: Update) -> str:
    return f"{incident.ref}, update {update.number}: {escape_within(one_line(words(update)), _SHORT)}"


def _correct_button(update: Update) -> Block:
    return button("Edit update", "correct_update", f"{update.incident_id}/{update.number}")


def _unsubscribe_button(incident: Incident) -> Block:
    return button("Unsubscribe", "unsubscribe_incident", str(incident.id))


def _snoozed(_incident: Incident, update: Update, _latest: Update) -> str:
    return f"⏰ Snoozed until {local_time(update.nudge_at)}." if update.nudge_at else "⏰ Asked again below."


_SETTLED: Mapping[NudgeState, Callable[[Incident, Update, Update], str]] = {
    NudgeState.ANSWERED: lambda _incident, _update, latest: f"✅ {mention(latest.by)} has sent an update.",
    NudgeState.SNOOZED: _snoozed,
    NudgeState.OVER: lambda incident, _update, _latest: (
        f"⏰ {incident.ref} is {incident.status.value}, so no update is due."
    ),
}

VIEWS: Mapping[type[Any], Callable[[Any], Message]] = {SubscriptionShown: subscription}
"""Loaded answers about subscriptions -> their functions, for :mod:`bot.views.answers`."""
