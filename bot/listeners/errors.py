"""Answers people when something isn't possible, or broke: the one place that catches errors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from slack_bolt import App, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError

from bot.domain.kit.errors import (
    BotError,
    DeclaredMeanwhile,
    ItemMadeAlready,
    NotSaved,
    OutdatedButton,
    OutsidersPaged,
    PagedRecently,
    SectionChanged,
    UpdatedMeanwhile,
)
from bot.domain.kit.json import Json
from bot.domain.surface.answers import Offers
from bot.listeners.action_items import already_made
from bot.listeners.clicks import click_key, place_of
from bot.listeners.forms import declared_meanwhile
from bot.listeners.mentions import mention_key
from bot.listeners.pages import invite_too, page_again
from bot.listeners.postmortems import merging
from bot.listeners.services import Services
from bot.listeners.updates import sent_meanwhile
from bot.views.answers import render
from bot.views.incidents.forms import form_errors
from bot.views.kit.errors import answer_to

log = structlog.get_logger(__name__)

UNACKED = BoltResponse(status=500)
"""No ack: Slack redelivers an event, and shows an error of its own to somebody who clicked."""


class SomethingBroke(BotError):
    """Something broke on my side. Please try again. If it happens again, ask whoever runs this bot
    about reference {reference}.
    """


def register(app: App, services: Services) -> None:
    """Answer every error in the place where the person is."""

    def on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
        kind = _kind(body)
        if isinstance(error, BoltUnhandledRequestError):
            # An event without a listener is acked: Slack would only redeliver it.
            if "event" in body:
                return BoltResponse(status=200)
            error = OutdatedButton()
        known = error if isinstance(error, BotError) else _broke(error, kind)
        answer = _ANSWERS.get(kind)
        if answer is None or (known is not error and kind == "app_mention"):
            return UNACKED
        return answer(services, body, known)

    app.error(on_error)


def _broke(error: Exception, kind: str) -> BotError:
    reference = uuid.uuid4().hex[:6]
    log.error("something broke", reference=reference, kind=kind, exc_info=error)
    return SomethingBroke(reference=reference)


def _kind(body: Json) -> str:
    if "command" in body:
        return "command"
    event_type = (body.get("event") or {}).get("type")
    return str(event_type or body.get("type"))


def _in_ack(_services: Services, _body: Json, error: BotError) -> BoltResponse:
    shown = answer_to(error)
    said = render(shown).arguments() if isinstance(shown, Offers) else {"text": shown.markdown}
    return _json({"response_type": "ephemeral", **said})


def _at_field(services: Services, body: Json, error: BotError) -> BoltResponse:
    again = _AGAIN.get(type(error))
    if again and (form := again(services, body, error)):
        return _json({"response_action": "update", "view": form})
    return _json({"response_action": "errors", "errors": form_errors(body["view"], error)})


def _no_options(_services: Services, _body: Json, _error: BotError) -> BoltResponse:
    return _json({"options": []})


def _after_click(services: Services, body: Json, error: BotError) -> BoltResponse:
    channel, thread = place_of(dict(body))
    return _send(services, error, body["user"]["id"], (channel, thread), click_key(dict(body)))


def _after_shortcut(services: Services, body: Json, error: BotError) -> BoltResponse:
    channel = (body.get("channel") or {}).get("id") or ""
    return _send(services, error, body["user"]["id"], (channel, None), f"shortcut/{body['trigger_id']}")


def _after_mention(services: Services, body: Json, error: BotError) -> BoltResponse:
    event = body["event"]
    place = (event["channel"], event.get("thread_ts"))
    return _send(services, error, event["user"], place, mention_key(event))


def _send(
    services: Services, error: BotError, to: str, place: tuple[str, str | None], key: str
) -> BoltResponse:
    if isinstance(error, NotSaved):
        return UNACKED
    services.answers.send(answer_to(error), to=to, channel_id=place[0], thread_ts=place[1], key=key)
    return BoltResponse(status=200)


def _json(body: Json) -> BoltResponse:
    return BoltResponse(
        status=200, body=json.dumps(body), headers={"content-type": ["application/json;charset=utf-8"]}
    )


_AGAIN: Mapping[type[BotError], Callable[[Services, Json, Any], Json | None]] = {
    SectionChanged: merging,
    ItemMadeAlready: already_made,
    DeclaredMeanwhile: declared_meanwhile,
    UpdatedMeanwhile: sent_meanwhile,
    OutsidersPaged: invite_too,
    PagedRecently: page_again,
}
"""Error -> the form as it opens again instead of showing the error, with everything that was typed."""

_ANSWERS: Mapping[str, Callable[[Services, Json, BotError], BoltResponse]] = {
    "command": _in_ack,
    "view_submission": _at_field,
    "block_suggestion": _no_options,
    "block_actions": _after_click,
    "shortcut": _after_shortcut,
    "message_action": _after_shortcut,
    "app_mention": _after_mention,
}
