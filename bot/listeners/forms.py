"""Forms: the buttons that open them, their submissions, and suggestions while they are filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, BoltContext

from bot.domain.incidents.model import IncidentStatus
from bot.domain.kit.errors import DeclaredMeanwhile
from bot.domain.kit.json import Json
from bot.domain.kit.text import one_line
from bot.domain.surface.answers import Sentence
from bot.domain.surface.forms import DeclareStart, EditStart, FormName, FormStart, ReopenStart
from bot.listeners import (
    action_items,
    checklists,
    five_whys,
    meetings,
    pages,
    parse,
    postmortems,
    projects,
    roles,
    settings,
    updates,
)
from bot.listeners.clicks import click_key, original_of, place_of
from bot.listeners.form import Form
from bot.listeners.services import Services, after_ack
from bot.views.incidents.forms import (
    meanwhile_form,
    parse_declare,
    parse_edit,
    parse_reopen,
    project_options,
)
from bot.views.kit.form_parts import home_of
from bot.views.kit.text import channel_link

_SUGGESTIONS, _OFFERED = 20, 50
"""How many names that were typed before, and how many of the workspace's projects, are offered: with the
typed text, they fit into a menu.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
"""


def register(app: App, services: Services) -> None:
    """Listen for buttons, submissions and suggestions; a submission's natural key is its view's id."""
    for name, form in FORMS.items():
        app.view(name.value)(_submits(services, form))
    for action_id, start in OPENERS.items():
        app.action(action_id)(_opens(services, start, is_refreshed=action_id in _IN_REFRESHED))
    app.action("join_incident")(_joins(services))
    app.options("project")(_suggests(services))


def _submits(services: Services, form: Form) -> Callable[..., None]:
    def submitted(ack: Ack, body: Json, context: BoltContext) -> None:
        view, user = body["view"], body["user"]["id"]
        answer, key = form.shown_in, f"view/{view['id']}"
        form.submits(services, view, user, key)
        if answer and (home := home_of(view)):
            after_ack(context, lambda: services.forms.replace(home, answer, user_id=user, key=key))
        ack()

    return submitted


def _opens(
    services: Services, read: Callable[[str], FormStart], *, is_refreshed: bool = False
) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        user = body["user"]["id"]
        services.people.check_may_act(user)
        start, trigger, channel = parse.read(read, action), body["trigger_id"], place_of(body)[0]
        more = {"home": original_of(body)} if is_refreshed and body.get("response_url") else {}
        after_ack(
            context, lambda: services.forms.open(trigger, start, user_id=user, channel_id=channel, **more)
        )
        ack()

    return clicked


def _suggests(services: Services) -> Callable[..., None]:
    def suggest(ack: Ack, body: Json) -> None:
        typed = one_line(str(body.get("value") or ""))
        before = services.incidents.suggest_projects(typed, _SUGGESTIONS, viewer=body["user"]["id"])
        ack(options=project_options(typed, before, services.projects.offered(typed, _OFFERED)))

    return suggest


def _declare(services: Services, view: Json, by: str, key: str) -> None:
    services.incidents.declare_from_form(parse_declare(view), by=by, key=key)


def declared_meanwhile(services: Services, body: Json, error: DeclaredMeanwhile) -> Json | None:
    """The form again, with what others have declared since it was shown; ``None`` if there is nothing."""
    newest = int(error.values["newest"])
    found = services.incidents.declared_since(newest, viewer=body["user"]["id"])
    return meanwhile_form(body["view"], found) if found else None


def _joins(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        user, key = body["user"]["id"], click_key(body)
        incident = services.incidents.join(parse.read(parse.number, action), by=user, key=key)
        where = channel_link(incident.channel_id, incident.channel_name)
        invited = Sentence(f"I've invited you to {where}, where people work on {incident.ref}.")
        services.answers.send(invited, to=user, channel_id="", thread_ts=None, key=key)
        ack()

    return clicked


def _edit(services: Services, view: Json, by: str, key: str) -> None:
    services.incidents.edit_from_form(parse_edit(view), by=by, key=key)


def _reopen(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_reopen(view)
    services.incidents.update_status(filled.incident_id, IncidentStatus.OPEN, by=by, key=key, note=filled.why)


FORMS: Mapping[FormName, Form] = {
    FormName.DECLARE: Form(_declare, {"declare_incident": lambda _value: DeclareStart()}),
    FormName.EDIT: Form(_edit, {"edit_incident": lambda value: EditStart(parse.number(value))}),
    FormName.REOPEN: Form(_reopen, {"reopen_incident": lambda value: ReopenStart(parse.number(value))}),
    **action_items.FORMS,
    **five_whys.FORMS,
    **postmortems.FORMS,
    **meetings.FORMS,
    **updates.FORMS,
    **roles.FORMS,
    **projects.FORMS,
    **checklists.FORMS,
    **settings.FORMS,
    **pages.FORMS,
}
OPENERS: Mapping[str, Callable[[str], FormStart]] = {
    "open_form": parse.form,
    **{action_id: start for form in FORMS.values() for action_id, start in form.opened_by.items()},
}
"""Action id -> the form's start from the button's value; ``open_form`` is the button that is offered if a
form couldn't be opened directly."""
_IN_REFRESHED = frozenset(
    action_id for form in FORMS.values() if form.shown_in is not None for action_id in form.opened_by
)
"""The buttons in answers that a submission refreshes."""
