"""Settings as the text of a file that sets them all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from textwrap import indent
from typing import Any

import yaml

from bot.domain.checklists.model import written
from bot.domain.settings import Checklist, SettingsGroup, TeamSettings
from bot.domain.settings_fields import SETTINGS, Setting

_HEAD = """\
# Muster's current settings. To set them by file, keep the lines you want, and name the file in
# MUSTER_SETTINGS. What a file sets can't be changed in Slack.
"""


def printed(team: TeamSettings) -> str:
    """The settings as YAML, each below a comment that says where it comes from."""
    return "\n".join([_HEAD, *(_group(team, each) for each in SettingsGroup)])


def _group(team: TeamSettings, group: SettingsGroup) -> str:
    lines = (_setting(team, each) for each in SETTINGS if each.group == group)
    return f"{group.value}:\n{indent(''.join(lines), '  ')}"


def _setting(team: TeamSettings, setting: Setting) -> str:
    value = _plain(setting, getattr(team.effective, setting.name))
    if isinstance(value, list) and not any(isinstance(each, dict) for each in value):
        text = f"{setting.key}: {_dumped(value, in_a_line=True)}"
    else:
        text = _dumped({setting.key: value}, in_a_line=False)
    return f"# {_origin(team, setting)}\n{text}"


def _dumped(value: Any, *, in_a_line: bool) -> str:
    dumped: str = yaml.safe_dump(
        value, allow_unicode=True, default_flow_style=in_a_line, sort_keys=False, width=sys.maxsize
    )
    return dumped


def _origin(team: TeamSettings, setting: Setting) -> str:
    if setting.name in team.from_file:
        return f"set by {team.file}"
    return "by default" if getattr(team.own, setting.name) == setting.default else "set in Slack"


def _plain(setting: Setting, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(_entries(setting, value))
    return next((word for word, each in setting.words.items() if each == value), value)


def _entries(setting: Setting, values: tuple[Any, ...]) -> Iterator[Any]:
    for found in values:
        each = written(found) if isinstance(found, Checklist) else found
        plain = _with_keys(each) if is_dataclass(each) and not isinstance(each, type) else each
        yield next((word for word, one in setting.words.items() if one == each), plain)


def _with_keys(entry: Any) -> dict[str, Any]:
    """The entry's fields, without those that are empty."""
    return {name: value for name, value in asdict(entry).items() if value}
