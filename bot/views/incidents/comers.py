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

_IN_PARAGRAPH, _MENTIONED = 170, 550
"""People who are mentioned in one paragraph, and in one message: as many as fit."""


def brought_in(incident: Incident, entries: Sequence[TimelineEntry]) -> Message:
    """The one message that mentions those who were brought in, and says why."""
    lines, room = list[str](), _MENTIONED
    for each in entries:
        people = (each.to_value or "").split()
        lines += _mentioning(each, people, room) if people else [change_line(each)]
        room = max(0, room - len(people))
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


def _mentioning(entry: TimelineEntry, people: Sequence[str], room: int) -> list[str]:
    """Paragraphs that mention as many of the people as there is ``room`` for, and say why."""
    shown = [mention(each) for each in people[:room]]
    starts = range(0, len(shown), _IN_PARAGRAPH)
    paragraphs = [", ".join(shown[start : start + _IN_PARAGRAPH]) for start in starts]
    if len(shown) < len(people):
        more = counted(len(people) - len(shown), "more person", "more people")
        paragraphs[-1:] = [" and ".join([*paragraphs[-1:], more])]
    *earlier, last = paragraphs
    first, *others = [*(f"{each}," for each in earlier), f"{last}: {escape(entry.text)}"]
    return [f"👋 {first}", *others]
