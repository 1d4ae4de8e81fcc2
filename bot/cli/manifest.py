"""The app's manifest, from the tables in the code.

``python -m bot.cli.manifest FILE README PAGE`` writes all three: the README has a link that creates the app
with it, and the page says what each scope is for. ``python app.py --manifest URL`` prints the manifest for
HTTP mode, in which Slack posts its requests to that URL.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from bot.domain.surface.slack_app import SCOPES, Shortcut, SlashCommand
from bot.listeners import EVENTS, SHORTCUTS, SLASH_COMMANDS

_DOCUMENT = """\
# The Slack app. Create it at https://api.slack.com/apps -> "Create New App" -> "From a manifest".
# `make manifest` writes this file from bot/domain/surface/slack_app.py and bot/listeners.
_metadata:
  major_version: 2
display_information:
  name: Muster
  description: Declare, run and close incidents without leaving Slack
  background_color: "#8a1f2d"
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: true
  bot_user:
    display_name: Muster
    always_online: true
  shortcuts:
{shortcuts}
  slash_commands:
{commands}
oauth_config:
  scopes:
    bot:
{scopes}
    # May be declined when the app is installed; Slack requires them in both lists.
    bot_optional:
{optional}
settings:
  event_subscriptions:
{events_url}    bot_events:
{events}
  interactivity:
    is_enabled: true
{clicks_url}  org_deploy_enabled: false
  socket_mode_enabled: {is_socket}
  token_rotation_enabled: false
"""
"""https://docs.slack.dev/reference/app-manifest. This is text because no YAML writer keeps comments."""


def text(url: str = "") -> str:
    """The whole file; the same rows always give the same text. With a URL, it is the one for HTTP mode."""
    clicks = ("request_url", "message_menu_options_url")
    return _DOCUMENT.format(
        shortcuts="\n".join(map(_shortcut, SHORTCUTS)),
        commands="\n".join(_command(row, url) for row in SLASH_COMMANDS),
        events_url=_line(4, "request_url", url),
        clicks_url="".join(_line(4, name, url) for name in clicks),
        is_socket="false" if url else "true",
        scopes=_list((scope.name, scope.enables) for scope in SCOPES),
        optional=_list((scope.name, "") for scope in SCOPES if scope.is_optional),
        events=_list(sorted((event.name, event.note) for event in EVENTS)),
    )


def _shortcut(row: Shortcut) -> str:
    return "\n".join(
        [
            f"    - name: {row.name}",
            f"      type: {row.type}",
            f"      callback_id: {row.callback_id}",
            f"      description: {row.description}",
        ]
    )


def _line(indent: int, name: str, url: str) -> str:
    """The line for an address, or nothing in Socket Mode, where Slack needs none."""
    return f"{' ' * indent}{name}: {url}\n" if url else ""


def _command(row: SlashCommand, url: str) -> str:
    return "\n".join(
        [
            f"    - command: {row.command}",
            *_line(6, "url", url).splitlines(),
            f"      description: {row.description}",
            f"      usage_hint: {json.dumps(row.usage_hint, ensure_ascii=False)}",
            "      should_escape: true",
        ]
    )


def _list(rows: Iterable[tuple[str, str]]) -> str:
    """The names as a YAML list, with their notes as aligned comments."""
    pairs = list(rows)
    width = max(len(name) for name, _ in pairs)
    return "\n".join(
        f"      - {name:<{width}}  # {note}" if note else f"      - {name}" for name, note in pairs
    )


def link() -> str:
    """The address that opens Slack's form for a new app with this manifest filled in.

    https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests#creating_apps
    """
    bare = re.sub(r"^#.*\n|^ +#.*\n| +#.*$", "", text(), flags=re.MULTILINE)
    return f"https://api.slack.com/apps?new_app=1&manifest_yaml={quote(bare)}"


def with_link(readme: str) -> str:
    """The README with today's link."""
    return re.sub(r"^\[create\]: .*$", lambda _: f"[create]: {link()}", readme, flags=re.MULTILINE)


_PAGE = """\
# The Slack app

`make manifest` writes this page, like [`manifest.yml`](../manifest.yml), from the tables in the code.
`python app.py --doctor` says which scopes were granted and when each event last arrived.

## Scopes

Optional scopes may be declined when the app is installed; the bot then works without them.

| scope | without it, the bot can't | optional |
|---|---|---|
{scopes}

## Events

| event | needs one of | |
|---|---|---|
{events}
"""


def page() -> str:
    """What each scope is for, and which events the app subscribes to, for people."""
    return _PAGE.format(
        scopes="\n".join(
            f"| `{each.name}` | {each.enables} | {'yes' if each.is_optional else ''} |" for each in SCOPES
        ),
        events="\n".join(
            f"| `{each.name}` | {', '.join(f'`{scope}`' for scope in each.scopes)} | {each.note} |"
            for each in sorted(EVENTS, key=lambda event: event.name)
        ),
    )


if __name__ == "__main__":
    manifest, readme, scopes = map(Path, sys.argv[1:])
    manifest.write_text(text(), encoding="utf-8")
    readme.write_text(with_link(readme.read_text("utf-8")), encoding="utf-8")
    scopes.write_text(page(), encoding="utf-8")
