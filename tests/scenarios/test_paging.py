"""Long answers come in pages, and their buttons turn the page in place."""

from __future__ import annotations

from bot.bootstrap import Bot
from tests.support.people import Json, Workspace, buttons, eventually, shown


def test_the_list_turns_its_pages_in_place(workspace: Workspace, sqlite_bot: Bot) -> None:
    for number in range(1, 12):
        workspace.open_form("declare")
        workspace.submit(title=f"Number {number:02}", project="many")
    listed = workspace.asked("list project:many")
    assert "11 open incidents (many)" in shown(listed)
    assert "Number 11" in shown(listed)
    assert "Number 01" not in shown(listed)
    assert "page_back" not in buttons(listed).values()
    workspace.click("general", listed["ts"], "page_on")
    second = eventually(lambda: _same(workspace, "general", listed, "Number 01"))
    assert "Number 11" not in shown(second)
    assert "page_on" not in buttons(second).values()
    workspace.click("general", listed["ts"], "page_back")
    eventually(lambda: _same(workspace, "general", listed, "Number 11"))
    assert len(workspace.answers("ana", "general")) == 1


def test_the_timeline_begins_at_its_end_and_turns_its_pages_in_place(acme: Workspace) -> None:
    channel = acme.declare()
    for number in range(20):
        acme.say(f"fact {number:02}.", channel)
    acme.timeline(channel, "fact 19.")
    told = acme.asked("timeline all", channel)
    assert "Page 2 of 2 · 21 entries" in shown(told)
    assert "fact 00." not in shown(told)
    acme.click(channel, told["ts"], "page_back")
    first = eventually(lambda: _same(acme, channel, told, "Page 1 of 2"))
    assert "declared it" in shown(first)
    assert "fact 13." in shown(first)
    acme.click(channel, told["ts"], "show_other")
    keys = eventually(lambda: _same(acme, channel, told, "1 state change or key event"))
    assert "fact" not in shown(keys)


def test_each_entry_has_its_time_in_the_readers_time_zone_and_a_link_to_its_message(acme: Workspace) -> None:
    channel = acme.declare()
    ts = acme.say("It is the pool", channel)
    reply = acme.say("Which one?", channel, thread_ts=ts)
    told = acme.timeline(channel, "Which one?")
    place = acme.channel(channel)["id"]
    link = f"{acme.url}/archives/{place}/p"
    at = f"<!date^{int(float(ts))}^"
    assert at in told
    assert f"{link}{ts.replace('.', '')}" in told
    assert f"{link}{reply.replace('.', '')}?thread_ts={ts}&cid={place}" in told.replace("&amp;", "&")


def test_a_change_of_state_links_to_its_message_in_the_channel(acme: Workspace) -> None:
    channel = acme.declare()
    acme.command("resolve bigger pool", channel=channel)
    line = eventually(
        lambda: next((each for each in acme.messages(channel) if "*Resolved*" in shown(each)), None)
    )
    eventually(lambda: f"/p{line['ts'].replace('.', '')}" in acme.command("timeline", channel=channel))


def _same(workspace: Workspace, channel: str, message: Json, wanted: str) -> Json | None:
    """The same message, once it says this."""
    now = next(each for each in workspace.answers("ana", channel) if each["ts"] == message["ts"])
    return now if wanted in shown(now) else None
