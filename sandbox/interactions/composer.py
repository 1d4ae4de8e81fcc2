"""The message composer: turns typed text into what Slack stores.

Sources: https://docs.slack.dev/messaging/formatting-message-text, "Escaping text" and "Retrieving formatted
messages"; for commands https://docs.slack.dev/interactivity/implementing-slash-commands, "should_escape".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.workspace.store import Store

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_URL = re.compile(r"https?://(?:(?!&[lg]t;)[^\s<>|])*(?:&amp;|[^\s<>|&.,;:!?'\")\]])")
_EVERYBODY = ("channel", "here", "everyone")


def escaped(text: str) -> str:
    """The text with ``&``, ``<`` and ``>`` escaped, so that nothing in it is markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def composed(store: Store, text: str, *, labelled: bool = False) -> str:
    """The text as Slack stores it: escaped, with names and bare URLs as references.

    ``@ana`` and ``@Ana Alvarez`` become ``<@U0ANA>``, ``@oncall`` becomes ``<!subteam^S1>``, ``#general``
    becomes ``<#C0GENERAL|general>`` and ``@here`` becomes ``<!here>``; code stays as typed. ``labelled`` is
    the format for commands: ``<@U0ANA|ana>``.
    """
    pieces = _CODE.split(text)
    return "".join(
        escaped(piece) if index % 2 else _references(store, escaped(piece), labelled)
        for index, piece in enumerate(pieces)
    )


def _references(store: Store, text: str, labelled: bool) -> str:
    names = _groups(store, labelled) | _people(store, labelled)
    text = _URL.sub(lambda found: f"<{found.group()}>", text)
    text = _replace(text, "@", names | {name: f"<!{name}>" for name in _EVERYBODY})
    return _replace(text, "#", _channels(store))


def _people(store: Store, labelled: bool) -> dict[str, str]:
    people = store.workspace.people.values()
    found = {}
    for person in people:
        label = f"|{person.name}" if labelled else ""
        found[person.name.casefold()] = found[person.real_name.casefold()] = f"<@{person.id}{label}>"
    return found


def _groups(store: Store, labelled: bool) -> dict[str, str]:
    groups = store.workspace.groups.values()
    labels = {each.handle: f"|@{each.handle}" if labelled else "" for each in groups}
    return {each.handle.casefold(): f"<!subteam^{each.id}{labels[each.handle]}>" for each in groups}


def _channels(store: Store) -> dict[str, str]:
    named = (channel for channel in store.workspace.channels.values() if not channel.is_im)
    return {channel.name: f"<#{channel.id}|{channel.name}>" for channel in named}


def _replace(text: str, mark: str, names: dict[str, str]) -> str:
    """Replace names by references, longest first, so that ``#inc-1`` isn't found inside ``#inc-12``."""
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w{mark}/&]){mark}({known})(?![\w-])", re.IGNORECASE)
    replacement: Callable[[re.Match[str]], str] = lambda found: names[found.group(1).casefold()]  # noqa: E731
    return pattern.sub(replacement, text)
