"""What people do in Slack's client that becomes a message of its own shape: forward a message, hold a huddle.

Slack documents neither shape. They are those that its servers send to apps.
"""

from __future__ import annotations

from sandbox.control.routing import Desk
from sandbox.interactions.composer import composed
from sandbox.interactions.context import channel_where, message_at, person_who_acts
from sandbox.workspace.events import permalink
from sandbox.workspace.model import Channel, Json, Message
from sandbox.workspace.seed import SLACKBOT


async def forward(
    desk: Desk, *, channel: str, user: str, source: str, ts: str, text: str = "", thread_ts: str | None = None
) -> Json:
    """Forward a message of the channel ``source`` with a text of one's own, or with none."""
    person = person_who_acts(desk.store, user)
    place, origin = channel_where(desk.store, channel, person), channel_where(desk.store, source, person)
    shared = _shared(desk, origin, message_at(origin, ts, person))
    typed = composed(desk.store, text)
    message = desk.store.post(place.id, person.id, typed, thread_ts=thread_ts, attachments=shared)
    return {"ts": message.ts, "channel": place.id}


def _shared(desk: Desk, origin: Channel, message: Message) -> list[Json]:
    """The attachment that shows a message, followed by that message's own."""
    author = desk.store.workspace.people.get(message.user or "")
    shown: Json = {
        "ts": message.ts,
        "channel_id": origin.id,
        "channel_team": desk.store.workspace.team_id,
        "is_msg_unfurl": True,
        "is_share": True,
        "from_url": permalink(desk.store, origin, message),
        "text": message.text,
        "fallback": f"{author.name if author else message.username}: {message.text}",
        "author_name": author.real_name if author else message.username,
        "mrkdwn_in": ["text"],
        "footer": "Slack Conversation",
        "id": 1,
    }
    if author:
        shown |= {"author_id": author.id, "author_subname": author.name}
    if message.files:
        shown["files"] = message.files
    if message.blocks:
        original = {"team": shown["channel_team"], "channel": origin.id, "ts": message.ts}
        shown["message_blocks"] = [{**original, "message": {"blocks": message.blocks}}]
    return [shown, *({**each, "is_share": True} for each in message.attachments)]


async def start_huddle(desk: Desk, *, channel: str, user: str) -> Json:
    """Start a huddle in the channel."""
    person = person_who_acts(desk.store, user)
    place = channel_where(desk.store, channel, person)
    words = {"type": "rich_text_section", "elements": [{"type": "text", "text": "A huddle started"}]}
    room: Json = {
        "id": desk.store.new_id("R"),
        "name": "",
        "created_by": person.id,
        "date_start": int(desk.store.clock()),
        "date_end": 0,
        "has_ended": False,
        "participants": [person.id],
        "participant_history": [person.id],
        "channels": [place.id],
        "call_family": "huddle",
    }
    message = desk.store.post(
        place.id,
        SLACKBOT,
        "",
        blocks=[{"type": "rich_text", "elements": [words]}],
        subtype="huddle_thread",
        extra={"room": room, "no_notifications": True, "channel": place.id},
    )
    return {"ts": message.ts, "channel": place.id}


async def end_huddle(
    desk: Desk, *, channel: str, user: str, ts: str, minutes: int, people: list[str] | None = None
) -> Json:
    """End a huddle after so many minutes in which these people were there, too."""
    person = person_who_acts(desk.store, user)
    place = channel_where(desk.store, channel, person)
    room = message_at(place, ts, person).extra["room"]
    joined = [desk.store.person(each).id for each in people or ()]
    after = {"date_end": room["date_start"] + 60 * minutes, "has_ended": True, "participants": []}
    history = list(dict.fromkeys([*room["participant_history"], *joined]))
    desk.store.update(place.id, ts, extra={"room": {**room, **after, "participant_history": history}})
    return {}
