"""The page over HTTP: who sees what, in whose time zone, and what its fragments and event stream promise."""

from __future__ import annotations

import json
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from sandbox.botprocess import BotProcess
from sandbox.server import Sandbox, running
from tests.sandbox.conftest import MANIFEST
from tests.sandbox.html_tree import Node, parse
from tests.sandbox.peers import Json, People, eventually

PAGE = Path(__file__).parents[2] / "sandbox" / "page"


def get(sandbox: Sandbox, path: str, **headers: str) -> HTTPResponse:
    request = urllib.request.Request(sandbox.url + path, headers=headers)
    found: HTTPResponse = urllib.request.urlopen(request, timeout=5)
    return found


def status(sandbox: Sandbox, path: str, **headers: str) -> int:
    try:
        return get(sandbox, path, **headers).status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def page(sandbox: Sandbox, user: str = "ana", channel: str = "general", query: str = "") -> Node:
    with get(sandbox, f"/as/{user}/{channel}{query}") as answer:
        return parse(answer.read().decode())


def part(sandbox: Sandbox, name: str, user: str = "ana", channel: str = "general", query: str = "") -> Node:
    with get(sandbox, f"/page/parts?as={user}&channel={channel}&parts={name}{query}") as answer:
        return parse(json.load(answer)["parts"][name])


def message(shown: Node, text: str) -> Node:
    found = [each for each in shown.all("message") if text in each.text]
    assert len(found) == 1, f"{len(found)} messages say {text!r}"
    return found[0]


def channels(shown: Node) -> list[str]:
    return [each.attrs["data-name"] for each in shown.all("channel")]


def unread(shown: Node, name: str) -> str:
    marks = shown.one("channel", data_name=name).all("unread")
    return marks[0].text if marks else ""


def test_the_root_url_leads_to_the_first_person_in_a_channel(sandbox: Sandbox) -> None:
    with get(sandbox, "/") as answer:
        assert answer.url.endswith("/as/U0ANA/C0GENERAL")


def test_the_page_loads_in_under_a_second_with_a_thousand_messages(sandbox: Sandbox, people: People) -> None:
    for number in range(1000):
        people.say("random", "ben", f"message {number}")
    page(sandbox, channel="random")
    started = time.process_time()
    shown = page(sandbox, channel="random")
    assert time.process_time() - started < 1
    assert "message 999" in shown.all("message")[-1].text
    assert len(shown.all("message")) < 100


def test_people_see_their_channels_and_guests_see_no_others(sandbox: Sandbox) -> None:
    assert channels(page(sandbox, "ana")) == ["general", "ops-alerts", "random"]
    assert channels(page(sandbox, "gus")) == ["general"]


def test_a_private_channel_is_shown_to_its_members_only(sandbox: Sandbox, people: People) -> None:
    people("create-channel", name="secret-plan", user="ana", private=True)
    people.say("secret-plan", "ana", "nobody may read this")
    assert "secret-plan" in channels(page(sandbox, "ana"))
    assert "nobody may read this" in page(sandbox, "ana", "secret-plan").text
    with get(sandbox, "/as/ben/secret-plan") as answer:
        assert answer.url.endswith("/as/U0BEN/C0GENERAL")
        assert "secret-plan" not in answer.read().decode()
    assert status(sandbox, "/page/parts?as=ben&channel=secret-plan&parts=messages") == 404


def test_nobody_can_act_as_a_bot_a_former_member_or_a_stranger(sandbox: Sandbox) -> None:
    assert [status(sandbox, f"/as/{who}/general") for who in ("muster", "hal", "nobody", "%00")] == [404] * 4


def test_a_public_channel_is_a_preview_with_join_for_non_members(sandbox: Sandbox, people: People) -> None:
    people("leave", channel="random", user="ana")
    shown = page(sandbox, "ana", "random")
    assert shown.one("join").attrs["data-channel"] == "C0RANDOM"
    assert not shown.all("composer")
    assert "random" in [each.attrs["data-name"] for each in shown.all("browse-join")]


def test_an_archived_channel_can_be_read_but_not_written_in(sandbox: Sandbox, people: People) -> None:
    people("archive", channel="random", user="ana")
    assert "random" not in channels(page(sandbox))
    shown = page(sandbox, channel="random")
    assert "archived channel" in shown.text
    assert not shown.all("composer")


def test_times_are_in_the_viewers_time_zone(start: Callable[..., Sandbox]) -> None:
    fixed = start(clock=lambda: 1764072000.0)
    ts = People(fixed).say("general", "ben", "it is <!date^1764072000^{time}|noon>")
    said = {
        who: message(page(fixed, who), "it is").one(href=f"/as/U0{who.upper()}/C0GENERAL?at={ts}").text
        for who in ("ana", "ben", "chen")
    }
    assert said == {"ana": "4:00 AM", "ben": "12:00 PM", "chen": "8:00 PM"}


def test_messages_of_one_author_share_an_avatar(sandbox: Sandbox, people: People) -> None:
    for user, text in (("ben", "first"), ("ben", "second"), ("ana", "third")):
        people.say("random", user, text)
    shown = page(sandbox, channel="random")
    named = {
        text: bool(message(shown, text).all(**{"class": "author"})) for text in ("first", "second", "third")
    }
    assert named == {"first": True, "second": False, "third": True}


def test_what_people_type_is_text(sandbox: Sandbox, people: People) -> None:
    typed = "<script>alert(1)</script> <!channel> &amp; '; DROP TABLE \u202e"
    people.say("random", "ben", typed)
    text = page(sandbox, channel="random").all("message-text")[-1]
    assert text.text == " ".join(typed.split())
    assert not text.tags("script") + text.tags("a") + text.all("ping")


def test_the_app_and_other_bots_are_marked_as_apps(sandbox: Sandbox, people: People) -> None:
    people("message", channel="general", user="ana", text="disk is full", as_bot="Nightwatch")
    shown = message(page(sandbox), "disk is full")
    assert (shown.attrs["data-author"], shown.one(**{"class": "badge"}).text) == ("Nightwatch", "APP")


def test_an_ephemeral_message_is_shown_only_to_its_reader(
    sandbox: Sandbox, people: People, client: WebClient
) -> None:
    client.conversations_join(channel="C0GENERAL")
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANA", text="for your eyes")
    shown = message(page(sandbox, "ana"), "for your eyes")
    assert shown.attrs["data-ephemeral"] == "true"
    assert "Only visible to you" in shown.text
    assert not shown.all("message-menu")
    assert "for your eyes" not in page(sandbox, "ben").text
    assert unread(page(sandbox, "ana"), "general") == ""
    people("delete-message", channel="general", ts=shown.attrs["data-ts"], user="ana")
    assert "for your eyes" not in page(sandbox, "ana").text


def test_a_thread_is_counted_in_the_channel_and_shown_next_to_it(sandbox: Sandbox, people: People) -> None:
    ts = people.say("random", "ben", "who looks at this?")
    for user in ("ana", "chen"):
        people.say("random", user, f"{user} does", thread_ts=ts)
    shown = page(sandbox, channel="random", query=f"?thread={ts}")
    in_channel = message(shown.one(id="main"), "who looks")
    assert "2 replies" in in_channel.one("replies").text
    assert "ana does" not in shown.one(id="main").text
    pane = shown.one("thread-pane")
    assert [each.attrs["data-user"] for each in pane.all("message")] == ["U0BEN", "U0ANA", "U0CHEN"]
    assert pane.one("thread-composer").tag == "textarea"


def test_a_replys_url_opens_its_thread(sandbox: Sandbox, people: People, client: WebClient) -> None:
    ts = people.say("random", "ben", "parent")
    reply = people.say("random", "ana", "reply", thread_ts=ts)
    client.conversations_join(channel="C0RANDOM")
    link = client.chat_getPermalink(channel="C0RANDOM", message_ts=reply)["permalink"]
    people.say("random", "ben", f"see {link}")
    text = page(sandbox, channel="random").all("message-text")[-1]
    address = text.tags("a")[0].attrs["href"]
    assert address == f"/as/U0ANA/C0RANDOM?thread={ts}&at={reply}"
    with get(sandbox, address) as answer:
        assert parse(answer.read().decode()).one("thread-pane").attrs["data-thread"] == ts
    with get(sandbox, link.removeprefix(sandbox.url)) as answer:
        assert parse(answer.read().decode()).one("thread-pane").attrs["data-thread"] == ts


def test_a_deleted_parent_leaves_its_thread(sandbox: Sandbox, people: People) -> None:
    ts = people.say("random", "ben", "never mind")
    people.say("random", "ana", "too late", thread_ts=ts)
    people("delete-message", channel="random", ts=ts, user="ben")
    shown = page(sandbox, channel="random")
    assert "never mind" not in shown.text
    gone = message(shown, "This message was deleted.")
    assert "1 reply" in gone.one("replies").text
    assert not gone.all("message-menu")


def test_edits_are_marked_and_only_the_author_can_edit(sandbox: Sandbox, people: People) -> None:
    ts = people.say("random", "ben", "teh pool")
    people("edit-message", channel="random", ts=ts, user="ben", text="the pool of @ana < 5")
    for_author, for_others = (message(page(sandbox, who, "random"), "the pool") for who in ("ben", "ana"))
    assert for_author.text.endswith("the pool of @Ana Alvarez < 5 (edited) ☺ 💬 ⋯")
    assert for_author.attrs["data-source"] == "the pool of @ana < 5"
    assert "data-source" not in for_others.attrs


def test_reactions_are_counted_and_your_own_are_pressed(sandbox: Sandbox, people: People) -> None:
    ts = people.say("random", "ben", "done")
    for user in ("ana", "chen"):
        people("reaction", channel="random", ts=ts, user=user, name="pushpin", present=True)
    people("reaction", channel="random", ts=ts, user="chen", name="party_parrot", present=True)
    shown = message(page(sandbox, "ana", "random"), "done")
    pin, parrot = shown.all("reaction")
    assert (pin.attrs["data-name"], pin.text, pin.attrs["aria-pressed"]) == ("pushpin", "📌 2", "true")
    assert (parrot.text, parrot.attrs["aria-pressed"]) == (":party_parrot: 1", "false")


def test_pins_are_marked_listed_and_counted(sandbox: Sandbox, people: People) -> None:
    ts = people.say("random", "ben", "the runbook")
    people("pin", channel="random", ts=ts, user="chen", present=True)
    shown = page(sandbox, channel="random")
    assert message(shown, "the runbook").attrs["data-pinned"] == "true"
    assert shown.one("pins").text.startswith("📌 1")
    assert "Pinned by Chen Wei" in shown.one("pin", data_ts=ts).text


def test_unread_messages_of_others_are_counted_until_they_are_read(sandbox: Sandbox, people: People) -> None:
    assert unread(page(sandbox), "random") == ""
    people.say("random", "ana", "my own")
    latest = [people.say("random", "ben", text) for text in ("one", "two")][-1]
    people("leave", channel="random", user="chen")
    shown = page(sandbox)
    assert unread(shown, "random") == "2"
    assert "unread" in shown.one("channel", data_name="random").attrs["class"]
    line = page(sandbox, channel="random").one(**{"class": "new-line"})
    assert line.text == "New"
    people("read", channel="random", user="ana", ts=latest)
    people("read", channel="random", user="ana", ts=list(sandbox.store.channel("random").messages)[-1])
    assert unread(page(sandbox), "random") == ""


def test_a_channel_is_unread_for_people_who_are_added_and_read_for_those_who_join(
    sandbox: Sandbox, people: People
) -> None:
    people("create-channel", name="outage", user="ben")
    people.say("outage", "ben", "the pool is full")
    people("join", channel="outage", user="chen")
    people("join", channel="outage", user="ana", inviter="ben")
    assert [unread(page(sandbox, who), "outage") for who in ("chen", "ana")] == ["", "1"]


def test_the_topic_and_the_members_are_in_the_channels_head(sandbox: Sandbox, client: WebClient) -> None:
    client.conversations_join(channel="C0GENERAL")
    client.conversations_setTopic(channel="C0GENERAL", topic="INC-1 &lt;b&gt; <https://acme.example|runbook>")
    head = part(sandbox, "header")
    assert head.one("topic").text == "INC-1 <b> runbook"
    assert head.one("members").text.startswith("👥 8")


def test_you_can_act_as_anybody_and_stay_in_channels_they_may_see(sandbox: Sandbox) -> None:
    shown = page(sandbox, "ana", "random")
    faces = {each.attrs["data-user"]: each for each in shown.all("person")}
    assert list(faces) == ["ana", "ben", "chen", "dara", "emi", "farid", "gus"]
    assert "Guest" in faces["gus"].text
    assert "Asia/Tokyo" in faces["emi"].text
    assert faces["gus"].attrs["href"] == "/as/U0GUS/C0RANDOM"
    with get(sandbox, "/as/U0GUS/C0RANDOM") as answer:
        assert answer.url.endswith("/as/U0GUS/C0GENERAL")


MESSAGE_SHORTCUTS = ["declare_from_message", "create_action_item", "ask_why", "name_root_cause", "add_lesson"]


def test_commands_and_shortcuts_come_from_the_manifest(sandbox: Sandbox) -> None:
    shown = page(sandbox)
    commands = json.loads(shown.one(id="directory").attrs["data-commands"])
    assert [each["command"] for each in commands] == ["/incident"]
    menus = {menu: shown.one(id=menu).all("shortcut") for menu in ("shortcuts", "message-actions")}
    callbacks = {menu: [each.attrs["data-callback"] for each in found] for menu, found in menus.items()}
    assert callbacks == {"shortcuts": ["declare_incident"], "message-actions": MESSAGE_SHORTCUTS}


def test_a_bot_that_runs_elsewhere_cannot_be_killed_here(sandbox: Sandbox) -> None:
    shown = part(sandbox, "bot")
    assert shown.one("bot-status").attrs["data-connected"] == "false"
    assert not shown.all("bot-kill") + shown.all("bot-start")


def test_the_bots_process_can_be_killed_and_its_log_is_shown(
    start: Callable[..., Sandbox],
) -> None:
    program = "import sys, time; print('hello <log>', flush=True); time.sleep(60)"
    there = start(bot=BotProcess([sys.executable, "-c", program]))
    eventually(lambda: "hello <log>" in part(there, "bot").one("bot-log").text)
    assert part(there, "bot").one("bot-kill").text == "Kill the bot"
    People(there)("bot", action="kill")
    shown = part(there, "bot")
    assert shown.one("bot-start").text == "Start the bot"
    assert "signal 9" in shown.text


# How it is served


def test_scripts_and_styles_come_from_files_only(sandbox: Sandbox) -> None:
    with get(sandbox, "/as/ana/general") as answer:
        policy = answer.headers["Content-Security-Policy"]
        shown = parse(answer.read().decode())
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not shown.tags("style")
    assert all(
        script.attrs["src"].startswith("/page/static/") and not script.children
        for script in shown.tags("script")
    )
    assert not [
        name for each in shown.walk() for name in each.attrs if name == "style" or name.startswith("on")
    ]


def test_files_are_sent_again_only_when_they_changed(sandbox: Sandbox) -> None:
    with get(sandbox, "/page/static/page.js") as answer:
        assert answer.headers["Content-Type"].startswith("text/javascript")
        tag = answer.headers["ETag"]
    assert status(sandbox, "/page/static/page.js", **{"If-None-Match": tag}) == 304
    assert [status(sandbox, f"/page/static/{name}") for name in ("no.js", "%2e%2e%2froutes.py")] == [404, 404]


def test_every_script_imports_only_existing_files() -> None:
    names = {path.name for path in (PAGE / "static").iterdir()}
    for path in (PAGE / "static").glob("*.js"):
        assert set(re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8"))) <= names


def test_a_change_is_sent_to_everybody_who_listens(sandbox: Sandbox, people: People) -> None:
    with get(sandbox, "/page/changes?as=ana") as stream:
        notices = iter(stream)
        assert next(notices) == b"retry: 500\n"
        people.say("random", "ben", "news")
        told = (json.loads(line.removeprefix(b"data: ")) for line in notices if line.startswith(b"data: "))
        # The first one may be about calendars that were filled at the start.
        notice: Json = next(each for each in told if each["channels"] or not each["calendars"])
        assert notice["channels"] == ["C0RANDOM"]


def test_open_event_streams_do_not_delay_the_end() -> None:
    with running(MANIFEST) as sandbox:
        stream = get(sandbox, "/page/changes?as=ana")
        stream.readline()
        started = time.perf_counter()
    assert time.perf_counter() - started < 1
    stream.close()


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=999999999", "limit=x", "at=x", "thread=1.2", "new_after=%00"]
)
def test_nonsense_in_the_url_is_not_an_error(sandbox: Sandbox, query: str) -> None:
    assert page(sandbox, query=f"?{query}").all("message")


def test_a_part_that_does_not_exist_is_left_out(sandbox: Sandbox) -> None:
    with get(sandbox, "/page/parts?as=ana&channel=general&parts=topic,__class__,bot") as answer:
        found: dict[str, Any] = json.load(answer)["parts"]
    assert list(found) == ["bot"]


def test_the_home_has_every_part_that_it_shows(sandbox: Sandbox) -> None:
    shown = page(sandbox, channel="home")
    names = {each.attrs["data-part"] for each in shown.walk() if "data-part" in each.attrs}
    with get(sandbox, f"/page/parts?as=ana&channel=&parts={','.join(names)}") as answer:
        assert set(json.load(answer)["parts"]) == names
