"""User groups: people who are named together, such as ``@oncall``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.kit.text import storable


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group of the workspace, as Slack knows it."""

    id: str
    handle: str
    """Without the @ sign."""
    name: str
    member_ids: tuple[str, ...] = ()
    """Sorted. Slack also lists guests; people who have left the workspace are taken out by Slack."""
    is_disabled: bool = False
    """Whether it was disabled: Slack keeps it, but nobody can mention it."""


def group_from_slack(group: Mapping[str, Any]) -> UserGroup:
    """A user group from Slack's object (https://docs.slack.dev/reference/objects/usergroup-object).

    Without its ``users``, which Slack adds only if asked to, it has no members.
    """
    handle = storable(str(group.get("handle") or ""))
    return UserGroup(
        id=group["id"],
        handle=handle,
        name=storable(str(group.get("name") or "")) or handle,
        member_ids=tuple(sorted({str(each) for each in group.get("users") or ()})),
        is_disabled=bool(group.get("date_delete")),
    )
