"""Pages: the form that calls people in, and the answer of those who come."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slack_bolt import Ack, App

from bot.domain.kit.errors import OutsidersPaged, PagedRecently
from bot.domain.kit.json import Json
from bot.domain.surface.forms import FormName, PageStart
from bot.listeners import parse
from bot.listeners.clicks import click_key
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.views.pages.forms import page_form_again, parse_page


def register(app: App, services: Services) -> None:
    """Listen for the button."""

    def on_my_way(ack: Ack, body: Json, action: Json) -> None:
        incident_id, page_id = parse.read(_which, action)
        services.pages.answer(incident_id, page_id, by=body["user"]["id"], key=click_key(body))
        ack()

    app.action("answer_page")(on_my_way)


def invite_too(_services: Services, body: Json, error: OutsidersPaged) -> Json:
    """The form again, asking whether people may be invited who can't see the incident yet."""
    return page_form_again(body["view"], error, "Invite and page", "invites")


def page_again(_services: Services, body: Json, error: PagedRecently) -> Json:
    """The form again, asking whether to page people who were paged minutes ago."""
    return page_form_again(body["view"], error, "Page again", "again")


def _which(value: str) -> tuple[int, int]:
    """(incident's number, page's id); raises ``ValueError``."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,17})", value, re.ASCII)
    if found is None:
        raise ValueError(value)
    return int(found[1]), int(found[2])


def _page(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_page(view)
    services.people.ensure_all_known(filled.people)
    services.pages.page(filled, by=by, key=key)


FORMS: Mapping[FormName, Form] = {
    FormName.PAGE: Form(_page, {"page_people": lambda value: PageStart(parse.number(value))})
}
