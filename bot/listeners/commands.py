"""All subcommands, as rows of one table that parsing, help and usage errors are derived from.

To add one, add a handler and a row here, a method in :mod:`bot.operations` if it changes something, and a
line in ``docs/commands.md``; the slash command and mentions share the table. Other names for commands are in
:mod:`bot.listeners.command_words`. A command that names no incident means an active one, unless it has a row
in ``CANDIDATES`` of :mod:`bot.domain.incidents.model`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.domain.action_items.line import read_action_line
from bot.domain.action_items.line_left import left_in
from bot.domain.action_items.planned import item_key
from bot.domain.calendar.time_blocks import read_block_line
from bot.domain.checklists.planned import checklist_key
from bot.domain.incidents.calls import is_none
from bot.domain.incidents.model import Incident, IncidentSeverity, IncidentStatus
from bot.domain.incidents.planned import updates_lane
from bot.domain.kit.text import some_of
from bot.domain.pages.line import read_page_line
from bot.domain.pages.planned import page_key
from bot.domain.surface.answers import (
    Answer,
    BlockTray,
    ChecklistsTray,
    Help,
    IncidentList,
    ItemAdded,
    ItemList,
    ItemPicker,
    PeopleTray,
    PostmortemTray,
    ProjectList,
    RolesTray,
    Sentence,
    SettingsHome,
    Timeline,
    Tray,
    WhysList,
)
from bot.domain.surface.command import Argument, Call, Command
from bot.domain.surface.forms import (
    ActionStart,
    DeclareStart,
    FiveWhysStart,
    FormStart,
    MeetingStart,
    PageInput,
    PageStart,
    UpdateInput,
    UpdateStart,
)
from bot.domain.surface.grammar import begins_command, parse
from bot.domain.surface.role_line import read_role_line
from bot.domain.updates.planned import lane_of
from bot.listeners.command_words import ALIASES, LIST_CHOICES, SEVERITY_CHOICE, SIMILAR, STATUS_CHOICE
from bot.listeners.services import Services
from bot.views.action_items.text import facts, item_headline
from bot.views.calendar.time_blocks import duration
from bot.views.checklists.messages import already_posted
from bot.views.incidents.card import call_link
from bot.views.kit.labels import SEVERITY, STATUS
from bot.views.kit.text import escape, mention


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, where, and the key that deduplicates the request."""

    user_id: str
    channel_id: str
    key: str
    thread_ts: str | None = None
    message_ts: str | None = None
    """The message in which they asked, if it was one."""


@dataclass(frozen=True, slots=True)
class Public:
    """An answer that repeats what a message in the incident's channel says."""

    answer: Answer
    channel_id: str | None
    lane: str
    """The lane of the outbox row that posts the message."""


Handler = Callable[[Services, Asked, Call], Answer | FormStart | Public]


def overview(services: Services, asked: Asked, call: Call) -> Answer:
    """The incident that is named, or whose channel this is; elsewhere, the open incidents."""
    if call.incident_id is not None:
        return Tray(_which(services, asked, call).id)
    here = services.incidents.in_channel(asked.channel_id, viewer=asked.user_id)
    return Tray(here.id) if here else IncidentList()


def declare(_services: Services, _asked: Asked, call: Call) -> FormStart:
    """``declare [title]``: the form, with the title filled in."""
    return DeclareStart(title=call.get("title") or "")


def show_list(_services: Services, _asked: Asked, call: Call) -> Answer:
    """``list [open|all]``, with filters."""
    active_only = call.get("which") != "all"
    return IncidentList(active_only, call.get("project"), call.get("severity"))


def set_status(services: Services, asked: Asked, call: Call) -> Public:
    """``status <status> [note]``."""
    return _step(services, asked, call, IncidentStatus(call.values["status"]), call.get("note"))


def resolve(services: Services, asked: Asked, call: Call) -> Public:
    """``resolve [note]``."""
    return _step(services, asked, call, IncidentStatus.RESOLVED, call.get("note"))


def close(services: Services, asked: Asked, call: Call) -> Public:
    """``close [note]``."""
    return _step(services, asked, call, IncidentStatus.CLOSED, call.get("note"))


def reopen(services: Services, asked: Asked, call: Call) -> Public:
    """``reopen <why>``."""
    return _step(services, asked, call, IncidentStatus.OPEN, call.get("why"))


def lead(services: Services, asked: Asked, call: Call) -> Public:
    """``lead [@someone]``; without a mention, the person who asks."""
    incident = _which(services, asked, call)
    commander = call.get("someone") or asked.user_id
    services.people.ensure_known(commander)
    changed = services.incidents.assign_commander(incident.id, commander, by=asked.user_id, key=asked.key)
    return _public(changed, f"{mention(commander)} is now the commander of {changed.ref}.")


def role(services: Services, asked: Asked, call: Call) -> Answer | Public:
    """``role [role] [@someone]``; without a mention, the person who asks, and without a role, all of them."""
    incident = _which(services, asked, call)
    text = call.get("text")
    if not text:
        return RolesTray(incident.id)
    line = read_role_line(text)
    services.people.ensure_all_known(line.people)
    typed = services.names.plain(line.role)
    given = services.roles.give_from_line(incident.id, line, typed, by=asked.user_id, key=asked.key)
    told = f"{mention(given.user_id)} now has the role *{escape(given.role.name)}* in {incident.ref}."
    return _public(incident, told)


def page(services: Services, asked: Asked, call: Call) -> FormStart | Public:
    """``page [@someone|@group <why>]``: call people into the incident; without anything, the form."""
    incident, text = _which(services, asked, call), call.get("text")
    if not text:
        return PageStart(incident.id)
    line = read_page_line(text)
    services.people.ensure_all_known(line.people)
    why = services.names.plain(line.why)
    filled = PageInput(incident.id, line.people, why, line.groups, line.again, line.invites)
    made = services.pages.page(filled, by=asked.user_id, key=asked.key)
    told = Sentence(f"I've paged {some_of([*map(mention, made.people)])} into {incident.ref}.")
    return Public(told, incident.channel_id, page_key(incident.id, made.id))


def people(services: Services, asked: Asked, call: Call) -> Answer:
    """``people``: who has which role, who was paged, and who was invited and hasn't come."""
    return PeopleTray(_which(services, asked, call).id)


def severity(services: Services, asked: Asked, call: Call) -> Public:
    """``severity <level> [why]``."""
    incident = _which(services, asked, call)
    level = IncidentSeverity(call.values["severity"])
    why = call.get("why") or ""
    changed = services.incidents.change_severity(incident.id, level, by=asked.user_id, key=asked.key, why=why)
    return _public(changed, f"{changed.ref} is now {SEVERITY[changed.severity]}.")


def rename(services: Services, asked: Asked, call: Call) -> Public:
    """``rename <title>``."""
    incident = _which(services, asked, call)
    title = call.values["title"]
    changed = services.incidents.rename(incident.id, title, by=asked.user_id, key=asked.key)
    return _public(changed, f"{changed.ref} is now called *{escape(changed.title)}*.")


def update(services: Services, asked: Asked, call: Call) -> FormStart | Public:
    """``update [text]``: send it to everybody who waits; without a text, the form."""
    incident = _which(services, asked, call)
    text = call.get("text")
    if not text:
        return UpdateStart(incident.id)
    services.updates.write(UpdateInput(incident.id, text), by=asked.user_id, key=asked.key)
    sent = Sentence(f"I've sent your update on {incident.ref} to everybody who is waiting.")
    return Public(sent, incident.channel_id, lane_of(incident.id))


def checklist(services: Services, asked: Asked, call: Call) -> Answer | Public:
    """``checklist [name]``: post that list; without a name, show those that are there."""
    incident = _which(services, asked, call)
    name = call.get("name")
    if not name:
        return ChecklistsTray(incident.id)
    found = services.checklists.post_named(incident.id, name, by=asked.user_id, key=asked.key)
    if not found.is_new:
        return Sentence(already_posted(incident, found.checklist, found.link))
    posted = Sentence(f"I've posted the checklist *{escape(found.checklist.name)}* in {incident.ref}.")
    return Public(posted, incident.channel_id, checklist_key(incident.id, found.checklist.id))


def timeline(services: Services, asked: Asked, call: Call) -> Answer:
    """``timeline [all]``: the latest page."""
    incident = _which(services, asked, call)
    return Timeline(incident.id, everything=call.get("which") == "all")


def show_or_set_call(services: Services, asked: Asked, call: Call) -> Answer | Public:
    """``call [https://…|none]``: set or remove the incident's call; without an argument, show it."""
    incident = _which(services, asked, call)
    link = call.get("link")
    if link and is_none(link):
        changed = services.calls.remove_call(incident.id, by=asked.user_id, key=asked.key)
        return _public(changed, f"{changed.ref} no longer has a call.")
    if link:
        changed = services.calls.set_call(incident.id, link, by=asked.user_id, key=asked.key)
        return _public(changed, f"{changed.ref} has a call: {call_link(changed.call_url or link)}")
    if incident.call_url:
        return Sentence(f"📞 {call_link(incident.call_url, f'Join the call of {incident.ref}')}")
    return Sentence(
        f"{incident.ref} has no call yet. Set one: `/incident call https://meet.example.com/room`."
    )


def catch_up(services: Services, asked: Asked, call: Call) -> Answer:
    """``catchup``: where the incident is, and what has changed since the person was last seen."""
    incident = _which(services, asked, call)
    return services.briefings.brief(incident.id, by=asked.user_id, key=asked.key, asked_in=asked.message_ts)


def action(services: Services, asked: Asked, call: Call) -> Answer | FormStart | Public:
    """``action [what] [@who] [due …] [priority]``; without arguments, the form."""
    incident = _which(services, asked, call)
    text = call.get("text")
    if not text:
        return ActionStart(incident.id)
    line = read_action_line(text)
    if line.assigned_to:
        services.people.ensure_known(line.assigned_to)
    item = services.items.create_from_line(incident.id, text, by=asked.user_id, key=asked.key)
    hints = left_in(line, services.names.in_texts(text), is_dated=item.due_date is not None)
    if hints:
        return ItemAdded(item.id, hints)
    added = Sentence(f"Added *{item_headline(item)}*: {facts(item)}")
    return Public(added, incident.channel_id, item_key(item.id))


def actions(services: Services, asked: Asked, call: Call) -> Answer:
    """``actions [mine|@someone]``: the incident's items; elsewhere, a choice of incidents."""
    someone = asked.user_id if call.get("which") else call.get("someone")
    if call.incident_id is not None:
        return ItemList(_which(services, asked, call).id, someone)
    if someone:
        return ItemList(assigned_to=someone)
    here = services.incidents.in_channel(asked.channel_id, viewer=asked.user_id)
    return ItemList(here.id) if here else ItemPicker()


def whys(services: Services, asked: Asked, call: Call) -> Answer | FormStart:
    """``whys [problem]``: the form with the problem; without one, the incident's sessions."""
    incident = _which(services, asked, call)
    problem = call.get("problem")
    return FiveWhysStart(incident.id, problem) if problem else WhysList(incident.id)


def root_cause(services: Services, asked: Asked, call: Call) -> Answer:
    """``root cause: <what>`` in a five-whys thread."""
    here = services.whys.in_thread(asked.channel_id, asked.thread_ts, viewer=asked.user_id)
    told = re.sub(r"(?i)^cause\s*:?\s*", "", call.values["text"])
    found = services.whys.identify_root_cause(here.id, told, by=asked.user_id, key=asked.key)
    return Sentence(f"Noted as a root cause in {found.ref}.")


def postmortem(services: Services, asked: Asked, call: Call) -> Answer:
    """``postmortem``: the postmortem, or a button that starts it."""
    return PostmortemTray(_which(services, asked, call).id)


def meet(services: Services, asked: Asked, call: Call) -> FormStart:
    """``meet``: the form that books the postmortem meeting, or moves it."""
    return MeetingStart(_which(services, asked, call).id)


def block(services: Services, asked: Asked, call: Call) -> Answer:
    """``block [2h] [@people]``: block the person's own time, or other people's once they agree."""
    incident = _which(services, asked, call)
    line = read_block_line(call.get("text") or "")
    others = tuple(each for each in line.people if each != asked.user_id)
    services.people.ensure_all_known(others)
    if others:
        key = f"{asked.key}/others"
        services.blocks.ask(incident.id, line.minutes, others, by=asked.user_id, key=key)
    if not others or asked.user_id in line.people:
        made = services.blocks.block(incident.id, line.minutes, by=asked.user_id, key=asked.key)
        return BlockTray(made.id)
    return Sentence(f"I've asked {', '.join(map(mention, others))} to block {duration(line.minutes)}.")


def show_projects(services: Services, asked: Asked, _call: Call) -> Answer:
    """``projects``: the projects, for admins."""
    services.projects.check_may_change(by=asked.user_id)
    return ProjectList()


def show_settings(services: Services, asked: Asked, _call: Call) -> Answer:
    """``settings``: all of them, each group with a button that opens its form; for admins."""
    services.settings.get(by=asked.user_id)
    return SettingsHome()


def show_help(_services: Services, _asked: Asked, _call: Call) -> Answer:
    """``help``."""
    return Help()


def doctor(services: Services, asked: Asked, _call: Call) -> Answer:
    """``doctor``: what failed and what is late; for admins, everything else is checked, too."""
    return services.checkup.ask(asked.channel_id, asked.thread_ts, by=asked.user_id, key=asked.key)


_NOTE, _WHY = Argument("note"), Argument("why")

_ROWS: tuple[tuple[Command, Handler], ...] = (
    (Command("", "show this incident, or the open ones", needs_incident=False), overview),
    (Command("declare", "declare an incident", (Argument("title"),), needs_incident=False), declare),
    (
        Command(
            "list",
            "list incidents",
            LIST_CHOICES,
            needs_incident=False,
        ),
        show_list,
    ),
    (
        Command(
            "status",
            "change the status",
            (STATUS_CHOICE, _NOTE),
        ),
        set_status,
    ),
    (Command("resolve", "resolve the incident", (_NOTE,)), resolve),
    (Command("close", "close the incident", (_NOTE,)), close),
    (Command("reopen", "reopen the incident, with a reason", (Argument("why", required=True),)), reopen),
    (Command("lead", "take command, or give it to somebody else", (Argument("someone", person=True),)), lead),
    (
        Command(
            "role",
            "show who has which role, take one, or give it to somebody",
            (Argument("text", markup=True, shown="[role] [@someone]"),),
        ),
        role,
    ),
    (
        Command(
            "page",
            "call people in: invite, mention and message them",
            (Argument("text", markup=True, shown="[@someone|@group <why>]"),),
        ),
        page,
    ),
    (Command("people", "show who has which role, who was paged, and who hasn't come"), people),
    (
        Command(
            "severity",
            "change the severity",
            (
                SEVERITY_CHOICE,
                _WHY,
            ),
        ),
        severity,
    ),
    (Command("rename", "change the title", (Argument("title", required=True),)), rename),
    (Command("update", "send an update to everybody who is waiting", (Argument("text"),)), update),
    (Command("checklist", "show the checklists, or post one", (Argument("name"),)), checklist),
    (
        Command(
            "timeline", "show changes and key events, or everything", (Argument("which", choices=("all",)),)
        ),
        timeline,
    ),
    (
        Command(
            "call",
            "show, set or remove the call",
            (Argument("link", markup=True, shown="[https://…|none]"),),
        ),
        show_or_set_call,
    ),
    (
        Command(
            "catchup", "show what state the incident is in, and what has changed since you were last here"
        ),
        catch_up,
    ),
    (
        Command(
            "action",
            "create an action item",
            (Argument("text", markup=True, shown="[what] [@who] [due friday] [high]"),),
        ),
        action,
    ),
    (
        Command(
            "actions",
            "list open action items: this incident's, yours or somebody else's",
            (Argument("which", choices=("mine",)), Argument("someone", person=True)),
        ),
        actions,
    ),
    (Command("whys", "start five whys about a problem, or list the sessions", (Argument("problem"),)), whys),
    (
        Command(
            "root",
            "in a five-whys thread, name the root cause",
            (Argument("text", required=True, markup=True, shown="cause: <what>"),),
        ),
        root_cause,
    ),
    (Command("postmortem", "start, read, edit or export the postmortem"), postmortem),
    (Command("meet", "book the postmortem meeting, or move it"), meet),
    (
        Command(
            "block",
            "block time to investigate, for yourself or for others",
            (Argument("text", markup=True, shown="[2h] [@people]", is_number=True),),
        ),
        block,
    ),
    (
        Command(
            "projects",
            "for admins: set each project's owners, links and home channel",
            needs_incident=False,
        ),
        show_projects,
    ),
    (
        Command(
            "settings",
            "for admins: show and change the settings",
            needs_incident=False,
        ),
        show_settings,
    ),
    (Command("doctor", "list what has failed or is late", needs_incident=False), doctor),
    (Command("help", "show this list", needs_incident=False), show_help),
)

COMMANDS: tuple[Command, ...] = tuple(
    replace(command, aliases=ALIASES.get(command.name, {}), similar=SIMILAR.get(command.name, {}))
    for command, _ in _ROWS
)
_HANDLERS: Mapping[str, Handler] = {command.name: handler for command, handler in _ROWS}


def run(services: Services, asked: Asked, line: str) -> Answer | FormStart:
    """Run a command line; raises a :class:`bot.domain.kit.errors.BotError` that says why it can't.

    People who may not act may not read either: a list or a timeline shows what happens in channels that
    guests can't see.
    """
    result = _run(services, asked, line)
    return result.answer if isinstance(result, Public) else result


def run_quietly(services: Services, asked: Asked, line: str) -> Answer | FormStart | None:
    """Like :func:`run`, but ``None`` if the incident's channel, where it was asked, shows the same.

    If that fails or is late, the person gets the answer after all.
    """
    result = _run(services, asked, line)
    if not isinstance(result, Public):
        return result
    # Somebody who asks in a thread may not see the channel itself.
    if result.channel_id != asked.channel_id or asked.thread_ts:
        return result.answer
    services.answers.send_unless_shown(
        result.answer, to=asked.user_id, channel_id=asked.channel_id, key=asked.key, lane=result.lane
    )
    return None


def _run(services: Services, asked: Asked, line: str) -> Answer | FormStart | Public:
    services.people.check_may_act(asked.user_id)
    call = parse(line, COMMANDS, services.names.in_texts(line))
    return _HANDLERS[call.command](services, asked, call)


def is_command(services: Services, line: str, *, is_addressed: bool) -> bool:
    """Whether what follows a mention of the bot is a command, or an attempt at one, rather than talk."""
    return begins_command(line, COMMANDS, services.names.in_texts(line), is_addressed=is_addressed)


def _which(services: Services, asked: Asked, call: Call) -> Incident:
    return services.incidents.which(
        call.incident_id, asked.channel_id, call.command, viewer=asked.user_id, arguments=call.rest
    )


def _step(services: Services, asked: Asked, call: Call, status: IncidentStatus, note: str | None) -> Public:
    incident = _which(services, asked, call)
    changed = services.incidents.update_status(
        incident.id, status, by=asked.user_id, key=asked.key, note=note or ""
    )
    return _public(changed, f"{changed.ref} is now {STATUS[changed.status].lower()}.")


def _public(incident: Incident, markdown: str) -> Public:
    return Public(Sentence(markdown), incident.channel_id, updates_lane(incident.id))
