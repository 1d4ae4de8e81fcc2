"""The briefing of somebody who comes, or comes back, to an incident."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.surface.shown import BriefingShown, Shown
from bot.views.incidents.card import headline, state
from bot.views.incidents.entries import entry_line
from bot.views.kit.fitting import in_sections
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.text import counted, escape, local_time, mention

_SHOWN, _SHOWN_TO_NEWCOMERS = 300, 120
"""Characters of each change's text; a newcomer reads more lines, and shorter ones."""


def offer_message(incident: Incident) -> Message:
    """The line for somebody who has just joined, with the button that briefs them."""
    text = f"{incident.ref} was declared {local_time(incident.declared_at)}. Want to catch up?"
    catch_up = button("Catch up", "catch_up", str(incident.id))
    return Message(text, (context(text), actions(catch_up)))


def briefing_message(shown: BriefingShown) -> Message:
    """Where the incident is in five lines, then what has changed, and a button for everything else."""
    title = f"*{headline(shown.incident)}*"
    lines = in_sections(_line(shown, entry) for entry in shown.changes)
    blocks: list[Block] = [section("\n".join((title, *_now(shown)))), section(_since(shown)), *lines]
    if more := _more(shown):
        blocks.append(context(more))
    timeline = button("Timeline", "show_timeline", str(shown.incident.id))
    return Message(f"{headline(shown.incident)}: {state(shown.incident)}", (*blocks, actions(timeline)))


def _now(shown: BriefingShown) -> list[str]:
    incident = shown.incident
    commander = mention(incident.commander_id) if incident.commander_id else "nobody yet"
    declared = f"Declared {local_time(incident.declared_at)} by {mention(incident.declared_by)}"
    resolved = f" · resolved {local_time(incident.resolved_at)}" if incident.resolved_at else ""
    roles = "".join(f" · {escape(role.name)}: {mention(who)}" for role, who in shown.supporting)
    lines = [state(incident), f"Commander: {commander}{roles}", declared + resolved]
    if shown.noted:
        what = "update" if shown.noted.kind is EntryKind.UPDATE else "note"
        lines.append(f"Latest {what}: {_line(shown, shown.noted)}")
    if shown.key_event:
        lines.append(f"Latest key event: {_line(shown, shown.key_event)}")
    return lines


def _line(shown: BriefingShown, entry: TimelineEntry) -> str:
    return entry_line(entry, shown.team_url, shown.names, _SHOWN if shown.since else _SHOWN_TO_NEWCOMERS)


def _since(shown: BriefingShown) -> str:
    if shown.since is None:
        return "*What has happened so far*"
    what = "What has changed" if shown.total else "Nothing has changed"
    return f"*{what} since you were last seen here, {local_time(shown.since)}*"


def _more(shown: BriefingShown) -> str:
    """What isn't shown: earlier changes, and what people wrote."""
    left = shown.total - len(shown.changes)
    parts = [f"{counted(left, 'earlier change')} on the timeline"] if left else []
    if shown.messages:
        parts.append(f"{counted(shown.messages, 'message')} in the channel")
    return " · ".join(parts)


VIEWS: Mapping[type[Shown], Callable[[Any], Message]] = {BriefingShown: briefing_message}
