"""Who comes to an incident: the message that mentions them, and the question of whether to invite them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incidents.comers import Party, everybody, named
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import TimelineEntry
from bot.views.incidents.changes import change_line
from bot.views.kit.fitting import in_sections
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.text import counted, escape, mention

_MENTIONED = 190
"""People who are mentioned in one paragraph: as many as fit."""


def brought_in(incident: Incident, entries: Sequence[TimelineEntry]) -> Message:
    """The one message that mentions those who were brought in, and says why."""
    lines = [_mentioning(each) if each.to_value else change_line(each) for each in entries]
    return Message(f"{incident.ref}: {lines[0]}", tuple(in_sections(lines)))


def offer_message(incident: Incident, parties: Sequence[Party]) -> Message:
    """The question of whether to invite those who would come, which mentions none of them, or its outcome."""
    count = len(everybody(parties))
    if not count:
        text = "Everybody on the list for this incident has been invited."
        return Message(f"{incident.ref}: {text}", (context(text),))
    if incident.is_private:
        text = "🔒 This incident is private, so I haven't invited anybody. Invite the people on the list?"
    else:
        who = mention(incident.declared_by)
        found = counted(count, "person is", "people are")
        text = f"{who}, {found} on the list for this incident. Invite them?"
    told = in_sections(f"• {_party(each)}" for each in parties)
    return Message(f"{incident.ref}: {text}", (section(text), *told, _choices(incident, parties, count)))


def _choices(incident: Incident, parties: Sequence[Party], count: int) -> Block:
    number, people = str(incident.id), len(everybody(named(parties)))
    buttons = [button(f"Invite all {count:,}" if count > 1 else "Invite", "invite_comers", number)]
    if 0 < people < count:
        only = f"the {people}" if people > 1 else "the one"
        buttons.append(button(f"Invite only {only} named individually", "invite_named_comers", number))
    return actions(*buttons)


def _party(party: Party) -> str:
    if not party.user_ids:
        return f"⚠️ {escape(party.reason)}"
    return f"{escape(party.reason)}: {counted(len(party.user_ids), 'person', 'people')}"


def _mentioning(entry: TimelineEntry) -> str:
    people = (entry.to_value or "").split()
    shown = ", ".join(map(mention, people[:_MENTIONED]))
    more = len(people) - _MENTIONED
    others = f" and {counted(more, 'more person', 'more people')}" if more > 0 else ""
    return f"👋 {shown}{others}: {escape(entry.text)}"
