"""Postmortems: the buttons, menus and forms, and the shortcut that turns a message into a lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.domain.kit.errors import OutdatedButton, SectionChanged
from bot.domain.kit.json import Json
from bot.domain.kit.text import one_line
from bot.domain.messages.slack_messages import posted_message
from bot.domain.postmortems.model import AddedEvent, Curated, Section
from bot.domain.surface.forms import (
    CompleteStart,
    CurateStart,
    FormName,
    FormStart,
    LessonStart,
    PostmortemOwnerStart,
    PostmortemTextStart,
    WaiveStart,
)
from bot.domain.surface.slack_app import Shortcut
from bot.listeners import parse
from bot.listeners.clicks import click_key, place_of
from bot.listeners.form import Form
from bot.listeners.services import Services, after_ack
from bot.listeners.shortcuts import open_form
from bot.views.kit.form_parts import carried
from bot.views.postmortems.exports import EXPORTS
from bot.views.postmortems.forms import (
    event_options,
    parse_curate,
    parse_lesson,
    parse_owner,
    parse_reason,
    parse_text,
    text_form,
)

SHORTCUTS = (
    Shortcut(
        "add_lesson", "Add as lesson learned", "message", "Add this message to the incident's postmortem"
    ),
)
_MORE: dict[str, Callable[[int], FormStart]] = {
    Section.TITLE.value: lambda incident_id: PostmortemTextStart(incident_id, Section.TITLE.value),
    Section.OWNER.value: PostmortemOwnerStart,
}
_SUGGESTIONS = 50


def register(app: App, services: Services) -> None:
    """Listen for the buttons, the menus and the shortcut."""
    app.action("start_postmortem")(_starts(services))
    app.action("reopen_postmortem")(_reopens(services))
    app.action("more_postmortem")(_does_more(services))
    app.action("edit_lesson")(_edits_lesson(services))
    app.options("event")(_suggests(services))
    app.shortcut("add_lesson")(_makes_lesson(services))


def _starts(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        incident_id = parse.read(parse.number, action)
        services.postmortems.create_postmortem(incident_id, by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked


def _reopens(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        incident_id = parse.read(parse.number, action)
        services.postmortems.reopen(incident_id, by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked


def _does_more(services: Services) -> Callable[..., None]:
    def chosen(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        incident_id, what = _choice(action)
        if what in EXPORTS:
            services.postmortems.export(incident_id, what, by=body["user"]["id"], key=click_key(body))
        elif what in _MORE:
            _open(services, body, context, _MORE[what](incident_id))
        else:
            raise OutdatedButton
        ack()

    return chosen


def _edits_lesson(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        incident_id, number = _choice({"selected_option": {"value": action.get("value")}})
        if not number.isdecimal():
            raise OutdatedButton
        _open(services, body, context, LessonStart(incident_id, int(number)))
        ack()

    return clicked


def merging(services: Services, body: Mapping[str, Any], error: SectionChanged) -> Json | None:
    """The form again after somebody else has saved first: their text above what the person has typed.

    The next Save merges the two. ``None`` if there is no longer a postmortem that the person may see.
    """
    incident_id, section, text, _ = parse_text(body["view"])
    user = body["user"]["id"]
    found = services.postmortems.get_postmortem(incident_id, viewer=user)
    incident = services.answers.incident(incident_id, user)
    return text_form(found, incident, section, text, error.values["name"]) if found else None


def _suggests(services: Services) -> Callable[..., None]:
    def suggest(ack: Ack, body: Json) -> None:
        incident_id = int(carried(body["view"])["incident_id"])
        typed = one_line(str(body.get("value") or ""))
        found = services.postmortems.suggest_events(
            incident_id, typed, _SUGGESTIONS, viewer=body["user"]["id"]
        )
        ack(options=event_options(found))

    return suggest


def _makes_lesson(services: Services) -> Callable[..., None]:
    def shortcut(ack: Ack, body: Json, context: BoltContext) -> None:
        user, channel = body["user"]["id"], body["channel"]["id"]
        services.people.check_may_act(user)
        incident = services.incidents.which(None, channel, "postmortem", viewer=user)
        text = services.names.plain(posted_message(body["message"], channel).text)
        open_form(services, body, context, LessonStart(incident.id, 0, text))
        ack()

    return shortcut


def _choice(action: Json) -> tuple[int, str]:
    """(incident id, chosen option) from a menu; raises ``OutdatedButton``."""
    number, _, what = str((action.get("selected_option") or {}).get("value") or "").partition("/")
    return parse.read(parse.number, {"value": number}), what


def _open(services: Services, body: Json, context: BoltContext, start: FormStart) -> None:
    user, trigger, channel = body["user"]["id"], body["trigger_id"], place_of(body)[0]
    services.people.check_may_act(user)
    after_ack(context, lambda: services.forms.open(trigger, start, user_id=user, channel_id=channel))


def _text(services: Services, view: Json, by: str, key: str) -> None:
    incident_id, section, text, was = parse_text(view)
    # After a conflict the same view is submitted again: only its hash differs.
    services.postmortems.edit(incident_id, section, text, was, by=by, key=f"{key}/{view.get('hash')}")


def _lesson(services: Services, view: Json, by: str, key: str) -> None:
    incident_id, number, was, lesson = parse_lesson(view)
    if number:
        services.postmortems.change_lesson(incident_id, number, was, lesson, by=by, key=key)
    else:
        services.postmortems.add_lesson_learned(incident_id, lesson, by=by, key=key)


def _curate(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_curate(view)
    if filled.which is None:
        event = AddedEvent(filled.at or services.postmortems.clock(), filled.text)
        services.postmortems.add_event(filled.incident_id, event, by=by, key=key)
        return
    how = Curated(filled.is_shown, filled.text or None, filled.at)
    if filled.which.isdecimal():
        services.postmortems.curate(filled.incident_id, int(filled.which), how, by=by, key=key)
    else:
        services.postmortems.change_event(filled.incident_id, filled.which, how, by=by, key=key)


def _owner(services: Services, view: Json, by: str, key: str) -> None:
    incident_id, owner = parse_owner(view)
    if owner:
        services.people.ensure_known(owner)
    services.postmortems.set_owner(incident_id, owner, by=by, key=key)


def _complete(services: Services, view: Json, by: str, key: str) -> None:
    incident_id, despite = parse_reason(view)
    services.postmortems.complete(incident_id, by=by, key=key, despite=despite)


def _waive(services: Services, view: Json, by: str, key: str) -> None:
    incident_id, why = parse_reason(view)
    services.duties.waive(incident_id, why, by=by, key=key)


def _starts_section(section: Section) -> Callable[[str], FormStart]:
    return lambda value: PostmortemTextStart(parse.number(value), section.value)


FORMS: Mapping[FormName, Form] = {
    FormName.POSTMORTEM_TEXT: Form(
        _text,
        {
            "edit_summary": _starts_section(Section.SUMMARY),
            "edit_impact": _starts_section(Section.IMPACT),
            "edit_causes": _starts_section(Section.ROOT_CAUSES),
        },
    ),
    FormName.LESSON: Form(_lesson, {"add_lesson": lambda value: LessonStart(parse.number(value))}),
    FormName.CURATE: Form(_curate, {"edit_events": lambda value: CurateStart(parse.number(value))}),
    FormName.POSTMORTEM_OWNER: Form(
        _owner, {"own_postmortem": lambda value: PostmortemOwnerStart(parse.number(value))}
    ),
    FormName.COMPLETE: Form(
        _complete, {"complete_postmortem": lambda value: CompleteStart(parse.number(value))}
    ),
    FormName.WAIVE: Form(_waive, {"waive_postmortem": lambda value: WaiveStart(parse.number(value))}),
}
