"""Which rights the bot asks for at Google: as few as its calls need, and the documentation names them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.effects.failures import CallFailed
from bot.effects.google.client import GoogleClient
from bot.effects.google.mails import OF_SHOWN
from bot.effects.google.scopes import EVENTS, FREE_BUSY, SCOPES, WIDE, shortcoming
from sandbox.google.schema import methods
from tests.support.examples import NOW
from tests.support.google_network import FINE, Network, wired

ROOT = Path(__file__).parent.parent.parent
METHODS = {each.name: each for each in methods()}
"""According to Google's own discovery document."""
USED = [(scope, method) for scope, use in SCOPES.items() for method in use.methods]


@pytest.mark.parametrize(("scope", "method"), USED)
def test_each_method_accepts_the_scope_that_we_have_for_it(scope: str, method: str) -> None:
    assert scope in METHODS[method].scopes


@pytest.mark.parametrize("scope", SCOPES)
def test_no_scope_can_be_left_out(scope: str) -> None:
    others = SCOPES.keys() - {scope}
    assert any(not METHODS[each].scopes & others for each in SCOPES[scope].methods)


def called(network: Network) -> set[str]:
    """The names of the methods that were called."""
    found = set()
    for verb, path, _, _ in network.calls:
        whole = path.removeprefix("/calendar/v3/") if path.startswith("/") else f"calendars/{path}"
        found |= {each.name for each in METHODS.values() if each.verb == verb and each.path.fullmatch(whole)}
    return found


def test_the_client_calls_these_methods_and_no_others() -> None:
    event = {"summary": "A"}
    acts: dict[str, Callable[[GoogleClient], object]] = {
        "get": lambda client: client.get("e1"),
        "put": lambda client: client.put("e1", event, OF_SHOWN),
        "delete": lambda client: client.delete("e1", OF_SHOWN),
        "busy": lambda client: client.busy(["ana@acme.example"], NOW, NOW),
        "changes": lambda client: list(client.changes(None, NOW)),
        "access": lambda client: client.access(),
    }
    public = {name for name in vars(GoogleClient) if not name.startswith("_")}
    assert public == {*acts, "stop", "close"}
    found: set[str] = set()
    for act in acts.values():
        for there in (None, {"id": "e1", "summary": "B"}):
            network = Network(FINE, found=there)
            with suppress(CallFailed):
                act(wired(network).client)
            found |= called(network)
    assert found == {method for _, method in USED}


def test_the_readme_and_the_page_about_google_name_the_scopes_to_the_letter() -> None:
    """An administrator pastes them: Google accepts no other spelling, and one scope too many is a right."""
    for name in ("README.md", "docs/google.md"):
        page = (ROOT / name).read_text()
        assert ",".join(SCOPES) in page, name
        named = set(re.findall(r"https://www\.googleapis\.com/auth/[\w.]*\w", page))
        assert named - {WIDE} == set(SCOPES), name


def test_the_page_about_google_says_what_each_scope_is_for() -> None:
    page = (ROOT / "docs/google.md").read_text()
    rows = [
        f"| `{scope}` | {use.purpose} | {', '.join(f'`{each}`' for each in use.methods)} |"
        for scope, use in SCOPES.items()
    ]
    assert re.findall(r"^\| `https.*", page, re.MULTILINE) == rows


def test_rights_that_are_too_wide_or_too_narrow_are_described() -> None:
    assert shortcoming([EVENTS, FREE_BUSY]) is None
    assert "wider" in str(shortcoming([WIDE]))
    assert "wider" in str(shortcoming([EVENTS, FREE_BUSY, WIDE]))
    assert "busy" in str(shortcoming([EVENTS]))
