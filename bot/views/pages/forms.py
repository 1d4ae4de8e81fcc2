"""The form that pages people, followed by the function that reads it."""

from __future__ import annotations

from bot.domain.kit.errors import BotError
from bot.domain.pages.model import MAX_PAGED, WHY_LIMIT
from bot.domain.surface.forms import FormName, PageInput
from bot.domain.surface.shown import PageFormShown
from bot.views.kit.errors import sentence
from bot.views.kit.form_parts import (
    State,
    carried,
    field_value,
    input_of,
    modal,
    parser,
    text_input,
    typed,
    with_notice,
)
from bot.views.kit.menus import group_options
from bot.views.kit.message import Block, plain, section

_MAX_OPTIONS = 100
"""https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element"""


def page_form(shown: PageFormShown) -> Block:
    """The form that pages people; without user groups, there is no field for them."""
    element: Block = {
        "type": "multi_users_select",
        "action_id": "people",
        "placeholder": plain("Choose people"),
        "max_selected_items": MAX_PAGED,
    }
    blocks = [input_of("people", "Who is needed?", element, optional=bool(shown.groups))]
    if shown.groups:
        blocks.append(_groups(shown))
    blocks.append(text_input("why", "Why?", "", WHY_LIMIT, multiline=True, optional=False))
    kept = {"incident_id": shown.incident.id, "again": False, "invites": False}
    return modal(FormName.PAGE, f"Page for {shown.incident.ref}", "Page", blocks, kept)


def page_form_again(view: State, error: BotError, label: str, agreed: str) -> Block:
    """The submitted :func:`page_form` with the question; ``agreed`` is what submitting it again agrees to."""
    return {**with_notice(view, [section(sentence(error))], {agreed: True}), "submit": plain(label)}


@parser
def parse_page(view: State) -> PageInput:
    """The input from :func:`page_form`."""
    kept = carried(view)
    people = field_value(view, "people").get("selected_users") or ()
    groups = field_value(view, "groups").get("selected_options") or ()
    return PageInput(
        int(kept["incident_id"]),
        tuple(map(str, people)),
        typed(view, "why"),
        tuple(str(each["value"]) for each in groups),
        again=bool(kept["again"]),
        invites=bool(kept["invites"]),
    )


def _groups(shown: PageFormShown) -> Block:
    """A menu of our own: Slack has none for user groups."""
    element: Block = {
        "type": "multi_static_select",
        "action_id": "groups",
        "placeholder": plain("Choose user groups"),
        "options": group_options(shown.groups[:_MAX_OPTIONS]),
    }
    made = input_of("groups", "Which user groups?", element)
    if len(shown.groups) > _MAX_OPTIONS:
        made["hint"] = plain("To page a group that isn't listed, type /incident page and mention it.")
    return made
