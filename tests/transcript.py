"""Writes docs/transcript.md: everything that people read in the channel of a whole incident.

The incident is run in the sandbox by a bot in this process, over real sockets; ``make transcript`` does it.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.server import running
from tests.support import bots
from tests.support.calendars import book
from tests.support.dates import AHEAD
from tests.support.people import Json, Workspace, buttons, eventually
from tests.support.whys import Session

PAGE = bots.ROOT / "docs" / "transcript.md"
ITEMS = (
    "Set a limit for the pool",
    "Alert on the pool",
    "Test the rollback",
    "Tell support",
    "Write it down",
)
QUIET = 2.5
"""Seconds in which nothing more is posted: the bot posts at most once a second in a channel."""
HEAD = """# A whole incident, as its channel shows it

Ana has declared it with the form. She takes command, the severity and the status change, five action
items are added, five whys find the cause, and the postmortem gets a meeting. `make transcript` makes this
page from the sandbox, in a minute. Replies are indented, *(only Ana)* marks what nobody else sees, buttons
are in brackets, and lines in italics are Slack's own. Edited messages appear where they were first posted,
with their final text. The topic changes at most once a minute, so only its first text is here. Direct
messages, like those to Ben about his action items, aren't.

"""


def main() -> int:
    """Run the incident and write the page; the exit code."""
    with TemporaryDirectory() as folder, running(bots.ROOT / "manifest.yml") as sandbox:
        calendar = bots.calendar(sandbox, Path(folder))
        bot = bots.start_here(sandbox, f"sqlite:///{folder}/muster.db", **calendar)
        try:
            acme = Workspace(sandbox.url)
            channel = story(acme)
            PAGE.write_text(HEAD + "\n".join(lines(acme, channel)) + "\n", encoding="utf-8")
        finally:
            bot.stop()
    return 0


def story(acme: Workspace) -> str:
    """Run the incident; its channel."""
    channel = acme.declare("Checkout is down", description="Customers see a blank page after *Pay*.")
    acme.post("join", channel=channel, user="ben")
    settled(acme, channel)
    acme.click(channel, acme.cards(channel)[0]["ts"], "take_command")
    acme.say("Errors began with the deploy at noon", channel, "ben")
    acme.command("severity critical All of EU is down", channel=channel)
    acme.command("status investigating Looking at the connection pool", channel=channel)
    settled(acme, channel)
    for number, item in enumerate(ITEMS):
        acme.command(f"action {item} @{('ana', 'ben')[number % 2]} due {AHEAD}", channel=channel)
    settled(acme, channel)
    acme.open_form("whys Why did checkout go down?", "ana", channel)
    assert acme.submit("ana") == {}
    session = Session(acme, channel, "WHY-1")
    session.line("The connection pool ran out", "No limit was set", "The template has none")
    session.press("whys_root_cause")
    settled(acme, channel)
    session.press("whys_finish")
    settled(acme, channel)
    acme.say("Rolled back, and orders come in again", channel, "ben")
    acme.command("resolve Rolled back the deploy", channel=channel)
    postmortem(acme, channel)
    meeting(acme, channel)
    settled(acme, channel)
    return channel


def postmortem(acme: Workspace, channel: str) -> None:
    """Start the postmortem, fill in what is missing, and complete it."""
    press(acme, channel, "start_postmortem")
    for action, values in {
        "edit_summary": {"summary": "The connection pool ran out after a deploy."},
        "edit_impact": {"impact": "Nobody in the EU could pay for 40 minutes."},
        "add_lesson": {"lesson": "Alert on the pool, not on its symptoms", "category": "detection"},
        "complete_postmortem": {},
    }.items():
        press(acme, channel, action)
        eventually(lambda: acme.form("ana"))
        assert acme.submit("ana", **values) == {}
        settled(acme, channel)


def meeting(acme: Workspace, channel: str) -> None:
    """Find a time for the postmortem's meeting, and book the first that is offered."""
    acme.open_form("meet", "ana", channel)
    assert acme.submit("ana") == {}
    book(acme, channel, newest(acme, channel, "book_slot"))


def press(acme: Workspace, channel: str, action: str) -> None:
    """Press the newest button with that action, once there is one."""
    acme.click(channel, newest(acme, channel, action)["ts"], action)


def newest(acme: Workspace, channel: str, action: str) -> Json:
    """The newest message that has a button with that action, once there is one."""

    def found() -> Json | None:
        messages = reversed(acme.messages(channel, "ana"))
        return next((each for each in messages if action in buttons(each).values()), None)

    return eventually(found)


def settled(acme: Workspace, channel: str) -> None:
    """Wait until nothing more is posted or edited."""
    before, since = "", time.monotonic()
    while time.monotonic() - since < QUIET:
        time.sleep(0.25)
        now = repr(acme.messages(channel, "ana"))
        if now != before:
            before, since = now, time.monotonic()


def lines(acme: Workspace, channel: str) -> Iterator[str]:
    """The page's lines: each message, with its replies right below it."""
    people = {each["id"]: f"@{each['name']}" for each in acme.state()["people"]}
    messages = acme.messages(channel, "ana")
    for each in messages:
        if each.get("thread_ts", each["ts"]) == each["ts"]:
            yield from message(each, people, "- ")
            replies = [reply for reply in messages if reply.get("thread_ts") == each["ts"] != reply["ts"]]
            for reply in replies:
                yield from message(reply, people, "  - ")


def message(each: Json, people: dict[str, str], indent: str) -> Iterator[str]:
    """A message as lines of the page."""
    name = people.get(str(each.get("user")), "@Muster").removeprefix("@").capitalize()
    private = " *(only Ana)*" if each.get("ephemeral_to") else ""
    said = [plain(line, people) for line in texts(each) if line.strip()]
    if each.get("subtype") and not each.get("bot_id"):
        yield f"{indent}*{name}: {' '.join(said)}*"
        return
    yield f"{indent}**{name}**{private}: {said[0] if said else ''}"
    rest = " " * len(indent)
    yield from (f"{rest}<br>{line}" for line in said[1:])
    if labels := list(buttons(each)):
        yield f"{rest}<br>{' '.join(f'[{label}]' for label in labels)}"


def texts(each: Json) -> list[str]:
    """The lines of a message; those of its blocks if it has any, without menus and confirmations."""
    found = []
    for block in each.get("blocks") or ():
        parts = (block.get("text"), *block.get("fields", ()), *block.get("elements", ()))
        found += [part["text"] for part in parts if part and isinstance(part.get("text"), str)]
    return "\n".join(found or [str(each.get("text") or "")]).splitlines()


def plain(line: str, people: dict[str, str]) -> str:
    """The line without Slack's markup of people, channels and times."""
    for pattern, replacement in REPLACED.items():
        line = re.sub(pattern, replacement, line)
    return re.sub(r"<@([A-Z0-9]+)>", lambda found: people.get(found[1], "@someone"), line)


REPLACED: dict[str, str | Callable[[re.Match[str]], str]] = {
    r"<!date\^[^|>]*\|([^>]*)>": r"\1",
    r"<#[A-Z0-9]+\|?([^>]*)>": r"#\1",
    r"<https?://[^|>]*\|([^>]*)>": r"\1",
    r"&amp;": "&",
}


if __name__ == "__main__":
    sys.exit(main())
