"""Five whys: the buttons of sessions and questions, the forms, and the shortcuts on messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, BoltContext

from bot.domain.kit.json import Json
from bot.domain.kit.text import one_line
from bot.domain.messages.slack_messages import posted_message
from bot.domain.surface.answers import WhysTray
from bot.domain.surface.forms import FiveWhysStart, FormName, HandOverStart
from bot.domain.surface.slack_app import Shortcut
from bot.listeners import parse
from bot.listeners.clicks import click_key, refresh_tray
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.listeners.shortcuts import open_form
from bot.views.five_whys.forms import parse_hand_over, parse_whys

SHORTCUTS = (
    Shortcut("ask_why", "Ask why", "message", "Use five whys to find out why this happened"),
    Shortcut(
        "name_root_cause",
        "Mark as root cause",
        "message",
        "Mark this reply in a five-whys thread as the root cause",
    ),
)


def register(app: App, services: Services) -> None:
    """Listen for the buttons and the shortcuts."""
    whys = services.whys
    for action_id, on_answer in {
        "whys_root_cause": whys.name_root_cause,
        "whys_branch": whys.branch,
        "whys_take_back": whys.take_back,
        "whys_go_on": whys.go_on_at,
        "whys_undo": whys.undo,
    }.items():
        app.action(action_id)(_acts_on_answer(on_answer))
    for action_id, on_session in {
        "whys_finish": whys.complete,
        "whys_abandon": whys.abandon,
        "whys_resume": whys.resume,
    }.items():
        app.action(action_id)(_acts_on_session(services, on_session))
    app.shortcut("ask_why")(_asks_about_message(services))
    app.shortcut("name_root_cause")(_names_message(services))


def _acts_on_answer(act: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        analysis_id, why_id = parse.read(_answer, action)
        act(analysis_id, why_id, by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked


def _acts_on_session(services: Services, act: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        analysis_id = parse.read(parse.number, action)
        act(analysis_id, by=body["user"]["id"], key=click_key(body))
        if body["container"].get("is_ephemeral"):
            refresh_tray(services, body, context, WhysTray(analysis_id))
        ack()

    return clicked


def _asks_about_message(services: Services) -> Callable[..., None]:
    def shortcut(ack: Ack, body: Json, context: BoltContext) -> None:
        user, channel = body["user"]["id"], body["channel"]["id"]
        services.people.check_may_act(user)
        incident = services.incidents.which(None, channel, "whys", viewer=user)
        problem = one_line(services.names.plain(posted_message(body["message"], channel).text))
        start = FiveWhysStart(incident.id, problem, channel, body["message"]["ts"])
        open_form(services, body, context, start)
        ack()

    return shortcut


def _names_message(services: Services) -> Callable[..., None]:
    def shortcut(ack: Ack, body: Json) -> None:
        message = posted_message(body["message"], body["channel"]["id"])
        services.whys.name_message(message, by=body["user"]["id"], key=f"shortcut/{body['trigger_id']}")
        ack()

    return shortcut


def _answer(value: str) -> tuple[int, int]:
    """(session id, answer id); 0 means the question before the first answer. Raises ``ValueError``."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})/(0|[1-9][0-9]{0,8})", value, re.ASCII)
    if found is None:
        raise ValueError(value)
    return int(found[1]), int(found[2])


def _start(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_whys(view, by)
    services.people.ensure_known(filled.facilitator_id)
    services.whys.start_from_form(filled, by=by, key=key)


def _hand_over(services: Services, view: Json, by: str, key: str) -> None:
    analysis_id, facilitator = parse_hand_over(view, by)
    services.people.ensure_known(facilitator)
    services.whys.hand_over(analysis_id, facilitator, by=by, key=key)


FORMS: Mapping[FormName, Form] = {
    FormName.WHYS: Form(_start, {"start_whys": lambda value: FiveWhysStart(parse.number(value))}),
    FormName.HAND_OVER: Form(
        _hand_over, {"hand_over_whys": lambda value: HandOverStart(parse.number(value))}
    ),
}
