"""Clicks on the bot's buttons. A button's value is input: operations check what it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable

from slack_bolt import Ack, App, BoltContext

from bot.domain.action_items.model import digest_of
from bot.domain.incidents.model import IncidentStatus
from bot.domain.kit.json import Json
from bot.domain.surface.answers import (
    Answer,
    ChecklistSettings,
    IncidentList,
    ItemTray,
    PeopleTray,
    PostmortemTray,
    Revisions,
    RolesTray,
    Sentence,
    Timeline,
    Tray,
)
from bot.domain.surface.originals import Original
from bot.listeners import parse
from bot.listeners.commands import Asked, run
from bot.listeners.services import Services, after_ack


def register(app: App, services: Services) -> None:
    """Listen for buttons that are about incidents, and for those that show something."""
    for action_id, answer in _ANSWERS.items():
        app.action(action_id)(_shows(services, answer))
    app.action(re.compile("^(page_back|page_on|show_other)$"))(_turns_page(services))
    app.action(re.compile(r"^run_line_\d+$"))(_runs(services))
    app.action("cancel_offer")(_cancels(services))
    for action_id in _STEPS:
        app.action(action_id)(_takes_step(services))
    app.action("take_command")(_takes_command(services))
    app.action("catch_up")(_briefs(services))
    app.action("retry_failed")(_retries(services, lambda action: parse.read(parse.number, action)))
    app.action("retry_everything")(_retries(services, lambda _action: None))


_STEPS = {f"status_{status.value}": status for status in IncidentStatus}

_ANSWERS: dict[str, Callable[[str], Answer]] = {
    "show_timeline": lambda value: Timeline(parse.number(value)),
    "show_tray": lambda value: Tray(parse.number(value)),
    "show_roles": lambda value: RolesTray(parse.number(value)),
    "show_people": lambda value: PeopleTray(parse.number(value)),
    "show_all": lambda _value: IncidentList(active_only=False),
    "show_item": lambda value: ItemTray(parse.number(value)),
    "show_checklist_settings": lambda _value: ChecklistSettings(),
    "show_items": parse.answer,
    "show_whys": parse.answer,
    "show_postmortem": lambda value: PostmortemTray(parse.number(value)),
    "show_revisions": lambda value: Revisions(parse.number(value)),
    "show_revision": parse.answer,
}


def click_key(body: Json) -> str:
    """The natural key of a click: who, on what, when."""
    container = body["container"]
    where = container.get("message_ts") or container.get("view_id")
    return f"click/{body['user']['id']}/{where}/{body['actions'][0]['action_ts']}"


def place_of(body: Json) -> tuple[str, str | None]:
    """(channel, thread) that the button is in; an empty channel if it's in a form or the App Home."""
    channel = (body.get("channel") or {}).get("id") or ""
    return channel, (body.get("message") or {}).get("thread_ts") or body["container"].get("thread_ts")


def original_of(body: Json) -> Original:
    """The message that the button is in; without a ``response_url`` if it's in a form or the App Home."""
    return Original(body.get("response_url") or "", *place_of(body))


def _takes_step(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        incident_id, status = parse.read(parse.number, action), _STEPS[action["action_id"]]
        services.incidents.update_status(incident_id, status, by=body["user"]["id"], key=click_key(body))
        refresh_tray(services, body, context, Tray(incident_id))
        ack()

    return clicked


def _takes_command(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        user, incident_id = body["user"]["id"], parse.read(parse.number, action)
        services.incidents.assign_commander(
            incident_id, user, by=user, key=click_key(body), only_if_free=True
        )
        refresh_tray(services, body, context, Tray(incident_id))
        ack()

    return clicked


def _briefs(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        user, (channel, thread), key = body["user"]["id"], place_of(body), click_key(body)
        briefing = services.briefings.brief(parse.read(parse.number, action), by=user, key=key)
        services.answers.send(briefing, to=user, channel_id=channel, thread_ts=thread, key=key)
        ack()

    return clicked


def _retries(services: Services, incident_id: Callable[[Json], int | None]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        services.outbox.retry(incident_id(action), by=body["user"]["id"])
        ack()

    return clicked


def _shows(services: Services, answer: Callable[[str], Answer]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        user, (channel, thread) = body["user"]["id"], place_of(body)
        services.people.check_may_act(user)
        services.answers.send(
            parse.read(answer, action),
            to=user,
            channel_id=channel,
            thread_ts=thread,
            key=click_key(body),
        )
        ack()

    return clicked


def _turns_page(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        services.people.check_may_act(body["user"]["id"])
        _replaces(services, body, context, parse.read(parse.answer, action))
        ack()

    return clicked


def _runs(services: Services) -> Callable[..., None]:
    """Run the command that was offered, and show its answer instead of the offer."""

    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        user, (channel, thread) = body["user"]["id"], place_of(body)
        line = parse.read(parse.line, action)
        asked = Asked(user, channel, _offer_key(body, line), thread)
        found = run(services, asked, line)
        if not isinstance(found, Answer):
            start, trigger = found, body["trigger_id"]
            after_ack(context, lambda: services.forms.open(trigger, start, user_id=user, channel_id=channel))
        elif not refresh_tray(services, body, context, found):
            services.answers.send(found, to=user, channel_id=channel, thread_ts=thread, key=click_key(body))
        ack()

    return clicked


def _cancels(services: Services) -> Callable[..., None]:
    """Replace the question with a line that says that nothing has been done."""

    def clicked(ack: Ack, body: Json, context: BoltContext) -> None:
        user, (channel, thread) = body["user"]["id"], place_of(body)
        told = Sentence("Cancelled. Nothing was done.")
        if not refresh_tray(services, body, context, told):
            services.answers.send(told, to=user, channel_id=channel, thread_ts=thread, key=click_key(body))
        ack()

    return clicked


def _offer_key(body: Json, line: str) -> str:
    """The natural key of what an offer runs: clicked twice, it makes one action item."""
    container = body["container"]
    where = container.get("message_ts") or container.get("view_id")
    return f"offer/{body['user']['id']}/{where}/{digest_of(line)}"


def refresh_tray(services: Services, body: Json, context: BoltContext, tray: Answer) -> bool:
    """Update the clicked tray if only that person sees it: ephemerally, or in a direct message.

    Returns whether it will be updated; if that fails, it is sent as a new message.
    """
    is_private = body["container"].get("is_ephemeral") or place_of(body)[0].startswith("D")
    if not is_private or not body.get("response_url"):
        return False
    _replaces(services, body, context, tray)
    return True


def _replaces(services: Services, body: Json, context: BoltContext, answer: Answer) -> None:
    original, user, key = original_of(body), body["user"]["id"], click_key(body)
    after_ack(context, lambda: services.forms.replace(original, answer, user_id=user, key=key))
