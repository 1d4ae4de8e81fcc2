"""One Web API call as its handler sees it: arguments by kind, conversations by scope, pages by cursor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.rules import SlackError
from sandbox.workspace.model import Channel, Json, Message, Person
from sandbox.workspace.shapes import channel_type

if TYPE_CHECKING:
    from sandbox.delivery.socketmode import SocketMode
    from sandbox.interactions.context import Interactions
    from sandbox.workspace.store import Store

Item = TypeVar("Item")
Family = dict[str, tuple[str, ...]]
"""Kind of conversation -> scopes of which any one suffices for it."""

READ: Family = {"channel": ("channels:read",), "group": ("groups:read",), "im": ("im:read",)}
HISTORY: Family = {"channel": ("channels:history",), "group": ("groups:history",), "im": ("im:history",)}
MANAGE: Family = {"channel": ("channels:manage",), "group": ("groups:write",)}
INVITE: Family = {
    "channel": ("channels:manage", "channels:write.invites"),
    "group": ("groups:write", "groups:write.invites"),
}
TOPIC: Family = {
    "channel": ("channels:manage", "channels:write.topic"),
    "group": ("groups:write", "groups:write.topic"),
}
JOIN: Family = {"channel": ("channels:join",)}

_TRUE = frozenset({True, "1", "true", "True"})


@dataclass(frozen=True, slots=True)
class Call:
    """A call with a valid token; the helpers raise :class:`SlackError` with Slack's error code."""

    store: Store
    interactions: Interactions
    socket_mode: SocketMode
    base_url: str
    args: Json

    # arguments

    def text(self, name: str, default: str = "") -> str:
        """The argument as text; ``default`` if it isn't given."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """The argument as text. Raises ``invalid_arguments`` if it is missing or empty."""
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """The argument as a boolean, in any of the spellings that Slack accepts."""
        value = self.args.get(name)
        if value is None:
            return default
        return not isinstance(value, dict | list) and value in _TRUE

    def parsed(self, name: str, error: str) -> Any:
        """A structured argument, which forms send as a JSON string. Raises ``error`` if it doesn't parse."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def ids(self, name: str) -> list[str]:
        """A list of ids, sent as a list or separated by commas."""
        value = self.args.get(name)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [item.strip() for item in self.text(name).split(",") if item.strip()]

    # what the arguments name

    def person(self, name: str = "user") -> Person:
        """The person with that id. Raises ``user_not_found``."""
        return self.person_of(self.required(name))

    def person_of(self, person_id: str) -> Person:
        """The person with that id. Raises ``user_not_found``."""
        person = self.store.workspace.people.get(person_id)
        if person is None:
            raise SlackError("user_not_found")
        return person

    def channel(self, *families: Family) -> Channel:
        """The conversation named by the call; the bot must know it and have the scopes of all ``families``.

        Raises ``channel_not_found`` (also for private ones that the bot isn't a member of),
        ``missing_scope``, or ``method_not_supported_for_channel_type`` for a kind that a family doesn't
        include.
        """
        channel = self.store.workspace.channels.get(self.required("channel"))
        if channel is None or (channel.is_private and not self.is_member(channel)):
            raise SlackError("channel_not_found")
        for family in families:
            kind = channel_type(channel)
            if kind not in family:
                raise SlackError("method_not_supported_for_channel_type")
            self.need(*family[kind])
        return channel

    def joined(self, *families: Family) -> Channel:
        """Like :meth:`channel`, but the bot must be a member. Raises ``not_in_channel``."""
        channel = self.channel(*families)
        if not self.is_member(channel):
            raise SlackError("not_in_channel")
        return channel

    def changeable(self, *families: Family) -> Channel:
        """Like :meth:`joined`, but the channel must not be archived. Raises ``is_archived``."""
        channel = self.channel(*families)
        if channel.is_archived:
            raise SlackError("is_archived")
        return self.joined(*families)

    def is_member(self, channel: Channel) -> bool:
        """Whether the bot is a member."""
        return self.store.bot_user.id in channel.members

    def message(self, channel: Channel, ts: str) -> Message:
        """The message at ``ts``, unless it is ephemeral. Raises ``message_not_found``."""
        message = channel.messages.get(ts)
        if message is None or message.ephemeral_to is not None:
            raise SlackError("message_not_found")
        return message

    def need(self, *scopes: str) -> None:
        """Raise ``missing_scope``, with ``needed`` and ``provided``, if none of these scopes is granted."""
        granted = self.store.manifest.scopes
        if not granted.intersection(scopes):
            raise SlackError("missing_scope", needed=scopes[0], provided=",".join(sorted(granted)))

    # pages

    def limit(self, default: int, most: int) -> int:
        """``limit``, capped at ``most``. Raises ``invalid_limit`` if it isn't a number above 0."""
        try:
            limit = int(self.text("limit") or default)
        except ValueError:
            raise SlackError("invalid_limit") from None
        if limit < 1:
            raise SlackError("invalid_limit")
        return min(limit, most)

    def page(
        self, items: Sequence[Item], key: Callable[[Item], str], *, default: int = 100, most: int = 1000
    ) -> tuple[list[Item], str]:
        """One page of ``items`` and the next page's cursor, empty on the last. Raises ``invalid_cursor``."""
        limit = self.limit(default, most)
        start = 0
        cursor = self.text("cursor")
        if cursor:
            first = _decode(cursor)
            start = next((index for index, item in enumerate(items) if key(item) == first), -1)
            if start < 0:
                raise SlackError("invalid_cursor")
        end = start + limit
        following = base64.b64encode(f"next:{key(items[end])}".encode()).decode() if end < len(items) else ""
        return list(items[start:end]), following


def _decode(cursor: str) -> str:
    try:
        kind, _, key = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if kind != "next":
        raise SlackError("invalid_cursor")
    return key


def anywhere(*families: Family) -> tuple[str, ...]:
    """All scopes of the families: a method fails at once if none of them is granted."""
    return tuple(scope for family in families for scopes in family.values() for scope in scopes)


@dataclass(frozen=True, slots=True)
class Method:
    """A row of a methods table: what runs, which scopes (any one) it needs, and which kind of token."""

    handler: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    caller: str = "bot"
    """Whose token it takes: the ``bot``'s, the ``app``'s, or ``anyone``'s, which includes no token at all."""
