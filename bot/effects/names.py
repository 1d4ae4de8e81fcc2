"""Lists the names of channels, and the user groups."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime

from bot.domain.kit.groups import group_from_slack
from bot.domain.kit.json import Json
from bot.domain.kit.references import Kind
from bot.domain.outbox.effects import ListNames
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.failures import suppress_final
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.operations.groups import UserGroups
from bot.operations.names import KnownNames
from bot.operations.outbox import Outbox

_TOGETHER = 100
"""Names stored per transaction, so that others can write in between."""
_GROUPS_TOGETHER = 10
"""Groups stored per transaction: each may have hundreds of members."""
_TYPES = "public_channel,private_channel"


class NamePerformers:
    """Performs the effects that concern names."""

    def __init__(self, slack: Slack, names: KnownNames, groups: UserGroups, outbox: Outbox) -> None:
        self._slack, self._names, self._groups, self._outbox = slack, names, groups, outbox

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {ListNames: self.list_names}

    def list_names(self, _effect: ListNames, row: Claimed) -> Outcome:
        """Store what channels are called and who is in user groups, and forget those that no longer exist.

        What is listed counts as known since the row was planned, so an event in between is newer. Slack
        allows about twenty pages a minute, so each attempt resumes where the last one was refused.
        """
        progress = row.progress or {}
        if not progress:
            self._list_groups(row.created_at)
        cursor, listed = str(progress.get("cursor") or ""), bool(progress)
        while True:
            found, cursor = self._some_channels(cursor)
            listed = listed or bool(found)
            self._save(Kind.CHANNEL, {each["id"]: public_name(each) for each in found}, row.created_at)
            if not cursor:
                break
            self._outbox.keep_progress(row, {"cursor": cursor})
        if listed:
            self._names.forget_before(Kind.CHANNEL, row.created_at)
        return None

    def _some_channels(self, cursor: str) -> tuple[list[Json], str]:
        found: list[Json] = []
        following = ""
        # Only a refusal of the first page means that the server lists no channels.
        with nullcontext() if cursor else suppress_final():
            found, following = self._slack.page(
                "conversations.list", "channels", cursor, types=_TYPES, exclude_archived=False
            )
        return found, following

    def _list_groups(self, since: datetime) -> None:
        """Store the user groups, if Slack lists any: the scope is optional, and only paid plans have them.

        https://docs.slack.dev/reference/methods/usergroups.list
        """
        with suppress_final():
            answer = self._slack.call("usergroups.list", include_disabled=True, include_users=True)
            found = [group_from_slack(each) for each in answer.get("usergroups") or ()]
            for start in range(0, len(found), _GROUPS_TOGETHER):
                self._groups.save(found[start : start + _GROUPS_TOGETHER], since)
            self._groups.forget_before(since)

    def _save(self, kind: Kind, known: Mapping[str, str | None], since: datetime) -> None:
        pairs = list(known.items())
        for start in range(0, len(pairs), _TOGETHER):
            self._names.save(kind, dict(pairs[start : start + _TOGETHER]), since)


def public_name(channel: Json) -> str | None:
    """The channel's name; ``None`` if it is private."""
    return None if channel.get("is_private") else str(channel.get("name") or "")
