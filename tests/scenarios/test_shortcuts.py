"""Declaring by shortcut: from anywhere, and from a message, which is linked and answered in its thread."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import partial
from typing import Any

import pytest

from bot.bootstrap import Bot
from bot.domain.kit.people import SYSTEM
from tests.support.people import Json, Workspace, buttons, eventually, shown
from tests.support.promises import ref


def test_the_global_shortcut_opens_the_form(acme: Workspace) -> None:
    acme.post("shortcut", callback_id="declare_incident", user="ana")
    form = eventually(lambda: acme.form("ana"))
    assert form["state"]["values"]["title"]["title"]["value"] in (None, "")
    assert not acme.submit(title="From anywhere")
    eventually(lambda: [each for each in acme.incident_channels() if each.endswith("from-anywhere")])


def test_if_the_shortcuts_form_did_not_open_a_direct_message_offers_it(acme: Workspace) -> None:
    acme.faults({"method": "views.open", "effect": "error:expired_trigger_id", "times": 1})
    acme.post("shortcut", callback_id="declare_incident", user="emi")
    offer = acme.told_directly("emi", "Open the form")
    assert buttons(offer) == {"Open the form": "open_form"}
    acme.click(acme.post("open-dm", user="emi")["channel"], offer["ts"], "open_form", "emi")
    eventually(lambda: acme.form("emi"))
    acme.post("view-close", user="emi")


def test_a_message_fills_the_form_its_link_is_kept_and_its_thread_gets_the_incidents(
    acme: Workspace, acme_bot: Bot
) -> None:
    ts = acme.say("Checkout answers <502> & @ben is away", "random")
    channel = _declare_from(acme, "random", ts)
    source = _source(acme_bot, channel)
    assert _kept(source)
    assert source["permalink"] == f"{acme.url}/archives/C0RANDOM/p{ts.replace('.', '')}"
    card = eventually(lambda: acme.card(channel))
    assert f"<{source['permalink']}|this message>" in shown(card)
    line = eventually(lambda: _line(acme, "random", channel))
    assert line["thread_ts"] == ts
    assert f"<#{acme.channel(channel)['id']}>" in shown(line)


def test_a_message_becomes_the_title_as_people_read_it(acme: Workspace) -> None:
    ts = acme.say("Checkout answers <502> & @ben is away", "random")
    acme.post("shortcut", callback_id="declare_from_message", user="ana", channel="random", ts=ts)
    form = eventually(lambda: acme.form("ana"))
    title = form["state"]["values"]["title"]["title"]["value"]
    # Until the bot has listed the people, Ben is somebody; his id is never shown.
    assert re.fullmatch(r"Checkout answers <502> & (@ben|somebody) is away", title)
    acme.post("view-close", user="ana")


def test_a_long_message_becomes_the_description_too(acme: Workspace) -> None:
    text = "\n".join(f"line {number} of the report" for number in range(40))
    ts = acme.say(text, "random")
    acme.post("shortcut", callback_id="declare_from_message", user="ana", channel="random", ts=ts)
    values = eventually(lambda: acme.form("ana"))["state"]["values"]
    assert values["title"]["title"]["value"].startswith("line 0 of the report line 1")
    assert values["description"]["description"]["value"] == text
    acme.post("view-close", user="ana")


def test_declaring_from_a_reply_links_back_in_the_same_thread(acme: Workspace, acme_bot: Bot) -> None:
    ts = acme.say("a thread", "random")
    reply = acme.say("it is down", "random", thread_ts=ts)
    channel = _declare_from(acme, "random", reply)
    source = _source(acme_bot, channel)
    assert source["permalink"].endswith(f"/p{reply.replace('.', '')}?thread_ts={ts}&cid=C0RANDOM")
    line = eventually(lambda: _line(acme, "random", channel))
    assert line["thread_ts"] == ts


def test_another_bots_alert_can_be_declared_from(acme: Workspace, acme_bot: Bot) -> None:
    alert = acme.messages("ops-alerts")[0]
    channel = _declare_from(acme, "ops-alerts", alert["ts"])
    source = _source(acme_bot, channel)
    assert _kept(source)
    eventually(lambda: _line(acme, "ops-alerts", channel))


def test_the_link_to_a_deleted_source_is_kept(
    acme: Workspace, acme_bot: Bot, records: list[MutableMapping[str, Any]]
) -> None:
    ts = acme.say("it is down", "random", user="ben")
    acme.post("shortcut", callback_id="declare_from_message", user="ana", channel="random", ts=ts)
    eventually(lambda: acme.form("ana"))
    acme.post("delete-message", channel="random", ts=ts, user="ben")
    before = set(acme.incident_channels())
    assert not acme.submit()
    channel = eventually(lambda: next(iter(set(acme.incident_channels()) - before), None))
    assert "it is down" in shown(eventually(lambda: acme.card(channel)))
    assert _kept(_source(acme_bot, channel))
    eventually(lambda: _given_up(records) == ["LinkSource"])
    records.clear()


def test_from_a_private_channel_the_incident_is_private_unless_somebody_decides_otherwise(
    acme: Workspace, acme_bot: Bot
) -> None:
    acme.post("create-channel", name="quiet-room", user="chen", private=True)
    ts = acme.say("a secret matter", "quiet-room", user="chen")
    channel = _declare_from(acme, "quiet-room", ts, user="chen")
    number = int(ref(channel).removeprefix("INC-"))
    made = acme_bot.services.incidents.get_incident(number, viewer=SYSTEM)
    assert made
    assert made.is_private
    assert f"{made.ref}" not in str(acme.messages("incidents"))
    assert not [each for each in acme.messages("quiet-room") if made.ref in shown(each)]


def test_an_edit_in_the_sources_thread_says_how_severe_it_is_and_that_it_is_resolved(acme: Workspace) -> None:
    ts = acme.say("Search is slow", "random")
    channel = _declare_from(acme, "random", ts)
    posted = eventually(lambda: _line(acme, "random", channel))
    acme.command(f"severity {ref(channel)} low")
    acme.command(f"resolve {ref(channel)}")
    line = eventually(
        lambda: next((each for each in acme.messages("random") if "Resolved" in shown(each)), None)
    )
    assert line["ts"] == posted["ts"]
    assert "Low" in shown(line)


def test_a_private_channel_without_the_bot_fails_visibly_and_the_incident_continues(
    acme: Workspace, acme_bot: Bot, records: list[MutableMapping[str, Any]]
) -> None:
    acme.post("create-channel", name="war-room", user="chen", private=True)
    ts = acme.say("a secret matter", "war-room", user="chen")
    channel = _declare_from(acme, "war-room", ts, user="chen", private=[])
    assert _kept(_source(acme_bot, channel))
    report = acme.told_directly("chen", "couldn't")
    assert "link the incident in the thread it was declared from: the channel is gone or hidden" in shown(
        report
    )
    assert "is now resolved" in acme.command(f"resolve {ref(channel)}", user="chen")
    assert _given_up(records) == ["LinkSource"]
    records.clear()


def test_of_two_who_declare_at_once_the_second_can_join_or_declare_anyway(acme: Workspace) -> None:
    for user in ("ana", "ben"):
        acme.post("shortcut", callback_id="declare_incident", user=user)
        eventually(partial(acme.form, user))
    before = set(acme.incident_channels())
    assert not acme.submit("ana", title="Payments fail")
    first = eventually(lambda: next(iter(set(acme.incident_channels()) - before), None))
    acme.post("view-submit", user="ben", values={"title": "No payments", "severity": "low"})
    form = eventually(lambda: acme.form("ben"))
    assert "Payments fail" in str(form)
    assert form["submit"]["text"] == "Declare anyway"
    assert form["state"]["values"]["title"]["title"]["value"] == "No payments"
    assert set(acme.incident_channels()) - before == {first}
    assert not acme.submit("ben")
    eventually(lambda: [each for each in acme.incident_channels() if each.endswith("no-payments")])


def test_what_was_just_declared_is_in_the_form_with_a_button_to_join(acme: Workspace) -> None:
    channel = acme.declare("Login is slow")
    acme.post("shortcut", callback_id="declare_incident", user="emi")
    form = eventually(lambda: acme.form("emi"))
    joins = [
        each["accessory"]
        for each in form["blocks"]
        if each.get("accessory") and "Login is slow" in each["text"]["text"]
    ]
    assert [each["action_id"] for each in joins] == ["join_incident"]
    acme.post("view-close", user="emi")
    assert channel


@pytest.fixture(autouse=True)
def _without_open_forms(acme: Workspace) -> None:
    for user in ("ana", "emi"):
        assert acme.form(user) is None


def _declare_from(workspace: Workspace, channel: str, ts: str, user: str = "ana", **fields: Any) -> str:
    """Choose the message's shortcut and submit the form with these fields changed; the incident's channel."""
    before = set(workspace.incident_channels())
    workspace.post("shortcut", callback_id="declare_from_message", user=user, channel=channel, ts=ts)
    eventually(lambda: workspace.form(user))
    assert not workspace.submit(user, **fields)
    return eventually(lambda: next(iter(set(workspace.incident_channels()) - before), None))


def _kept(source: Json) -> bool:
    """Whether it says where the message is, and nothing of its text or its author."""
    return set(source) == {"channel_id", "ts", "thread_ts", "permalink"}


def _source(bot: Bot, channel: str) -> Json:
    incident = bot.services.incidents.get_incident(int(ref(channel).removeprefix("INC-")), viewer=SYSTEM)
    assert incident
    return dict(incident.metadata["source"])


def _line(workspace: Workspace, place: str, channel: str) -> Json | None:
    """The message in the source's channel that leads to the incident."""
    found = (each for each in workspace.messages(place) if f"*{ref(channel)} · " in shown(each))
    return next(found, None)


def _given_up(records: list[MutableMapping[str, Any]]) -> list[str]:
    return [each["effect"] for each in records if each["log_level"] == "error"]
