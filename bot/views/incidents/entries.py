"""Timeline entries, each in one line with its time and its link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.incidents.timeline import EntryKind, TimelineEntry, permalink
from bot.domain.kit.references import Names
from bot.views.incidents.changes import change_line
from bot.views.kit.text import entities, escape_within, label_of, local_time, mention, quote_message

SHOWN_PER_LINE = 500
"""Characters of one message's text, so that a page of such lines fits into one message."""
_QUOTED = 300


def entry_line(entry: TimelineEntry, team_url: str, names: Names, shown: int = SHOWN_PER_LINE) -> str:
    """What happened, after its time, which links to its message; at most ``shown`` characters of its text."""
    link = None
    if team_url and entry.channel_id and entry.ts:
        link = permalink(team_url, entry.channel_id, entry.ts, entry.thread_ts)
    when = local_time(entry.at, "{date_short_pretty} {time_secs}", link)
    sign = "📌 " if entry.is_key else ""
    is_message = entry.kind is EntryKind.MESSAGE
    what = _message_line(entry, names, shown) if is_message else change_line(entry, note_limit=shown)
    return f"{sign}{when} {what}"


def _message_line(entry: TimelineEntry, names: Names, limit: int) -> str:
    author = mention(entry.by) if entry.by else escape_within(entry.source or "a bot", 80)
    if entry.is_deleted:
        return f"{author}: _{entry.removed or 'message deleted'}_"
    shown = quote_message(entry.text, names, min(limit, _QUOTED))
    for index, file in enumerate(entry.files):
        link = _file_link(file)
        if len(shown) + len(link) > limit:
            shown += f" 📎 {len(entry.files) - index} more"
            break
        shown += f" {link}"
    edited = " _(edited)_" if entry.is_edited else ""
    return f"{author}: {shown.strip()}{edited}"


def _file_link(file: Mapping[str, Any]) -> str:
    name, link = str(file.get("name") or "file"), entities(str(file.get("permalink") or ""))
    if not link:
        return f"📎 {escape_within(name, 80)}"
    return f"📎 <{link.replace('|', '%7C')}|{label_of(name, 80)}>"
