"""Roles in Slack: the list of them, the message to a holder, and the form that hands one over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import COMMANDER, COMMUNICATIONS, SCRIBE, is_lost, key_of
from bot.domain.settings import Role
from bot.domain.surface.forms import FormName, HandOverRoleInput
from bot.domain.surface.shown import HandOverRoleShown, RolesShown
from bot.views.incidents.card import headline, state
from bot.views.kit.form_parts import State, carried, field_value, input_of, modal, parser
from bot.views.kit.message import Block, Message, actions, button, context, plain, section
from bot.views.kit.text import channel_link, escape, mention


def roles_tray(shown: RolesShown) -> Message:
    """Every role of the incident, with who has it and what can be done about that."""
    title = f"Roles in {headline(shown.incident)}"
    blocks: list[Block] = [section(f"*{title}*")]
    for role in shown.roles.table:
        holder = shown.roles.holder(role)
        who = mention(holder) if holder else "nobody yet"
        text = "\n".join(filter(None, [f"*{escape(role.name)}* · {who}", escape(role.duty)]))
        way_on = _way_on(shown, role, holder)
        blocks.append(section(text, accessory=way_on) if way_on else section(text))
    hint = (
        "You can also type `/incident role scribe`, or `/incident role scribe @ana` to give it to somebody."
    )
    return Message(title, (*blocks, context(hint)))


def _way_on(shown: RolesShown, role: Role, holder: str | None) -> Block | None:
    if holder is None:
        return _button("Take", "take_role", shown.incident, role, "primary")
    if holder == shown.viewer:
        return _button("Give up", "give_up_role", shown.incident, role)
    return None if is_lost(role) else _button("Hand over", "hand_over_role", shown.incident, role)


def told_holder(incident: Incident, role: Role, user_id: str, by: str | None) -> Message:
    """The message to the person who now has a role: what it's for, with the buttons that go with it."""
    what = f"the role *{escape(role.name)}* in *{headline(incident)}*"
    text = f"You took {what}." if by in {None, user_id} else f"{mention(by or '')} gave you {what}."
    blocks = [section(text)]
    if role.duty:
        blocks.append(section(f"> {escape(role.duty)}"))
    where = channel_link(incident.channel_id, incident.channel_name)
    blocks.append(context(f"{state(incident)} · {where}"))
    more = _GOES_WITH.get(role, _for_any_role)(str(incident.id))
    hands_over = _button("Hand over", "hand_over_role", incident, role)
    gives_up = _button("Give up", "give_up_role", incident, role)
    told = f"You have the role {escape(role.name)} in {incident.ref}"
    return Message(told, (*blocks, actions(*more, hands_over, gives_up)))


def hand_over_role_form(shown: HandOverRoleShown) -> Block:
    """The form that gives a role to somebody else."""
    incident, role = shown.incident, shown.role
    who = f"{mention(shown.holder)} has it now." if shown.holder else "Nobody has it now."
    element: Block = {
        "type": "users_select",
        "action_id": "assigned_to",
        "placeholder": plain("Choose somebody"),
    }
    blocks = [
        section(f"*{escape(role.name)}* in {incident.ref}: {who}"),
        input_of("assigned_to", "Who takes over?", element, optional=False),
    ]
    kept = {"incident_id": incident.id, "role": key_of(role.name), "was": shown.holder}
    return modal(FormName.HAND_OVER_ROLE, "Hand over a role", "Hand over", blocks, kept)


@parser
def parse_hand_over_role(view: State) -> HandOverRoleInput:
    """The input from :func:`hand_over_role_form`."""
    kept = carried(view)
    chosen = str(field_value(view, "assigned_to")["selected_user"])
    return HandOverRoleInput(int(kept["incident_id"]), str(kept["role"]), chosen, kept.get("was"))


def _button(label: str, action_id: str, incident: Incident, role: Role, style: str | None = None) -> Block:
    return button(label, action_id, f"{incident.id}/{key_of(role.name)}", style)


def _for_any_role(number: str) -> list[Block]:
    return [button("Show the incident", "show_tray", number)]


_GOES_WITH: Mapping[Role, Callable[[str], list[Block]]] = {
    COMMANDER: lambda number: [*_for_any_role(number), button("Roles", "show_roles", number)],
    COMMUNICATIONS: lambda number: [
        *_for_any_role(number),
        button("Write an update", "write_update", number, "primary"),
    ],
    SCRIBE: lambda number: [
        button("Timeline", "show_timeline", number),
        button("Action item", "create_action", number),
    ],
}
"""Built-in role -> the buttons that its holder needs."""
