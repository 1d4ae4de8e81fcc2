"""An incident in Slack: live card, announcement, topic, purpose, and the lines about changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from bot.domain.incidents.model import NEXT_STEPS, Incident, IncidentStatus, is_reopening
from bot.domain.kit.text import cut, one_line
from bot.domain.projects.model import Link
from bot.domain.settings import Role
from bot.domain.updates.model import Update, words
from bot.views.kit.labels import SEVERITY, STATUS, STEP
from bot.views.kit.message import (
    SECTION_LIMIT,
    Block,
    Message,
    actions,
    button,
    context,
    fields,
    header,
    section,
)
from bot.views.kit.text import channel_link, entities, escape, escape_within, label_of, local_time, mention

TOPIC_LIMIT = 250
"""https://docs.slack.dev/reference/methods/conversations.setTopic"""
_RESTYLED = re.compile(r":[a-z0-9_+'-]+:|[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F]|\|[^<>|]*(?=>)")
_LINKS_SHOWN = 2000
"""Characters of a project's links that are shown; a single link may be that long."""
_DESCRIPTION_SHOWN, _UPDATE_SHOWN = 1200, 300
"""In characters; a text full of ampersands shows fewer, since each becomes five characters."""


def headline(incident: Incident) -> str:
    """Ref and title in Slack's markup."""
    return f"{incident.ref} · {escape(incident.title)}"


def state(incident: Incident) -> str:
    """Severity, status and privacy in half a line."""
    private = " · 🔒 Private" if incident.is_private else ""
    return f"{SEVERITY[incident.severity]} · {STATUS[incident.status]}{private}"


def card(
    incident: Incident,
    latest: Update | None = None,
    supporting: Sequence[tuple[Role, str]] = (),
    links: tuple[Link, ...] = (),
) -> Message:
    """The live card: title, state, who has which role, latest update, and buttons for the next steps.

    The ``links`` are those of its project.
    """
    blocks: list[Block] = [header(f"{incident.ref} · {incident.title}"), fields(_facts(incident))]
    if supporting:
        blocks.append(section("\n".join(f"*{role}* · {who}" for role, who in _named(supporting))))
    if incident.description:
        blocks.append(section(_quoted(incident.description)))
    if incident.call_url:
        blocks.append(section(f"📞 {call_link(incident.call_url)}"))
    if links:
        blocks.append(context(f"🔗 {links_line(links)}"))
    source = incident.metadata.get("source")
    if source:
        blocks.append(context(f"Declared from <{source['permalink']}|this message>"))
    if latest:
        blocks.append(context(_latest(latest)))
    if incident.is_private:
        blocks.append(context("🔒 Private: only the people in this channel can see it."))
    return Message(f"{headline(incident)}: {state(incident)}", (*blocks, steps(incident)))


def announcement(incident: Incident, supporting: Sequence[tuple[Role, str]] = ()) -> Message:
    """The incident's one message in the announcements channel, edited in place on every change."""
    where = channel_link(incident.channel_id, incident.channel_name)
    about = f" · {escape(incident.project_id)}" if incident.project_id else ""
    text = f"*{headline(incident)}*\n{state(incident)}{about} · {where}"
    people = [f"Declared by {mention(incident.declared_by)} {local_time(incident.declared_at)}"]
    if incident.commander_id:
        people.append(f"commander {mention(incident.commander_id)}")
    people += [f"{role} {who}" for role, who in _named(supporting)]
    if incident.resolved_at:
        people.append(f"resolved {local_time(incident.resolved_at)}")
    call = [context(f"📞 {call_link(incident.call_url)}")] if incident.call_url else []
    blocks = (section(text), context(" · ".join(people)), *call, actions(subscribe_button(incident)))
    return Message(f"{headline(incident)}: {state(incident)}", blocks)


def call_link(url: str, label: str = "Join the call") -> str:
    """The link to a call."""
    return f"<{entities(url)}|{label}>"


def links_line(links: tuple[Link, ...], room: int = _LINKS_SHOWN) -> str:
    """The links, as many of them as have ``room``, in characters."""
    shown = list[str]()
    for each in links:
        link = f"<{entities(each.url)}|{label_of(each.name, 60)}>"
        room -= len(link)
        if room < 0:
            break
        shown.append(link)
    more = len(links) - len(shown)
    return " · ".join([*shown, *([f"{more} more in the bookmarks"] if more else [])])


def steps(incident: Incident) -> Block:
    """Buttons for everything that can be done next, on the live card and in the tray."""
    number = str(incident.id)
    buttons = [
        button(STEP[step], f"status_{step.value}", number, _STEP_STYLE.get(step))
        for step in NEXT_STEPS[incident.status]
        if not is_reopening(incident.status, step)
    ]
    if any(is_reopening(incident.status, step) for step in NEXT_STEPS[incident.status]):
        buttons.append(button(STEP[IncidentStatus.OPEN], "reopen_incident", number))
    if incident.is_active and not incident.commander_id:
        buttons.append(button("Take command", "take_command", number))
    if incident.is_active:
        buttons.append(button("Take a role", "show_roles", number))
        buttons.append(button("People", "show_people", number))
    if incident.status is not IncidentStatus.CLOSED:
        buttons.append(button("Edit", "edit_incident", number))
        buttons.append(button("Write an update", "write_update", number))
    buttons.append(button("Action item", "create_action", number))
    buttons.append(button("Five whys", "start_whys", number))
    buttons.append(button("Timeline", "show_timeline", number))
    buttons.append(subscribe_button(incident))
    return actions(*buttons)


def subscribe_button(incident: Incident) -> Block:
    """The button with which people get a direct message at each update and change of status."""
    return button("Subscribe", "subscribe_incident", str(incident.id))


def topic(incident: Incident) -> str:
    """The channel's topic, within Slack's 250 characters. Slack formats nothing there.

    https://docs.slack.dev/reference/methods/conversations.setTopic
    """
    commander = f" · Commander {mention(incident.commander_id)}" if incident.commander_id else ""
    start = f"{incident.ref} · {state(incident)}{commander} · "
    return start + escape_within(incident.title, TOPIC_LIMIT - len(start), entities)


def is_same_topic(one: str, other: str) -> bool:
    """Whether two topics say the same.

    Slack may return characters escaped, emoji as codes and mentions with names.
    """
    return _comparable(one) == _comparable(other)


def _comparable(text: str) -> str:
    return " ".join(_RESTYLED.sub("", unescape(text)).split())


def purpose(incident: Incident) -> str:
    """The channel's purpose, within Slack's 250 characters."""
    return (
        f"Working on {incident.ref}. Everything written here is added to its timeline. "
        "Type /incident to see what you can do."
    )


def declared_privately(incident: Incident) -> Message:
    """The direct message to the declarer."""
    where = channel_link(incident.channel_id, incident.channel_name)
    return Message(f"{incident.ref} is open in {where}", (section(f"*{incident.ref}* is open in {where}"),))


def source_link(incident: Incident) -> Message:
    """The line in the thread of the message that the incident was declared from, with its current state."""
    where = channel_link(incident.channel_id, incident.channel_name)
    text = f"{mention(incident.declared_by)} declared *{headline(incident)}* from this message: {where}"
    resolved = f" · resolved {local_time(incident.resolved_at)}" if incident.resolved_at else ""
    return Message(
        f"{headline(incident)}: {state(incident)}, in {where}",
        (context(text), context(f"{state(incident)}{resolved}")),
    )


def _facts(incident: Incident) -> dict[str, str]:
    facts = {
        "Severity": SEVERITY[incident.severity],
        "Status": STATUS[incident.status],
        "Declared": f"{mention(incident.declared_by)}, {local_time(incident.declared_at)}",
        "Commander": mention(incident.commander_id) if incident.commander_id else "Nobody yet",
    }
    if incident.project_id:
        facts["Project"] = escape(incident.project_id)
    if incident.resolved_at:
        facts["Resolved"] = local_time(incident.resolved_at)
    return facts


def _latest(update: Update) -> str:
    """The latest update in one line."""
    told = escape_within(one_line(words(update)), _UPDATE_SHOWN)
    return f"*Latest update*, {local_time(update.at)}: {told}"


def _named(supporting: Sequence[tuple[Role, str]]) -> list[tuple[str, str]]:
    """Each role with a mention of its holder."""
    return [(escape(role.name), mention(user_id)) for role, user_id in supporting]


def _quoted(text: str) -> str:
    """The text escaped, quoted, and cut to fit into a section."""
    kept = _DESCRIPTION_SHOWN
    while len(shown := "> " + escape(cut(text, kept)).replace("\n", "\n> ")) > SECTION_LIMIT:
        kept //= 2
    return shown


_STEP_STYLE = {IncidentStatus.RESOLVED: "primary"}
