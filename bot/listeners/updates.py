"""Updates: their forms, the answers to a nudge, and subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, BoltContext

from bot.domain.kit.errors import UpdatedMeanwhile
from bot.domain.kit.json import Json
from bot.domain.surface.answers import Subscription
from bot.domain.surface.forms import CorrectionStart, FormName, UpdateStart
from bot.listeners import parse
from bot.listeners.clicks import click_key, place_of, refresh_tray
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.views.updates.forms import parse_correction, parse_update, update_form_again


def register(app: App, services: Services) -> None:
    """Listen for the buttons."""
    updates = services.updates
    for action_id, answer in {"no_change_update": updates.no_change, "snooze_update": updates.snooze}.items():
        app.action(action_id)(_answers_nudge(answer))
    for action_id, change in {
        "subscribe_incident": updates.subscribe,
        "unsubscribe_incident": updates.unsubscribe,
    }.items():
        app.action(action_id)(_changes_subscription(services, change))


def sent_meanwhile(services: Services, body: Json, _error: UpdatedMeanwhile) -> Json | None:
    """The form again, with the update that somebody else has sent since it was shown."""
    filled = parse_update(body["view"])
    latest = services.updates.latest(filled.incident_id, viewer=body["user"]["id"])
    return update_form_again(body["view"], latest) if latest else None


def _answers_nudge(answer: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        incident_id, number = parse.read(_which, action)
        answer(incident_id, number, by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked


def _changes_subscription(services: Services, change: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        user, key, (channel, thread) = body["user"]["id"], click_key(body), place_of(body)
        incident_id = parse.read(parse.number, action)
        change(incident_id, by=user, key=key)
        shown = Subscription(incident_id)
        # An update that somebody got as a direct message stays: the answer is a message of its own.
        is_answer = body["container"].get("is_ephemeral")
        if not (is_answer and refresh_tray(services, body, context, shown)):
            services.answers.send(shown, to=user, channel_id=channel, thread_ts=thread, key=key)
        ack()

    return clicked


def _which(value: str) -> tuple[int, int]:
    """(incident, number of the update); raises ``ValueError``."""
    incident_id, _, number = value.partition("/")
    return parse.number(incident_id), parse.number(number)


def _write(services: Services, view: Json, by: str, key: str) -> None:
    services.updates.write(parse_update(view), by=by, key=key)


def _correct(services: Services, view: Json, by: str, key: str) -> None:
    services.updates.correct(parse_correction(view), by=by, key=key)


FORMS: Mapping[FormName, Form] = {
    FormName.UPDATE: Form(_write, {"write_update": lambda value: UpdateStart(parse.number(value))}),
    FormName.CORRECTION: Form(_correct, {"correct_update": lambda value: CorrectionStart(*_which(value))}),
}
