"""The workspace's settings: a form for each group of them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.kit.json import Json
from bot.domain.settings import SettingsGroup
from bot.domain.surface.answers import SettingsHome
from bot.domain.surface.forms import FormName, SettingsStart
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.views.settings_form import parse_settings, people_in


def _save(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_settings(view)
    if people := people_in(filled):
        services.people.ensure_all_known(people)
    services.settings.save(filled, by=by, key=key)


FORMS: Mapping[FormName, Form] = {
    FormName.SETTINGS: Form(
        _save,
        {"change_settings": lambda value: SettingsStart(SettingsGroup(value).value)},
        shown_in=SettingsHome(),
    ),
}
