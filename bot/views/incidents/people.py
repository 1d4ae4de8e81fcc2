"""Who is in an incident; only the person who asks sees it."""

from __future__ import annotations

from bot.domain.kit.text import some_of
from bot.domain.pages.model import Page
from bot.domain.surface.shown import PeopleShown
from bot.views.incidents.card import headline
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.text import escape, local_time, mention

MAX_SHOWN = 12
"""How many people of a kind are named."""


def people_tray(shown: PeopleShown) -> Message:
    """Who has which role, who was paged and has been seen, and who was invited and hasn't come."""
    incident = shown.incident
    title = f"People in {headline(incident)}"
    blocks: list[Block] = [section(f"*{title}*"), section("\n".join(_roles(shown)))]
    if shown.paged:
        blocks.append(section("\n".join(["*Paged*", *_paged(shown)])))
    if shown.absent:
        absent = some_of([*map(mention, shown.absent)], MAX_SHOWN)
        blocks.append(section(f"*Invited, and not seen yet*\n{absent}"))
    else:
        blocks.append(context("Everybody who was invited has been seen here."))
    number = str(incident.id)
    buttons = [button("Roles", "show_roles", number)]
    if incident.is_active:
        buttons.insert(0, button("Page somebody", "page_people", number, "primary"))
    return Message(title, (*blocks, actions(*buttons)))


def _roles(shown: PeopleShown) -> list[str]:
    held = shown.roles.held
    lines = [f"*{escape(role.name)}* · {mention(user_id)}" for role, user_id in held[:MAX_SHOWN]]
    if len(held) > MAX_SHOWN:
        lines.append(f"and {len(held) - MAX_SHOWN} more")
    return lines or ["Nobody has a role yet."]


def _paged(shown: PeopleShown) -> list[str]:
    lines = [_line(user_id, page) for user_id, page in shown.paged[:MAX_SHOWN]]
    more = len(shown.paged) - MAX_SHOWN
    return [*lines, f"and {more} more"] if more > 0 else lines


def _line(user_id: str, page: Page) -> str:
    seen_at = page.people[user_id]
    told = (
        f"✓ {mention(user_id)} · seen {local_time(seen_at)}"
        if seen_at
        else f"⏳ {mention(user_id)} · not seen"
    )
    return f"{told} · paged {local_time(page.at)} by {mention(page.by)}"
