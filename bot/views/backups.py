"""What the commands about backups print."""

from __future__ import annotations

from collections.abc import Mapping

from bot.views.kit.labels import effect_label
from bot.views.kit.text import counted


def saved(rows: int, path: str) -> str:
    """The line that says that a backup was made."""
    return f"Saved {counted(rows, 'row')} to {path}, which only you can read."


def restored(rows: int, place: str, undecided: Mapping[str, int]) -> str:
    """The text that says that a backup was restored, and what waits for a decision."""
    return f"Restored {counted(rows, 'row')} into {place}.\n{waiting(undecided)}"


def waiting(undecided: Mapping[str, int]) -> str:
    """What waits for a decision, by kind, and how to decide. It names no incident: some are private."""
    if not undecided:
        return "Nothing waits for your decision."
    lines = [f"  {number:>6,} × {effect_label(kind)}" for kind, number in undecided.items()]
    return "\n".join(
        [
            "Some of this may already have been done after the backup was made, and I can't tell:",
            *lines,
            "`--restored send` lets the bot do all of it; `--restored drop` discards it.",
            "Until then it waits, and `/incident doctor` lists it.",
        ]
    )


def decided(choice: str, number: int) -> str:
    """What becomes of everything that waited."""
    return f"{counted(number, 'action')} will be {'done' if choice == 'send' else 'dropped'}."
