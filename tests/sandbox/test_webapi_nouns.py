"""users.*, pins.*, reactions.*, bookmarks.*, bots.*, team.* and views.*"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.peers import People
from tests.sandbox.test_webapi_access import refusal

MODAL: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Form"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}],
}
BOOKMARK = {"title": "Call", "type": "link", "link": "https://example.com"}
HOME: dict[str, Any] = {"type": "home", "blocks": MODAL["blocks"]}


@pytest.fixture
def wide(start: Callable[..., Sandbox], granting: Callable[..., Path]) -> WebClient:
    """The client of an app that may do what ours may not."""
    more = ("reactions:write", "bookmarks:write", "bookmarks:read", "team:read", "users:read.email")
    return client_of(start(granting(*more)))


def error(call: Callable[[], object]) -> str:
    return str(refusal(call)["error"])


def test_people_come_with_their_time_zones_and_their_kinds(client: WebClient) -> None:
    members = {member["id"]: member for member in client.users_list()["members"]}
    active = [each for each in members.values() if not each["deleted"] and not each["is_bot"]]
    assert len({member["tz"] for member in active}) >= 6
    assert members["U0GUS"]["is_restricted"]
    assert members["U0HAL"]["deleted"]
    assert members["U0MUSTER"]["is_bot"]
    assert not members["USLACKBOT"]["is_bot"]
    assert members["U0ANA"]["is_admin"]


def test_the_list_of_people_is_paged(client: WebClient) -> None:
    pages = [[member["id"] for member in page["members"]] for page in client.users_list(limit=4)]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert len({member for page in pages for member in page}) == 10


def test_an_e_mail_is_shown_only_with_its_scope(
    client: WebClient, wide: WebClient, start: Callable[..., Sandbox], granting: Callable[..., Path]
) -> None:
    narrow = client_of(start(granting(without=("users:read.email",))))
    assert "email" not in narrow.users_info(user="U0ANA")["user"]["profile"]
    assert wide.users_info(user="U0ANA")["user"]["profile"]["email"] == "ana@acme.example"
    assert wide.users_lookupByEmail(email="ana@acme.example")["user"]["id"] == "U0ANA"
    assert error(lambda: client.users_info(user="U0NONE")) == "user_not_found"


def test_a_person_carries_the_time_of_their_last_change(client: WebClient, people: People) -> None:
    def updated() -> int:
        return int(client.users_info(user="U0BEN")["user"]["updated"])

    seeded, now = updated(), int(time.time())
    assert seeded < now - 3600
    people("person", user="ben", tz="Asia/Tokyo")
    assert now <= updated() <= time.time()


def test_a_persons_conversations_are_the_ones_they_are_a_member_of(client: WebClient) -> None:
    assert [each["id"] for each in client.users_conversations(user="U0GUS")["channels"]] == ["C0GENERAL"]


def test_pins_come_and_go_once(client: WebClient) -> None:
    channel = client.conversations_create(name="inc-1")["channel"]["id"]
    ts = client.chat_postMessage(channel=channel, text="card")["ts"]
    client.pins_add(channel=channel, timestamp=ts)
    assert error(lambda: client.pins_add(channel=channel, timestamp=ts)) == "already_pinned"
    pinned = client.pins_list(channel=channel)["items"]
    assert [(item["message"]["ts"], item["created_by"]) for item in pinned] == [(ts, "U0MUSTER")]
    client.pins_remove(channel=channel, timestamp=ts)
    assert error(lambda: client.pins_remove(channel=channel, timestamp=ts)) == "no_pin"
    assert error(lambda: client.pins_add(channel=channel, timestamp="1.1")) == "message_not_found"


def test_reactions_come_and_go_once(wide: WebClient) -> None:
    channel = wide.conversations_create(name="inc-1")["channel"]["id"]
    ts = wide.chat_postMessage(channel=channel, text="x")["ts"]
    wide.reactions_add(channel=channel, timestamp=ts, name="eyes")
    again = refusal(lambda: wide.reactions_add(channel=channel, timestamp=ts, name="eyes"))
    assert again["error"] == "already_reacted"
    shown = wide.reactions_get(channel=channel, timestamp=ts)["message"]["reactions"]
    assert shown == [{"name": "eyes", "users": ["U0MUSTER"], "count": 1}]
    wide.reactions_remove(channel=channel, timestamp=ts, name="eyes")
    gone = refusal(lambda: wide.reactions_remove(channel=channel, timestamp=ts, name="eyes"))
    assert gone["error"] == "no_reaction"


def test_bookmarks_are_kept(wide: WebClient) -> None:
    channel = wide.conversations_create(name="inc-1")["channel"]["id"]
    wide.bookmarks_add(channel_id=channel, title="Runbook", type="link", link="https://example.com")
    shown = wide.bookmarks_list(channel_id=channel)["bookmarks"]
    assert [(each["title"], each["link"]) for each in shown] == [("Runbook", "https://example.com")]
    wide.bookmarks_edit(channel_id=channel, bookmark_id=shown[0]["id"], link="https://example.com/2")
    [edited] = wide.bookmarks_list(channel_id=channel)["bookmarks"]
    assert (edited["title"], edited["link"]) == ("Runbook", "https://example.com/2")
    assert edited["last_updated_by_user_id"] == "U0MUSTER"
    wide.bookmarks_remove(channel_id=channel, bookmark_id=shown[0]["id"])
    assert wide.bookmarks_list(channel_id=channel)["bookmarks"] == []
    gone = refusal(lambda: wide.bookmarks_remove(channel_id=channel, bookmark_id=shown[0]["id"]))
    assert gone["error"] == "not_found"


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("invalid_arguments", {"title": ""}),
        ("invalid_bookmark_type", {"type": "message"}),
        ("invalid_link", {"link": "javascript:alert(1)"}),
        ("invalid_emoji", {"emoji": "telephone"}),
        ("channel_not_found", {"channel_id": "C0NONE"}),
    ],
)
def test_a_bookmark_that_slack_would_refuse_is_refused(
    wide: WebClient, code: str, wrong: dict[str, str]
) -> None:
    channel = wide.conversations_create(name="inc-1")["channel"]["id"]
    assert error(lambda: wide.bookmarks_add(**{**BOOKMARK, "channel_id": channel, **wrong})) == code


def test_a_channel_has_at_most_a_hundred_bookmarks(wide: WebClient) -> None:
    channel = wide.conversations_create(name="inc-1")["channel"]["id"]
    assert error(lambda: wide.bookmarks_edit(channel_id=channel, bookmark_id="Bk0")) == "not_found"
    for _ in range(100):
        wide.bookmarks_add(channel_id=channel, **BOOKMARK)
    assert error(lambda: wide.bookmarks_add(channel_id=channel, **BOOKMARK)) == "too_many_bookmarks"


def test_the_team_and_the_bots_have_names(wide: WebClient) -> None:
    assert wide.team_info()["team"]["name"] == "Acme"
    assert wide.bots_info(bot="B0MUSTER")["bot"]["app_id"] == "A0MUSTER"
    assert wide.bots_info(bot="B0NIGHTWATCH")["bot"]["name"] == "Nightwatch"
    assert error(lambda: wide.bots_info(bot="B0NONE")) == "bot_not_found"


def test_api_test_returns_its_arguments(client: WebClient) -> None:
    assert client.api_test(foo="bar")["args"]["foo"] == "bar"
    assert error(lambda: client.api_test(error="my_error")) == "my_error"


def test_a_trigger_opens_one_view_and_what_was_opened_can_be_updated(
    client: WebClient, sandbox: Sandbox
) -> None:
    trigger = sandbox.interactions.triggers.issue("U0ANA")
    view = client.views_open(trigger_id=trigger, view=MODAL)["view"]
    assert (view["type"], view["root_view_id"], view["previous_view_id"]) == ("modal", view["id"], None)
    again = refusal(lambda: client.views_open(trigger_id=trigger, view=MODAL))
    assert again["error"] == "exchanged_trigger_id"
    newer = client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)["view"]
    assert newer["hash"] != view["hash"]
    stale = refusal(lambda: client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL))
    assert stale["error"] == "hash_conflict"
    assert error(lambda: client.views_update(view_id="V0NONE", view=MODAL)) == "not_found"


def test_a_trigger_expires_after_three_seconds(start: Callable[..., Sandbox]) -> None:
    now = [1_764_000_000.0]
    sandbox = start(clock=lambda: now[0])
    trigger = sandbox.interactions.triggers.issue("U0ANA")
    now[0] += 3.1
    late = refusal(lambda: client_of(sandbox).views_open(trigger_id=trigger, view=MODAL))
    assert late["error"] == "expired_trigger_id"


def test_views_are_at_most_three_deep(client: WebClient, sandbox: Sandbox) -> None:
    def trigger() -> str:
        return sandbox.interactions.triggers.issue("U0ANA")

    client.views_open(trigger_id=trigger(), view=MODAL)
    client.views_push(trigger_id=trigger(), view=MODAL)
    client.views_push(trigger_id=trigger(), view=MODAL)
    deeper = refusal(lambda: client.views_push(trigger_id=trigger(), view=MODAL))
    assert deeper["error"] == "push_limit_reached"


def test_a_home_is_published_and_replaced(client: WebClient, sandbox: Sandbox) -> None:
    first = client.views_publish(user_id="U0ANA", view=HOME)["view"]
    client.views_publish(user_id="U0ANA", view=HOME, hash=first["hash"])
    stale = refusal(lambda: client.views_publish(user_id="U0ANA", view=HOME, hash=first["hash"]))
    assert stale["error"] == "hash_conflict"
    assert sandbox.store.workspace.homes["U0ANA"].id == first["id"]
    wrong = refusal(lambda: client.views_publish(user_id="U0ANA", view=MODAL))
    assert wrong["error"] == "invalid_arguments"
