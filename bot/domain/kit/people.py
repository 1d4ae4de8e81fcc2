"""The people of the workspace, and which of them may act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.kit.text import storable

_MAX_ADDRESS = 320
"""64 characters before the @ and 255 after it: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1"""


class System:
    """The bot itself, which sees everything: the actor when nobody asked for something."""


SYSTEM = System()
ERASED, ERASED_NAME = "erased", "an erased person"
"""What replaces the id of somebody who was erased, and their name."""
NEVER_CHANGES = 2**62
"""What replaces the time of Slack's last change to somebody who was erased: no news is newer than that."""
Actor = str | System
"""Who acts: a person, by their Slack id, or the bot itself."""
Viewer = Actor
"""On whose behalf something is read: a person's, by their Slack id, or the bot's own."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person, as far as the gate and the texts need to know them."""

    id: str
    name: str
    tz: str | None = None
    """IANA name; ``None`` if Slack doesn't return it."""
    is_bot: bool = False
    is_deleted: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    """Whether they are an admin or owner of the workspace."""
    email: str | None = field(default=None, repr=False)
    """Lower case; ``None`` if Slack doesn't return it. It identifies their calendar."""
    changed_at: int = 0
    """When Slack last changed the user (epoch seconds), so that older news can't overwrite newer."""
    erased_at: datetime | None = None
    """What they wrote until then was erased (UTC)."""

    @property
    def is_erased(self) -> bool:
        """Whether they were erased and haven't come back."""
        return self.changed_at == NEVER_CHANGES

    def is_erased_at(self, ts: str) -> bool:
        """Whether a message that they wrote at this Slack ``ts`` was erased."""
        return self.erased_at is not None and float(ts) <= self.erased_at.timestamp()

    @property
    def may_act(self) -> bool:
        """Whether they may act: full members may; guests, strangers, bots and former members may not."""
        return not (self.is_bot or self.is_deleted or self.is_guest or self.is_stranger)


def person_from_slack(user: Mapping[str, Any], team_id: str) -> Person:
    """A person from Slack's user object (https://docs.slack.dev/reference/objects/user-object).

    Anybody outside the team ``team_id`` (empty if it isn't known) is a stranger, whatever ``is_stranger``
    says: Slack sets that to false for people who share a channel with the app.
    """
    profile = user.get("profile") or {}
    name = (
        profile.get("display_name") or user.get("real_name") or profile.get("real_name") or user.get("name")
    )
    return Person(
        id=user["id"],
        name=storable(str(name or user["id"])),
        tz=user.get("tz") or None,
        # Slack doesn't mark Slackbot as a bot.
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_deleted=bool(user.get("deleted")),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")) or not _is_of(user, team_id),
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
        email=_address(profile.get("email")),
        changed_at=int(user.get("updated") or 0),
    )


def _address(told: object) -> str | None:
    """A valid-looking e-mail address in lower case that fits its column, or ``None``."""
    address = storable(str(told or "")).strip().lower()
    return address if "@" in address and len(address) <= _MAX_ADDRESS else None


def _is_of(user: Mapping[str, Any], team_id: str) -> bool:
    """Whether the user belongs to the team, directly or through an Enterprise organization."""
    theirs = {user.get("team_id") or team_id, *((user.get("enterprise_user") or {}).get("teams") or ())}
    return not team_id or team_id in theirs
