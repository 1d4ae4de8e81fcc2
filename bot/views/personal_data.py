"""What the commands about exports and erasure print."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.incidents.model import ref_of
from bot.domain.kit.erasure import Subject
from bot.views.kit.text import counted

_SHOWN = 20


def exported(rows: int, path: str) -> str:
    """The line that says that something was exported."""
    return f"Exported {counted(rows, 'row')} to {path}, which only you can read."


def about_to_erase(subject: Subject, incidents: Collection[int]) -> str:
    """Who will be erased, and what they still have to do."""
    known = f"{subject.name} ({subject.id})" if subject.name else f"{subject.id}, whom I don't know"
    lines = [f"This erases {known}: the name, the address and what they wrote. It can't be undone."]
    if incidents:
        refs = ", ".join(map(ref_of, list(incidents)[:_SHOWN]))
        more = f" and {len(incidents) - _SHOWN} more" if len(incidents) > _SHOWN else ""
        lines.append(
            f"They still have something to do in {refs}{more}. The channels are asked who takes over."
        )
    return "\n".join(lines)


def question(subject: Subject) -> str:
    """The question that has to be answered before anything is erased."""
    return f"Type {subject.id} to erase them: "


def unfinished(subject: Subject, left: int) -> str:
    """The line that says that something is left to erase."""
    actions, are = counted(left, "action"), "is" if left == 1 else "are"
    again = "Run the command again in a minute to erase the rest."
    return f"{actions} for {subject.id} {are} still running. {again}"


def erased(subject: Subject) -> str:
    """The text that says that somebody was erased, and what remains in other places."""
    return f"""Erased {subject.id} from the database. What remains, and where to delete it:
- Slack: their messages, and the bot's messages, canvases and files that mention them. Delete them in Slack.
- Google Calendar: events that they were invited to, or that name them. Delete them there.
- Postmortems, and titles of incidents and action items: search them for the name if people may have typed it.
- Exported files, logs, and backups that were made before now. Delete those, or erase {subject.id} again after
  restoring one: docs/backup.md says how."""
