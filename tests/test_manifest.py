"""The manifest asks for what the bot uses, no less and no more; its only source is the tables in the code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from slack_bolt import App
from slack_sdk import WebClient

from bot.bootstrap import build
from bot.cli.manifest import link, page, text, with_link
from bot.config import Settings
from bot.domain.surface.slack_app import SCOPES
from bot.listeners import EVENTS, SHORTCUTS, SLASH_COMMANDS, register
from sandbox.workspace.manifest import load_manifest
from tests.support.commands import run_app

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / "manifest.yml"
REQUIRED = {scope.name for scope in SCOPES if not scope.is_optional}
OPTIONAL = {scope.name for scope in SCOPES if scope.is_optional}
BY_EVENTS_ALONE = {"app_mentions:read", "pins:read", "reactions:read"}
"""Scopes that no call needs: they bring events."""

_HISTORY = ("channels:history", "groups:history", "im:history")
_MANAGE = ("channels:manage", "groups:write")
_READ = ("channels:read", "groups:read")
METHODS: Mapping[str, tuple[str, ...]] = {
    "apps.connections.open": (),
    "auth.test": (),
    "bookmarks.add": ("bookmarks:write",),
    "bookmarks.edit": ("bookmarks:write",),
    "bookmarks.list": ("bookmarks:read",),
    "bookmarks.remove": ("bookmarks:write",),
    "canvases.edit": ("canvases:write",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write", "chat:write.public"),
    "chat.update": ("chat:write",),
    "conversations.archive": _MANAGE,
    "conversations.canvases.create": ("canvases:write",),
    "conversations.create": _MANAGE,
    "conversations.history": _HISTORY,
    "conversations.info": _READ,
    "conversations.invite": _MANAGE,
    "conversations.join": ("channels:join",),
    "conversations.list": _READ,
    "conversations.members": _READ,
    "conversations.open": ("im:write",),
    "conversations.rename": _MANAGE,
    "conversations.replies": _HISTORY,
    "conversations.setPurpose": _MANAGE,
    "conversations.setTopic": _MANAGE,
    "files.delete": ("files:write",),
    "files.list": ("files:read",),
    "files.upload_v2": ("files:write",),
    "pins.add": ("pins:write",),
    "reactions.add": ("reactions:write",),
    "reactions.remove": ("reactions:write",),
    "usergroups.list": ("usergroups:read",),
    "users.conversations": _READ,
    "users.info": ("users:read", "users:read.email"),
    "users.list": ("users:read", "users:read.email"),
    "views.open": (),
    "views.publish": (),
}
"""The scopes that each method needs for all the bot's uses: https://docs.slack.dev/reference/methods.

They cover direct messages, and channels of both kinds where a method concerns them. The bot also reads
people's e-mail addresses.
"""


class Registered:
    """Replaces Bolt: records what is listened for."""

    def __init__(self) -> None:
        self.heard: dict[str, set[str]] = {}

    def __getattr__(self, what: str) -> Callable[..., Callable[[Any], None]]:
        def listen_for(name: Any) -> Callable[[Any], None]:
            self.heard.setdefault(what, set()).add(str(name))
            return lambda _listener: None

        return listen_for


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Kind of registration -> what the listeners listen for."""
    path = tmp_path_factory.mktemp("registered") / "muster.db"
    settings = Settings(slack_bot_token="x", slack_app_token="x", database_url=f"sqlite:///{path}")
    app = Registered()
    register(cast("App", app), build(settings).services)
    return app.heard


def methods_named_in(path: Path) -> Iterator[str]:
    """Slack's methods that a file names: as a string that it passes to our client, or as the SDK's method."""
    for node in ast.walk(ast.parse(path.read_text())):
        name = node.value if isinstance(node, ast.Constant) else ""
        if isinstance(node, ast.Attribute) and not node.attr.startswith("_"):
            name = node.attr.replace("_", ".")
        if isinstance(name, str) and "." in name and hasattr(WebClient, name.replace(".", "_")):
            yield name


@pytest.fixture(scope="module")
def called() -> set[str]:
    """The methods that the bot calls."""
    folders = (ROOT / "bot" / "effects", ROOT / "bot" / "intake")
    return {name for folder in folders for path in folder.rglob("*.py") for name in methods_named_in(path)}


def test_the_files_are_what_make_manifest_writes() -> None:
    assert MANIFEST.read_text(encoding="utf-8") == text()
    assert (ROOT / "docs" / "slack-app.md").read_text(encoding="utf-8") == page()


def test_the_yaml_contains_what_the_tables_say() -> None:
    read = yaml.safe_load(text())
    features, scopes = read["features"], read["oauth_config"]["scopes"]
    assert features["shortcuts"] == [
        {"name": row.name, "type": row.type, "callback_id": row.callback_id, "description": row.description}
        for row in SHORTCUTS
    ]
    assert features["slash_commands"] == [
        {
            "command": row.command,
            "description": row.description,
            "usage_hint": row.usage_hint,
            "should_escape": True,
        }
        for row in SLASH_COMMANDS
    ]
    assert scopes == {
        "bot": [scope.name for scope in SCOPES],
        "bot_optional": [scope.name for scope in SCOPES if scope.is_optional],
    }
    assert read["settings"]["event_subscriptions"]["bot_events"] == sorted(row.name for row in EVENTS)


def test_names_stay_within_what_slack_allows() -> None:
    """https://docs.slack.dev/reference/app-manifest, field by field."""
    for row in SHORTCUTS:
        assert len(row.name) <= 24
        assert len(row.callback_id) <= 255
        assert len(row.description) <= 150
    for command in SLASH_COMMANDS:
        assert len(command.command) <= 32
        assert len(command.description) <= 2000
        assert len(command.usage_hint) <= 1000


def test_every_call_is_in_the_table_of_what_methods_need(called: set[str]) -> None:
    new = called - set(METHODS)
    assert not new, f"METHODS of this file doesn't say which scopes {sorted(new)} need"
    assert called == set(METHODS), "no row is left over"


def test_every_call_has_its_scope_and_every_scope_its_use(called: set[str]) -> None:
    by_calls = {scope for method in called for scope in METHODS[method]}
    by_events = {scope for row in EVENTS for scope in row.scopes}
    assert by_calls | by_events | {"commands"} == REQUIRED | OPTIONAL
    assert by_events - by_calls == BY_EVENTS_ALONE


def test_every_event_has_its_listener_and_every_listener_its_event(heard: dict[str, set[str]]) -> None:
    assert heard["event"] == {row.type for row in EVENTS}


def test_every_shortcut_and_command_has_its_listener(heard: dict[str, set[str]]) -> None:
    assert heard["shortcut"] == {row.callback_id for row in SHORTCUTS}
    assert heard["command"] == {row.command for row in SLASH_COMMANDS}


def test_the_sandbox_withholds_the_events_of_a_scope_that_was_declined() -> None:
    everything = {row.name for row in EVENTS}
    assert load_manifest(MANIFEST).bot_events == everything
    for declined in OPTIONAL:
        without = load_manifest(MANIFEST, [declined])
        assert without.scopes == (REQUIRED | OPTIONAL) - {declined}
        assert without.bot_events == {row.name for row in EVENTS if row.scopes != (declined,)}


def test_the_readmes_link_creates_an_app_with_this_manifest() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert with_link(readme) == readme, "run `make manifest`"
    assert link() in readme
    [filled] = parse_qs(urlsplit(link()).query)["manifest_yaml"]
    assert yaml.safe_load(filled) == yaml.safe_load(MANIFEST.read_text("utf-8"))


def test_in_http_mode_slack_posts_everything_to_one_address() -> None:
    url = "https://muster.example.com/slack/events"
    read, usual = yaml.safe_load(text(url)), yaml.safe_load(text())
    settings = read["settings"]
    assert settings["event_subscriptions"].pop("request_url") == url
    assert settings["interactivity"].pop("request_url") == url
    assert settings["interactivity"].pop("message_menu_options_url") == url
    assert [each.pop("url") for each in read["features"]["slash_commands"]] == [url]
    assert (settings.pop("socket_mode_enabled"), usual["settings"].pop("socket_mode_enabled")) == (
        False,
        True,
    )
    assert read == usual, "nothing else differs"


def test_the_manifest_for_http_mode_is_printed() -> None:
    url = "https://muster.example.com"
    assert run_app("--manifest", url).stdout == text(f"{url}/slack/events")
    refused = run_app("--manifest", "http://muster.example.com")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "https://" in refused.stderr
