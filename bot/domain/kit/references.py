"""What people, channels and user groups are called where Slack doesn't draw their names.

Whatever turns Slack's markup into plain text needs :class:`Names`, so that nobody ever reads an id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a reference in a message is to."""

    PERSON = "person"
    CHANNEL = "channel"
    GROUP = "group"


NAMELESS = {Kind.PERSON: "somebody", Kind.CHANNEL: "a private channel", Kind.GROUP: "a group"}
"""What is shown instead of a name that isn't known, or that may not be revealed."""
_SIGNS = {Kind.PERSON: "@", Kind.CHANNEL: "#", Kind.GROUP: "@"}


@dataclass(frozen=True, slots=True)
class Names:
    """The names that we know ourselves."""

    look: Callable[[Kind, str], str | None]
    """The name of what has this id: ``None`` if it isn't known, empty if it may not be revealed."""

    def person(self, user_id: str) -> str:
        """Somebody's name, without a sign in front of it."""
        return self.look(Kind.PERSON, user_id) or NAMELESS[Kind.PERSON]

    def shown(self, kind: Kind, target: str, label: str = "") -> str:
        """``@ben``, ``#random`` or ``@oncall``, or that it is a private channel.

        The label that Slack has sent is shown only if we don't know the name: it may be out of date.
        """
        known = self.look(kind, target)
        name = label.lstrip("@#") if known is None else known
        return _SIGNS[kind] + name if name else NAMELESS[kind]
