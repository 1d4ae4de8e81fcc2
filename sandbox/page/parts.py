"""The parts of the page, which its script redraws separately. Together they are the whole page.

Each part has a template with its name, and a function here that returns its context.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.google import TEAM_CALENDAR
from sandbox.page import conversation, greeting, sidebar
from sandbox.page.screen import Context, Screen
from sandbox.workspace.model import Channel, Message

_LOG_LINES = 40


def part(screen: Screen, name: str) -> Context:
    """The context of one part. Raises ``KeyError`` for an unknown one."""
    return screen.common() | PARTS[name](screen)


def whole(screen: Screen) -> Context:
    """The context of the whole page."""
    context = screen.common()
    for about in PARTS.values():
        context |= about(screen)
    return context | _shortcuts(screen)


def _messages(screen: Screen) -> Context:
    if screen.channel is None:
        return {"rows": [], "more": False}
    every = conversation.top_level(screen.channel, screen.viewer)
    wanted = next((index for index, message in enumerate(every) if message.ts == screen.at), len(every))
    first = max(0, min(len(every) - screen.limit, wanted - screen.limit // 2))
    shown = conversation.rows(screen.channel, every[first:], screen.viewer, new_after=screen.new_after)
    return {"rows": shown, "more": first > 0}


def _thread(screen: Screen) -> Context:
    if screen.channel is None or not screen.thread_ts:
        return {"thread": "", "thread_rows": []}
    found = conversation.in_thread(screen.channel, screen.thread_ts, screen.viewer)
    if screen.thread_ts not in screen.channel.messages:
        return {"thread": "", "thread_rows": []}
    return {"thread_rows": conversation.rows(screen.channel, found, screen.viewer, in_pane=True)}


def _sidebar(screen: Screen) -> Context:
    return {
        "channels": sidebar.channels(screen.viewer, screen.channel),
        "direct": sidebar.direct_messages(screen.viewer),
    }


def _header(screen: Screen) -> Context:
    if screen.channel is None:
        return {"pins": [], "members": []}
    return {"pins": _pins(screen, screen.channel), "members": sidebar.members(screen.channel, screen.viewer)}


def _pins(screen: Screen, channel: Channel) -> list[conversation.Row]:
    latest_first = sorted(channel.pins, key=lambda ts: channel.pins[ts]["created"], reverse=True)
    messages: list[Message] = [channel.messages[ts] for ts in latest_first if ts in channel.messages]
    return conversation.rows(channel, messages, screen.viewer, in_pane=True)


def _modal(screen: Screen) -> Context:
    stack = screen.store.workspace.modals.get(screen.viewer.me.id, [])
    return {"view": stack[-1] if stack else None, "depth": len(stack)}


def _home(screen: Screen) -> Context:
    return {"home": screen.store.workspace.homes.get(screen.viewer.me.id)}


def _calendar(screen: Screen) -> Context:
    look = screen.look
    if look is None:
        return {"week": None}
    return {"week": look.week(screen.viewer), "team_calendar": TEAM_CALENDAR, "event_wanted": look.event}


def _bot(screen: Screen) -> Context:
    bot = screen.bot
    about: Context = {"connected": screen.store.bot_connected, "managed": bot is not None}
    if bot is not None:
        about |= {"running": bot.running, "state": bot.state, "log": bot.log[-_LOG_LINES:]}
    return {"bot": about}


def _people(screen: Screen) -> Context:
    return {"people": sidebar.people(screen.viewer)}


def _browse(screen: Screen) -> Context:
    return {"browse": sidebar.to_browse(screen.viewer)}


def _for_script(screen: Screen) -> Context:
    active = [person for person in screen.store.workspace.people.values() if not person.deleted]
    return {
        "directory_people": [{"id": each.id, "handle": each.name, "name": each.real_name} for each in active],
        "commands": [
            {"command": each.command, "description": each.description, "hint": each.usage_hint}
            for each in screen.store.manifest.commands.values()
        ],
    }


def _shortcuts(screen: Screen) -> Context:
    every = screen.store.manifest.shortcuts.values()
    return {
        f"{kind}_shortcuts": [each for each in every if each.type == kind] for kind in ("global", "message")
    }


PARTS: dict[str, Callable[[Screen], Context]] = {
    "sidebar": _sidebar,
    "header": _header,
    "messages": _messages,
    "foot": lambda _screen: {},
    "thread": _thread,
    "modal": _modal,
    "home": _home,
    "calendar": _calendar,
    "greeting": greeting.about,
    "bot": _bot,
    "people": _people,
    "browse": _browse,
    "directory": _for_script,
}
