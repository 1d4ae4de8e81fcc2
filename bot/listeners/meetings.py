"""Meetings and time blocks: the buttons on them, and the forms about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from slack_bolt import Ack, App, BoltContext

from bot.domain.calendar.time_blocks import DEFAULT_MINUTES
from bot.domain.kit.json import Json
from bot.domain.surface.answers import BlockTray
from bot.domain.surface.forms import FormName, MeetingStart, PickTimeStart
from bot.listeners import parse
from bot.listeners.clicks import click_key, place_of, refresh_tray
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.views.calendar.meeting_forms import parse_meeting, parse_pick


def register(app: App, services: Services) -> None:
    """Listen for the buttons on meetings and time blocks."""
    app.action("book_slot")(_books(services))
    app.action("block_hour")(_blocks_an_hour(services))
    meetings = {
        "other_times": services.meetings.other_times,
        "keep_meeting": services.meetings.keep,
        "cancel_meeting": services.meetings.cancel,
    }
    for action_id, act in meetings.items():
        app.action(action_id)(_acts(act))
    blocks = {
        "confirm_block": services.blocks.confirm,
        "extend_block": services.blocks.extend,
        "free_block": services.blocks.free,
    }
    for action_id, act_on in blocks.items():
        app.action(action_id)(_acts_on_block(services, act_on))


def _books(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        meeting_id, start = parse.read(_slot, action)
        services.meetings.choose(meeting_id, start, by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked


def _slot(value: str) -> tuple[int, datetime]:
    number, _, start = value.partition("/")
    return parse.number(number), datetime.fromtimestamp(parse.number_of_seconds(start), UTC)


def _acts(act: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        act(parse.read(parse.number, action), by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked


def _blocks_an_hour(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        user, key, (channel, thread) = body["user"]["id"], click_key(body), place_of(body)
        block = services.blocks.block(parse.read(parse.number, action), DEFAULT_MINUTES, by=user, key=key)
        services.answers.send(BlockTray(block.id), to=user, channel_id=channel, thread_ts=thread, key=key)
        ack()

    return clicked


def _acts_on_block(services: Services, act: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        block_id = parse.read(parse.number, action)
        act(block_id, by=body["user"]["id"], key=click_key(body))
        refresh_tray(services, body, context, BlockTray(block_id))
        ack()

    return clicked


def _ask(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_meeting(view)
    services.people.ensure_all_known((*filled.required, *filled.optional))
    services.meetings.ask(filled, by=by, key=key)


def _pick(services: Services, view: Json, by: str, key: str) -> None:
    meeting_id, start = parse_pick(view)
    services.meetings.pick(meeting_id, start, by=by, key=key)


FORMS: Mapping[FormName, Form] = {
    FormName.MEETING: Form(_ask, {"arrange_meeting": lambda value: MeetingStart(parse.number(value))}),
    FormName.PICK_TIME: Form(_pick, {"pick_meeting_time": lambda value: PickTimeStart(parse.number(value))}),
}
