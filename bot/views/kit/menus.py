"""Menus of people and of user groups."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.kit.groups import UserGroup
from bot.domain.kit.text import cut
from bot.domain.projects.model import MAX_GROUPS, MAX_PEOPLE
from bot.views.kit.message import LABEL_LIMIT, Block, plain
from bot.views.kit.text import counted

GROUPS_MISSING = (
    "User groups can be chosen here, too, but I can't see any: that takes a paid Slack plan and the optional "
    "scope `usergroups:read`."
)


def people_menu(action_id: str, initial: Iterable[str]) -> Block:
    """A menu of several people."""
    element: Block = {
        "type": "multi_users_select",
        "action_id": action_id,
        "placeholder": plain("Choose people"),
        "max_selected_items": MAX_PEOPLE,
    }
    chosen = list(initial)
    return {**element, "initial_users": chosen} if chosen else element


def groups_menu(action_id: str, initial: Iterable[UserGroup]) -> Block:
    """A menu of several user groups, which asks us what to offer: Block Kit has no picker for them."""
    element: Block = {
        "type": "multi_external_select",
        "action_id": action_id,
        "placeholder": plain("Choose groups"),
        "min_query_length": 0,
        "max_selected_items": MAX_GROUPS,
    }
    chosen = group_options(initial)
    return {**element, "initial_options": chosen} if chosen else element


def group_options(found: Iterable[UserGroup]) -> list[Block]:
    """The choices of a menu of user groups."""
    return [_option(each) for each in found]


def _option(group: UserGroup) -> Block:
    label = f"@{group.handle} · {counted(len(group.member_ids), 'person', 'people')}"
    return {"text": plain(cut(label, LABEL_LIMIT)), "value": group.id}
