"""The form for a group of the workspace's settings."""

from __future__ import annotations

from bot.domain.action_items.due import day_text
from bot.domain.settings import SettingsGroup, fingerprint
from bot.domain.settings_fields import SETTINGS, Choice, Menu, Setting, Typed, names_in
from bot.domain.surface.forms import FormName, SettingsInput
from bot.domain.surface.shown import FieldChange, SettingsFormShown
from bot.views.kit.form_parts import State, carried, field_value, input_of, modal, parser, text_input
from bot.views.kit.menus import GROUPS_MISSING, groups_menu, people_menu
from bot.views.kit.message import Block, context, plain, section
from bot.views.kit.text import plain_name
from bot.views.settings import FIELDS, GROUPS, LONG, Shown, line_of

_NO_MEET = (
    "I can't set up Google Meet calls: that takes Google Calendar, with more than a service account alone. "
    "The link is used instead."
)


def settings_form(shown: SettingsFormShown) -> Block:
    """The form in which admins change a group of settings."""
    names, team = names_in(shown.group), shown.settings
    blocks = [
        section(line_of(team, each)) if each.name in team.from_file else _input(each, shown)
        for each in SETTINGS
        if each.name in names and (shown.groups or not _is_of_groups(each))
    ]
    if not shown.groups and any(_is_of_groups(each) for each in SETTINGS if each.name in names):
        blocks.append(context(GROUPS_MISSING))
    fields = {each: fingerprint(team.own, (each,)) for each in names}
    kept = {"group": shown.group.value, "was": fingerprint(team.own, names), "fields": fields}
    return modal(FormName.SETTINGS, GROUPS[shown.group], "Save", blocks, kept)


@parser
def parse_settings(view: State) -> SettingsInput:
    """The input from :func:`settings_form`."""
    kept, filled = carried(view), view["state"]["values"]
    values = {each.name: _typed(view, each) for each in SETTINGS if each.name in filled}
    group = SettingsGroup(kept["group"]) if "group" in kept else None
    fields = {str(name): str(was) for name, was in (kept.get("fields") or {}).items()}
    return SettingsInput(group, str(kept.get("was") or ""), values, fields)


def people_in(filled: SettingsInput) -> tuple[str, ...]:
    """The ids of everybody who was chosen."""
    menus = [each for each in SETTINGS if isinstance(each.typed, Menu) and not each.typed.is_of_groups]
    return tuple(user_id for each in menus for user_id in filled.values.get(each.name, ()))


def _is_of_groups(setting: Setting) -> bool:
    return isinstance(setting.typed, Menu) and setting.typed.is_of_groups


def _typed(view: State, setting: Setting) -> Typed:
    state = field_value(view, setting.name)
    if isinstance(setting.typed, Menu):
        found = state.get("selected_users") or [each["value"] for each in state.get("selected_options") or ()]
        return tuple(map(str, found))
    if not isinstance(setting.typed, Choice):
        return str(state.get("value") or "")
    if setting.typed.is_many:
        return tuple(str(each["value"]) for each in state.get("selected_options") or ())
    return str((state.get("selected_option") or {}).get("value") or "")


def _input(setting: Setting, shown: SettingsFormShown) -> Block:
    field = FIELDS[setting.name]
    typed = setting.typed.show(getattr(shown.settings.own, setting.name))
    hint = _hint(setting, shown)
    if isinstance(setting.typed, Menu):
        chosen = [each for each in shown.groups if each.id in typed]
        element = (
            groups_menu(setting.name, chosen) if _is_of_groups(setting) else people_menu(setting.name, typed)
        )
        return {**input_of(setting.name, field.label, element), "hint": plain(hint)}
    if isinstance(setting.typed, Choice):
        element = _choice(setting.name, setting.typed, field, typed)
        made = input_of(setting.name, field.label, element, optional=setting.typed.is_many)
        return {**made, "hint": plain(hint)}
    return text_input(
        setting.name,
        field.label,
        str(typed),
        field.limit,
        multiline=field.limit == LONG,
        optional=field.is_optional,
        hint=hint,
    )


def _hint(setting: Setting, shown: SettingsFormShown) -> str:
    """How to fill it in, its default, and who has changed it."""
    field, change = FIELDS[setting.name], shown.changed.get(setting.name)
    told = _NO_MEET if setting.name == "call_from" and not shown.makes_calls else field.hint
    parts = (told, f"By default: {field.words(setting.default)}.", _changed(change) if change else "")
    return " ".join(filter(None, parts))


def _changed(change: FieldChange) -> str:
    """A hint is plain text, in which Slack shows neither mentions nor dates of its own."""
    by = f" by {plain_name(change.by)}" if change.by else ""
    return f"Changed{by} on {day_text(change.day)}."


def _choice(name: str, choice: Choice, field: Shown, chosen: Typed) -> Block:
    options = {
        each: {"text": plain(field.option(value)), "value": each} for each, value in choice.options.items()
    }
    element: Block = {"type": "checkboxes", "action_id": name, "options": list(options.values())}
    if not choice.is_many:
        element["type"] = "static_select"
        return {**element, "initial_option": options[chosen]} if chosen in options else element
    return {**element, "initial_options": [options[each] for each in chosen]} if chosen else element
