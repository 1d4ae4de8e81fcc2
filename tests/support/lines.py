"""What people type at random after `/incident`, or after a mention of the bot."""

from __future__ import annotations

from bot.listeners.commands import COMMANDS

CHANGES = (
    "status investigating",
    "status open",
    "resolve It works",
    "close",
    "reopen It is back",
    "lead",
    "lead @ben",
    "role scribe",
    "role scribe @chen",
    "role communications @dara",
    "role commander @ana",
    "severity critical",
    "severity low It was less",
    "rename Something else {word}",
    "update We know more {word}",
    "call https://meet.example.com/{word}",
    "call https://meet.example.com/another",
)
"""What changes an incident."""
LINES = (
    *CHANGES,
    "",
    "role",
    "role scribe @gus",
    "role scribe @hal",
    "update",
    "call javascript:alert(1)",
    "catchup",
    "action Look into {word} @ben due tomorrow",
    "action Look into it, p1, @hal",
    "actions",
    "whys Why is {word} slow",
    "whys",
    "timeline all",
    "postmortem",
    "meet",
    "block 1h",
    "block 2h @chen",
    "list all",
    "checklist Rollback",
    "page @emi We need you",
    # Each subcommand by itself, so that new ones are included.
    *(each.name for each in COMMANDS),
)
"""What is typed; ``{word}`` is the incident's own word, by which its texts are found."""
