"""Pages in Slack: the message in the channel, and the direct messages."""

from __future__ import annotations

import json

from bot.domain.incidents.model import Incident
from bot.domain.pages.line import page_line
from bot.domain.pages.model import SEEN_WITHIN, Page
from bot.views.incidents.card import headline, state
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.text import channel_link, escape, escape_within, mention

_WHY_SHOWN = 1000
"""In characters; a reason full of asterisks shows less, since each becomes fifteen."""


def page_message(incident: Incident, page: Page) -> Message:
    """The one message in the channel that mentions everybody, and later shows who has been seen."""
    everybody = ", ".join(map(mention, page.people))
    of = f" ({', '.join(f'@{escape(each)}' for each in page.groups)})" if page.groups else ""
    text = f"📟 {mention(page.by)} needs {everybody}{of} here.\n{_why(page)}"
    blocks: list[Block] = [section(text)]
    if len(page.unseen) < len(page.people) or not incident.is_active:
        blocks.append(context(_progress(incident, page)))
    if page.unseen and incident.is_active:
        blocks.append(actions(_answer(incident, page)))
    return Message(
        f"{incident.ref}: {mention(page.by)} needs {everybody}: {escape_within(page.why, _WHY_SHOWN)}",
        tuple(blocks),
    )


def paged_message(incident: Incident, page: Page, user_id: str) -> Message:
    """The direct message to somebody who was paged: who needs them, why and where."""
    where = channel_link(incident.channel_id, incident.channel_name)
    text = f"📟 {mention(page.by)} needs you in *{headline(incident)}*.\n{_why(page)}"
    blocks: list[Block] = [section(text), context(f"{state(incident)} · {where}")]
    if user_id not in page.unseen:
        blocks.append(context("✓ Seen"))
    elif incident.is_active:
        blocks.append(actions(_answer(incident, page)))
    else:
        blocks.append(context(f"{incident.ref} is {incident.status.value}, so you're no longer needed."))
    told = f"{mention(page.by)} needs you in {incident.ref}: {escape_within(page.why, _WHY_SHOWN)}"
    return Message(told, tuple(blocks))


def unseen_message(incident: Incident, page: Page, people: tuple[str, ...]) -> Message:
    """The direct message to the person who asked: some of the people haven't been seen."""
    minutes = int(SEEN_WITHIN.total_seconds() / 60)
    who = ", ".join(map(mention, people))
    told = f"⏳ No sign of {who} in *{headline(incident)}*, {minutes} minutes after your page."
    line = json.dumps({"line": page_line(incident, people, (), page.why)}, ensure_ascii=False)
    buttons = actions(
        button("Page again", "run_line_0", line, "primary"), button("People", "show_people", str(incident.id))
    )
    return Message(
        f"{incident.ref}: no sign of {who} since your page",
        (section(f"{told}\n{_why(page)}"), buttons),
    )


def _why(page: Page) -> str:
    return f"> {escape_within(page.why, _WHY_SHOWN)}"


def _progress(incident: Incident, page: Page) -> str:
    seen = ", ".join(mention(each) for each in page.people if each not in page.unseen)
    told = [f"✓ {seen}"] if seen else []
    if page.unseen and incident.is_active:
        told.append(f"waiting for {', '.join(map(mention, page.unseen))}")
    elif page.unseen:
        told.append(f"{incident.ref} is {incident.status.value}, so nobody else is needed")
    return " · ".join(told)


def _answer(incident: Incident, page: Page) -> Block:
    return button("On my way", "answer_page", f"{incident.id}/{page.id}", "primary")
