"""The answers to commands and clicks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.incidents.model import MAX_COUNTED, Incident
from bot.domain.incidents.timeline import TimelinePage
from bot.domain.kit.references import Names
from bot.domain.kit.text import cut, length
from bot.domain.outbox.rows import Stuck
from bot.domain.settings import Role
from bot.domain.surface.answers import FormOffer, IncidentList, Offers, Sentence, Timeline
from bot.domain.surface.command import Command
from bot.domain.surface.shown import (
    ChecklistSettingsShown,
    DoctorShown,
    HelpShown,
    ListShown,
    PeopleShown,
    RolesShown,
    SettingsShown,
    Shown,
    TimelineShown,
    TrayShown,
)
from bot.views.action_items import messages as action_items
from bot.views.calendar import time_blocks
from bot.views.checklists import messages as checklists
from bot.views.checklists.settings import checklist_settings
from bot.views.doctor import doctor
from bot.views.five_whys import answers as five_whys
from bot.views.incidents import briefing
from bot.views.incidents.card import headline, state, steps
from bot.views.incidents.entries import SHOWN_PER_LINE, entry_line
from bot.views.incidents.people import people_tray
from bot.views.incidents.roles import roles_tray
from bot.views.kit.answers import pager, shows
from bot.views.kit.fitting import in_sections
from bot.views.kit.labels import effect_label
from bot.views.kit.message import (
    LABEL_LIMIT,
    VALUE_LIMIT,
    Block,
    Message,
    actions,
    button,
    context,
    section,
)
from bot.views.kit.remedies import failed_line, in_order
from bot.views.kit.text import (
    channel_link,
    counted,
    entities,
    escape,
    escape_within,
    local_time,
    mention,
)
from bot.views.postmortems import messages as postmortems
from bot.views.projects import messages as projects
from bot.views.settings import settings_home
from bot.views.updates import messages as updates


def render(shown: Shown) -> Message:
    """The message for a loaded answer."""
    return VIEWS[type(shown)](shown)


def sentence_message(shown: Sentence) -> Message:
    """A message of one line."""
    return Message(shown.markdown, (section(shown.markdown),))


def offers_message(shown: Offers) -> Message:
    """A sentence with a button for each command; a line that is too long for a button has none."""
    values = {label: json.dumps({"line": line}, ensure_ascii=False) for label, line in shown.commands.items()}
    buttons = [
        button(cut(label, LABEL_LIMIT), f"run_line_{number}", value)
        for number, (label, value) in enumerate(values.items())
        if len(value) <= VALUE_LIMIT
    ]
    buttons = buttons[:_MAX_OFFERED]
    if shown.can_cancel:
        buttons.append(button("Cancel", "cancel_offer", "cancel"))
    return Message(shown.markdown, (section(shown.markdown), *([actions(*buttons)] if buttons else [])))


def tray(incident: Incident, supporting: Sequence[tuple[Role, str]] = ()) -> Message:
    """One incident, with buttons for everything that can be done now."""
    where = channel_link(incident.channel_id, incident.channel_name)
    people = [f"commander {mention(incident.commander_id)}" if incident.commander_id else "no commander yet"]
    people += [f"{escape(role.name)} {mention(user_id)}" for role, user_id in supporting]
    text = f"*{headline(incident)}*\n{' · '.join((state(incident), *people, where))}"
    hint = context(
        "You can also type commands, e.g. `/incident severity critical all of EU is down`. "
        "`/incident help` lists all commands."
    )
    return Message(f"{headline(incident)}: {state(incident)}", (section(text), steps(incident), hint))


def incident_list(asked: IncidentList, incidents: Iterable[Incident], pages: int, total: int) -> Message:
    """Incidents, one per line, with a button to declare one."""
    lines = [line(incident) for incident in incidents]
    title = _list_title(asked, total)
    blocks: list[Block] = [section(f"*{title}*"), *in_sections(lines)]
    buttons = pager(pages, asked.page, lambda page: replace(asked, page=page))
    blocks.append(actions(button("Declare an incident", "declare_incident", "declare", "primary"), *buttons))
    return Message(title, tuple(blocks))


def line(incident: Incident) -> str:
    """One incident in one line."""
    where = channel_link(incident.channel_id, incident.channel_name)
    facts = f"{state(incident)} · {where} · declared {local_time(incident.declared_at)}"
    return f"*{incident.ref}* {escape_within(incident.title, SHOWN_PER_LINE)}\n{facts}"


def timeline(incident: Incident, page: TimelinePage, team_url: str, names: Names) -> Message:
    """A page of the timeline; each entry's time links to its message."""
    title = f"Timeline of {headline(incident)}"
    blocks: list[Block] = [section(f"*{title}*")]
    if page.entries:
        blocks += in_sections(entry_line(entry, team_url, names) for entry in page.entries)
    else:
        blocks.append(context("Nothing yet."))
    asked = Timeline(incident.id, page.everything, page.page)
    buttons = pager(page.pages, page.page, lambda number: replace(asked, page=number))
    other = replace(asked, everything=not page.everything, page=0)
    buttons.append(shows("Key events" if page.everything else "Everything", "show_other", other))
    blocks += [context(_place_in(page)), actions(*buttons)]
    return Message(title, tuple(blocks))


def _place_in(page: TimelinePage) -> str:
    """The page's number if there are several, and how many entries there are in total."""
    place = f"Page {page.page} of {page.pages} · " if page.pages > 1 else ""
    if page.everything:
        return f"{place}{counted(page.total, 'entry', 'entries')}"
    what = counted(page.total, "state change or key event", "state changes and key events")
    return f"{place}{what}; mark more with 📌"


def help_message(commands: Iterable[Command]) -> Message:
    """Every command with what it does."""
    lines = [f"`{entities(command.usage)}` {command.summary}" for command in commands if command.name]
    ways = (
        "Type these after `/incident`, or after mentioning me, even in threads. "
        "Outside an incident's channel, name the incident: `resolve INC-12 …`."
    )
    return Message("Commands", (*in_sections(["*Commands*", *lines]), context(ways)))


def form_offer(offer: FormOffer) -> Message:
    """A button that opens the form, because Slack only opens one within 3 seconds of a click.

    https://docs.slack.dev/interactivity/handling-user-interaction
    """
    open_it = button("Open the form", "open_form", _button_value(offer), "primary")
    return Message("Open the form", (section("Click once more to open the form."), actions(open_it)))


def failures(incident: Incident, dead: Iterable[Stuck], trying: Iterable[Stuck]) -> Message:
    """What couldn't be done for an incident, with a button to retry it."""
    given_up, again = in_order(dead), list(trying)
    if given_up:
        lines = [failed_line(row) for row in given_up]
        head = f"Something failed in *{headline(incident)}*. The incident continues, but I couldn't:"
        told = in_sections([head, *dict.fromkeys(lines)])
        retry = actions(button("Retry", "retry_failed", str(incident.id), "primary"))
        return Message(f"{incident.ref}: some things couldn't be done", (*told, retry))
    if again:
        names = dict.fromkeys(effect_label(row.kind) for row in again)
        text = f"{incident.ref}: trying again to {', '.join(names)}."
    else:
        text = f"{incident.ref}: everything is done now."
    return Message(text, (section(text),))


def _list_title(asked: IncidentList, total: int) -> str:
    kind = "open incident" if asked.active_only else "incident"
    filters = [escape_within(each, 100) for each in (asked.severity, asked.project_id) if each]
    suffix = f" ({', '.join(filters)})" if filters else ""
    count = counted(total, kind) if total else f"No {kind}s"
    return f"{'The latest ' if total >= MAX_COUNTED else ''}{count}{suffix}"


def _button_value(offer: FormOffer) -> str:
    """The button's value: the form and as much of its initial text as Slack's 2,000 characters allow."""
    kept = VALUE_LIMIT
    while True:
        arguments = {name: v[:kept] if isinstance(v, str) else v for name, v in offer.arguments.items()}
        value = json.dumps({"form": offer.form, "arguments": arguments}, ensure_ascii=False)
        if length(value) <= VALUE_LIMIT or kept == 0:
            return value
        kept //= 2


_MAX_OFFERED = 10

VIEWS: Mapping[type[Shown], Callable[[Any], Message]] = {
    Sentence: sentence_message,
    Offers: offers_message,
    TrayShown: lambda shown: tray(shown.incident, shown.supporting),
    RolesShown: roles_tray,
    PeopleShown: people_tray,
    ListShown: lambda shown: incident_list(shown.asked, shown.incidents, shown.pages, shown.total),
    TimelineShown: lambda shown: timeline(shown.incident, shown.page, shown.team_url, shown.names),
    DoctorShown: doctor,
    HelpShown: lambda shown: help_message(shown.commands),
    SettingsShown: settings_home,
    FormOffer: form_offer,
    **briefing.VIEWS,
    **checklists.VIEWS,
    ChecklistSettingsShown: checklist_settings,
    **action_items.VIEWS,
    **five_whys.VIEWS,
    **postmortems.VIEWS,
    **time_blocks.VIEWS,
    **updates.VIEWS,
    **projects.VIEWS,
}
"""Loaded answer's class -> the function that renders it; a test walks this table."""
