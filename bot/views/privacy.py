"""Messages to the commander, or somebody else concerned, when a channel becomes private or public."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.incidents.model import Incident
from bot.domain.privacy.model import DigestSent, Kept, asks
from bot.views.kit.fitting import in_sections
from bot.views.kit.message import Message, actions, button, section
from bot.views.kit.text import channel_link, entities, local_time, mention

_MAX_SHOWN = 30


def traces_message(incident: Incident, kept: Kept) -> Message:
    """A list of what still mentions an incident that became private, and where."""
    where = channel_link(incident.channel_id, incident.channel_name)
    start = f"*{incident.ref} is now private*, because {where} is. Only people in the channel can see it."
    lines = list(_lines(kept))
    if not lines:
        return Message(
            f"{incident.ref} is now private",
            (section(f"{start} As far as I know, nothing else mentions it."),),
        )
    more = [f"… and {len(lines) - _MAX_SHOWN} more"] if len(lines) > _MAX_SHOWN else []
    told = [f"{start} I've deleted what I could. These still mention it:"]
    told += [f"• {line}" for line in lines[:_MAX_SHOWN]] + more
    return Message(f"{incident.ref} is now private", tuple(in_sections(told)))


def _lines(kept: Kept) -> Iterator[str]:
    yield from map(_digest, kept.digests)
    for user_id in kept.exported_to:
        yield f"the postmortem export: I deleted the file sent to {mention(user_id)}; copies may remain"
    if kept.invitation:
        yield f"e-mails that the calendar sent about <{entities(kept.invitation)}|the postmortem meeting>"


def _digest(sent: DigestSent) -> str:
    day = local_time(sent.sent_at, "{date_short}")
    if sent.user_id:
        return f"{mention(sent.user_id)}'s digest of {day}"
    return f"<{entities(sent.permalink)}|the weekly digest> of {day} in {channel_link(sent.channel_id, '')}"


def question_message(incident: Incident, ts: str) -> Message:
    """The question of whether a private incident should become public like its channel, or the decision."""
    known = incident.conversion
    where, number = channel_link(incident.channel_id, incident.channel_name), str(incident.id)
    is_current = known is not None and known.question == ts
    if is_current and asks(incident):
        who = mention(known.by) if known and known.by else "Somebody"
        text = (
            f"{who} made {where} public, so anybody can read it now. {incident.ref} itself is still private. "
            "Should I make it public too, and announce it?"
        )
        buttons = (
            button(f"Make {incident.ref} public", "make_public", number, "danger"),
            button("Keep it private", "keep_private", number),
        )
        return Message(f"Should {incident.ref} become public?", (section(text), actions(*buttons)))
    if is_current and known and known.answered_by and not known.is_private:
        is_now = "stays private" if incident.is_private else "is now public"
        text = f"{incident.ref} {is_now}: {mention(known.answered_by)} decided."
    else:
        text = f"{where} is private again, and so is {incident.ref}, so there is nothing to decide."
    return Message(text, (section(text),))
