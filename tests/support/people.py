"""What people do in the sandbox's workspace, in the words of scenario tests: over HTTP, like the page."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

T = TypeVar("T")
Json = dict[str, Any]
MIN_PAUSE, MAX_PAUSE = 0.02, 0.25
"""Seconds between two looks."""
PATIENCE = 20.0
"""Seconds after which something is considered lost, on a busy machine; it isn't a promise."""


class Refused(AssertionError):
    """Slack's client wouldn't have let the person do that, or the app didn't answer."""


class Workspace:
    """The people of one sandbox, and what they can see."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._address = urlsplit(url).netloc

    def post(self, route: str, **values: Any) -> Json:
        """Do something. Raises ``Refused``."""
        return self._asked("POST", route, json.dumps(values))

    def get(self, route: str) -> Json:
        """Look at something."""
        return self._asked("GET", route)

    def command(self, text: str, user: str = "ana", channel: str = "general") -> str:
        """Type `/incident …`; returns the app's answer, all its texts joined."""
        answer = self.post("command", channel=channel, user=user, command="/incident", text=text)
        assert not answer.get("problem"), answer
        return shown(answer.get("response") or {})

    def publicly(self, text: str, channel: str, user: str = "ana") -> str:
        """Type `/incident …` in an incident's channel; returns the message that tells everybody there."""
        return self.told_everybody(lambda: self._say_nothing(text, user, channel), channel)

    def told_everybody(self, act: Callable[[], object], channel: str) -> str:
        """Do something; returns the app's message that everybody in the channel then sees."""
        before = {each["ts"] for each in self.messages(channel)}
        act()

        def news() -> Json | None:
            written = (each for each in self.messages(channel) if each.get("bot_id"))
            return next((e for e in written if e["ts"] not in before and not e.get("subtype")), None)

        return shown(eventually(news))

    def _say_nothing(self, text: str, user: str, channel: str) -> None:
        assert self.command(text, user, channel) == ""

    def declare(
        self, title: str = "Database is slow", user: str = "ana", *, joins: bool = True, **values: Any
    ) -> str:
        """Fill in the form and submit it; returns the incident's channel, once it has its card.

        The declarer is in the channel by then, too, unless `joins` is false because that is what fails.
        """
        before = set(self.incident_channels())
        self.open_form("declare", user)
        self.post("view-submit", user=user, values={"title": title, **values})
        channel = eventually(lambda: next(iter(set(self.incident_channels()) - before), None))
        eventually(lambda: self.card(channel))
        eventually(lambda: not joins or self.id_of(user) in self.channel(channel)["members"])
        return channel

    def id_of(self, user: str) -> str:
        """The id of the person with this handle."""
        return next(str(each["id"]) for each in self.state()["people"] if each["name"] == user)

    def open_form(self, text: str, user: str = "ana", channel: str = "general") -> Json:
        """Type a command that opens a form; returns the form."""
        self.post("command", channel=channel, user=user, command="/incident", text=text)
        return eventually(lambda: self.form(user))

    def open_settings(self, group: str, user: str = "ana") -> Json:
        """Press the group's button in the settings' home; returns the form."""
        home = self.asked("settings", user=user)
        where = {"channel": "general", "message_ts": home["ts"], "block": group}
        self.post("interact", user=user, action="change_settings", **where)
        return eventually(lambda: self.form(user))

    def close_forms(self) -> None:
        """Close every open form."""
        for user, stack in self.state()["modals"].items():
            if stack:
                self.post("view-close", user=user, everything=True)

    def form(self, user: str) -> Json | None:
        """The topmost form that this person has open."""
        modals = self.get(f"view/{user}")["modals"]
        return modals[-1] if modals else None

    def say(self, text: str, channel: str, user: str = "ana", **more: Any) -> str:
        """Write a message; returns its ts."""
        return str(self.post("message", channel=channel, user=user, text=text, **more)["ts"])

    def click(self, channel: str, ts: str, action: str, user: str = "ana") -> Json:
        """Press a button of a message."""
        return self.post("interact", channel=channel, message_ts=ts, user=user, action=action)

    def messages(self, channel: str, user: str | None = None) -> list[Json]:
        """The channel's messages, including those that only `user` sees."""
        query = f"?user={user}" if user else ""
        return list(self.get(f"messages/{quote(channel)}{query}")["messages"])

    def private(self, user: str) -> list[Json]:
        """What the app has written in somebody's direct messages."""
        channel = self.post("open-dm", user=user)["channel"]
        name = channel["id"] if isinstance(channel, dict) else channel
        return self.messages(name, user)

    def only_for(self, user: str, channel: str) -> list[str]:
        """The texts that only this person sees in the channel."""
        return [shown(each) for each in self.answers(user, channel)]

    def answers(self, user: str, channel: str) -> list[Json]:
        """The messages that only this person sees in the channel, oldest first."""
        return [each for each in self.messages(channel, user) if each.get("ephemeral_to")]

    def answered(self, act: Callable[[], object], channel: str, user: str = "ana") -> Json:
        """Do something; returns the message that only this person then sees in the channel."""
        before = {each["ts"] for each in self.answers(user, channel)}
        act()
        return eventually(
            lambda: next((each for each in self.answers(user, channel) if each["ts"] not in before), None)
        )

    def mention(self, text: str, channel: str, user: str = "ana", **more: Any) -> Json:
        """Write `@Muster …`; returns the answer, which only that person sees."""
        return self.answered(lambda: self.say(f"@Muster {text}", channel, user, **more), channel, user)

    def asked(self, text: str, channel: str = "general", user: str = "ana") -> Json:
        """Type `/incident …`; returns the message that answers it."""
        return self.answered(lambda: self.command(text, user, channel), channel, user)

    def told_directly(self, user: str, wanted: str) -> Json:
        """The app's direct message to this person that says this, once it has arrived."""
        return eventually(lambda: next((each for each in self.private(user) if wanted in shown(each)), None))

    def submit(self, user: str = "ana", **values: Any) -> dict[str, str]:
        """Fill in the topmost form and submit it; returns the errors at its fields."""
        answer = self.post("view-submit", user=user, values=values)
        assert not answer.get("problem"), answer
        return dict(answer.get("errors") or {})

    def timeline(self, channel: str, wanted: str, everything: bool = True) -> str:
        """The latest page of the timeline, once it mentions this."""
        line = "timeline all" if everything else "timeline"
        return eventually(lambda: _with(self.command(line, channel=channel), wanted))

    def state(self) -> Json:
        """People, channels, bot."""
        return self.get("state")

    def channel(self, name: str) -> Json:
        """The channel as it is in the state."""
        return next(each for each in self.state()["channels"] if name in {each["name"], each["id"]})

    def incident_channels(self) -> list[str]:
        """The names of all incidents' channels."""
        return [each["name"] for each in self.state()["channels"] if each["name"].startswith("inc-")]

    def card(self, channel: str) -> Json | None:
        """The live card of an incident's channel."""
        return next(iter(self.cards(channel)), None)

    def cards(self, channel: str) -> list[Json]:
        """Every live card in the channel: there should be one."""
        return [each for each in self.messages(channel) if _is_card(each)]

    def announcements(self) -> list[Json]:
        """The messages in the announcements channel."""
        names = [each["name"] for each in self.state()["channels"]]
        if "incidents" not in names:
            return []
        return [each for each in self.messages("incidents") if each.get("bot_id")]

    def faults(self, *faults: Json) -> None:
        """Replace the faults; without arguments, clear them."""
        self.post("faults", faults=list(faults))

    def calls(self, method: str | None = None) -> list[Json]:
        """Every Web API call so far, of one method or of all."""
        entries = self.get("log?since=0")["entries"]
        return [each for each in entries if each["kind"] == "call" and method in {None, each["name"]}]

    def _asked(self, method: str, route: str, body: str | None = None) -> Json:
        with closing(HTTPConnection(self._address, timeout=30)) as connection:
            connection.request(method, f"/_control/{route}", body)
            answer = connection.getresponse()
            text = answer.read()
        if answer.status >= 400:
            raise Refused(text.decode())
        return dict(json.loads(text))


def is_action_item(message: Json) -> bool:
    """Whether it's the message of an action item: a sign, its ref, and its title."""
    return re.search(r"^(☐|✅|✖️) \*AI-\d+ · ", shown(message), re.MULTILINE) is not None


def shown(message: Json) -> str:
    """All text of a message, an ack or a view, one line per text object."""
    texts = [str(message.get("text") or "")]
    pending: list[Any] = [message.get("blocks") or []]
    while pending:
        node = pending.pop(0)
        if isinstance(node, list):
            pending = [*node, *pending]
        elif isinstance(node, dict):
            if isinstance(node.get("text"), str) and node.get("type") in {"mrkdwn", "plain_text"}:
                texts.append(node["text"])
            pending = [*(value for value in node.values() if isinstance(value, dict | list)), *pending]
    return "\n".join(texts)


def as_read(text: str) -> str:
    """Markup as a person reads it: entities and inert marks as characters."""
    marked = re.sub(r"<!date\^0\^\{_\}\|([*_~`])>", r"\1", text)
    return marked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def buttons(message: Json) -> dict[str, str]:
    """The labels of the message's buttons, each with its action."""
    found = {}
    for block in message.get("blocks") or []:
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            if element.get("type") == "button":
                found[element["text"]["text"]] = element["action_id"]
    return found


def markup(message: Json) -> list[str]:
    """Every text of a message in which Slack would interpret its own markup."""
    texts = [str(message.get("text") or "")]
    pending: list[Any] = [message.get("blocks") or []]
    while pending:
        node = pending.pop()
        if isinstance(node, dict) and node.get("type") == "mrkdwn":
            texts.append(node["text"])
        pending += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return texts


def eventually(look: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """What `look` finds, once it is truthy; fails after some seconds.

    Being refused counts as finding nothing yet: a channel may be renamed between two looks. Looking also
    costs the other side time, so a slow one is asked less often.
    """
    until = time.monotonic() + seconds
    pause = MIN_PAUSE
    while True:
        found, refusal = None, None
        try:
            found = look()
        except Refused as refused:
            refusal = refused
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {found!r}") from refusal
        time.sleep(pause)
        pause = min(1.25 * pause, MAX_PAUSE)


def _with(text: str, wanted: str) -> str | None:
    return text if wanted in text else None


def _is_card(message: Json) -> bool:
    return bool(message.get("blocks")) and message["blocks"][0]["type"] == "header"
