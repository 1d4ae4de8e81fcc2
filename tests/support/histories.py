"""What the fake Slack knows of people and channels, with histories in pages as Slack serves them.

A message follows from its number alone, so 75,000 of them take no memory, and one SQL statement can fill the
database with the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
PEOPLE: Mapping[str, str] = {"U1": "ana", "U2": "ben"}
STEP = 10
"""Seconds between two messages."""
TEXT, BY = "fact", "U1"


@dataclass(frozen=True, slots=True)
class History:
    """A channel with ``count`` messages, the first of them ``STEP`` seconds after ``begin``.

    The last ``threads`` of them have ``replies`` replies each.
    """

    begin: int
    count: int
    threads: int = 0
    replies: int = 0

    def parent(self, number: int) -> Json:
        """The message with that number, from 1, as the channel shows it."""
        found = _message(_ts(self.begin, number, 0), number)
        if number > self.count - self.threads and self.replies:
            latest = _ts(self.begin, number, self.replies)
            found |= {"thread_ts": found["ts"], "reply_count": self.replies, "latest_reply": latest}
        return found

    def thread(self, ts: str) -> list[Json]:
        """The message at that ts, and its replies."""
        number = (int(ts.partition(".")[0]) - self.begin) // STEP
        parent = self.parent(number)
        count = int(parent.get("reply_count", 0))
        replies = (_message(_ts(self.begin, number, each), number) for each in range(1, count + 1))
        return [parent, *({**each, "thread_ts": ts} for each in replies)]


def history(known: Mapping[str, History], asked: Json) -> Json:
    """``conversations.history``, newest first: https://docs.slack.dev/reference/methods/conversations.history"""
    found = known.get(asked["channel"])
    if found is None:
        return {"messages": []}
    oldest, latest = float(asked.get("oldest") or 0), float(asked.get("latest") or "inf")
    return _page(
        [n for n in range(found.count, 0, -1) if oldest < float(_ts(found.begin, n, 0)) < latest],
        asked,
        found.parent,
    )


def replies(known: Mapping[str, History], asked: Json) -> Json:
    """``conversations.replies``: the parent and the replies that follow it, oldest first."""
    found = known.get(asked["channel"])
    if found is None:
        return {"messages": []}
    oldest = float(asked.get("oldest") or 0)
    parent, *later = found.thread(asked["ts"])
    return _page([parent, *(each for each in later if float(each["ts"]) > oldest)], asked, lambda each: each)


def _page(items: list[Any], asked: Json, shown: Callable[[Any], Json]) -> Json:
    first, limit = int(asked.get("cursor") or 0), int(asked.get("limit") or 100)
    end = first + limit
    more = str(end) if end < len(items) else ""
    messages = [shown(each) for each in items[first:end]]
    return {"messages": messages, "has_more": bool(more), "response_metadata": {"next_cursor": more}}


def _ts(begin: int, number: int, reply: int) -> str:
    return f"{begin + STEP * number}.{100 + reply:06}"


def _message(ts: str, number: int) -> Json:
    return {"type": "message", "user": BY, "text": f"{TEXT} {number}", "ts": ts}


def _person(user_id: str) -> Json:
    name = PEOPLE.get(user_id, user_id.lower())
    profile = {"email": f"{name}@bench.test"}
    return {"id": user_id, "name": name, "team_id": "T1", "updated": 1, "tz": "UTC", "profile": profile}


ANSWERS: Mapping[str, Callable[[Mapping[str, History], Json], Json]] = {
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.members": lambda _known, _asked: {"members": list(PEOPLE)},
    # One per person, since Slack allows a message a second in each.
    "conversations.open": lambda _known, asked: {"channel": {"id": f"D{asked['users'][1:]:0>8}"}},
    "users.info": lambda _known, asked: {"user": _person(asked["user"])},
    "users.list": lambda _known, _asked: {"members": [_person(each) for each in PEOPLE]},
}
