"""The parts of a workspace: plain records, no behaviour, no I/O.

Ids look like Slack's (``U…`` people, ``S…`` user groups, ``C…`` channels, ``D…`` direct messages, ``V…``
views), and ``ts`` values are Slack's ``"1764000000.000100"`` strings, unique and increasing within a
workspace.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.rules import schema

Json = schema.Json


@dataclass(slots=True)
class Person:
    """A member, guest or bot of the workspace, as ``users.info`` shows it."""

    id: str
    name: str
    real_name: str
    tz: str
    tz_label: str
    tz_offset: int
    email: str
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    title: str = ""
    """What they do, as they say it in their profile."""
    updated: int = 0
    """When the record last changed, in whole seconds: decides which of two copies of it is newer."""


@dataclass(slots=True)
class Message:
    """One message in a channel; ``thread_ts`` is set on replies and on parents that have replies."""

    ts: str
    user: str | None
    text: str
    bot_id: str | None = None
    subtype: str | None = None
    thread_ts: str | None = None
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str | None = None
    """The only person who sees it: such a message appears in no history and no event."""
    username: str | None = None
    """The name that a foreign bot posts under (subtype ``bot_message``, which has no user)."""
    client_msg_id: str | None = None
    """Set on what people type, as Slack's own clients do."""
    extra: Json = field(default_factory=dict)
    """Other fields of its subtype, e.g. ``topic`` of ``channel_topic``, ``inviter`` of ``channel_join``."""


@dataclass(slots=True)
class Channel:
    """A public or private channel or a direct message, with its messages by ts."""

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    """Whether another organization is connected to it by Slack Connect."""
    im_user: str | None = None
    topic: str = ""
    purpose: str = ""
    previous_names: list[str] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)
    pins: dict[str, Json] = field(default_factory=dict)
    """Pinned ts -> ``{"created": seconds, "created_by": user id}``."""
    last_read: dict[str, str] = field(default_factory=dict)
    """Person -> ts up to which they have read."""
    bookmarks: list[Json] = field(default_factory=list)
    canvas: Json = field(default_factory=dict)
    """``{"id", "title", "markdown", "edits"}`` of the canvas in its tab; empty if there is none."""
    topic_record: Json = field(default_factory=dict)
    """``{"value", "creator", "last_set"}`` of the topic as Slack shows it; empty until somebody sets one."""
    purpose_record: Json = field(default_factory=dict)


@dataclass(slots=True)
class UserGroup:
    """People who are mentioned together, as ``@oncall``."""

    id: str
    handle: str
    name: str
    creator: str
    created: int
    updated: int
    deleted: int = 0
    """When it was disabled, in whole seconds; 0 if it is enabled."""
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class View:
    """A modal (or a person's App Home) that the app has shown somebody."""

    id: str
    user: str
    type: str
    payload: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: dict[str, Json] = field(default_factory=dict)
    """What the person has entered so far: block_id -> action_id -> as in ``state.values``."""
    errors: dict[str, str] = field(default_factory=dict)
    """Field errors of the last submission, by block_id."""
    notice: str | None = None
    """A problem that Slack would show above the form, e.g. that the app didn't answer in time."""


@dataclass(slots=True)
class Greeting:
    """What the panel that greets newcomers remembers."""

    done: list[str] = field(default_factory=list)
    """The steps that are ticked."""
    unfinished: list[str] = field(default_factory=list)
    """The channels that the app had made, without its card in them, when it was last killed."""
    is_folded: bool = False
    is_dismissed: bool = False


@dataclass(slots=True)
class Workspace:
    """Everything that survives a restart of the sandbox."""

    team_id: str
    team_name: str
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    groups: dict[str, UserGroup] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    """Person -> their stack of open modals, the topmost last."""
    homes: dict[str, View] = field(default_factory=dict)
    uploads: dict[str, Json] = field(default_factory=dict)
    """File id -> ``{"name", "length", "content"}`` of files that are being uploaded."""
    google: Json = field(default_factory=dict)
    """Calendars: see :class:`sandbox.google.store.Calendars`."""
    greeting: Greeting = field(default_factory=Greeting)
    last_id: int = 0
    """The number in the last id given out; ids are never reused, not even after a reset."""
    last_ts: int = 0
    """The last ts given out, in microseconds."""
