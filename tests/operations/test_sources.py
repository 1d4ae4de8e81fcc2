"""The message that an incident or action item is created from stays where it is: its text isn't copied.

It may come from a private channel, or have been removed from the form before submission. Earlier versions
stored it with the result: such stored text isn't shown either.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot.domain.action_items.model import ActionItemPriority
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems.model import NewPostmortem
from bot.domain.surface.answers import ItemTray, Timeline, Tray
from bot.domain.surface.forms import ActionInput
from bot.views.answers import render
from bot.views.home import home
from bot.views.incidents.card import announcement, card, source_link
from bot.views.postmortems.exports import EXPORTS, canvas_markdown
from storage.tables import action_items, incidents, metadata
from tests.support.office import Office, keys

MARKER, WRITER = "swordfish", "U0WRITER"
MESSAGE = PostedMessage("C0SECRET", "1700000000.000100", WRITER, None, f"The {MARKER} leaks")
LINK = "https://acme.slack.com/archives/C0SECRET/p1700000000000100"
EARLIER = {
    "channel_id": "C0SECRET",
    "ts": MESSAGE.ts,
    "thread_ts": None,
    "user_id": WRITER,
    "text": MESSAGE.text,
    "permalink": LINK,
}


def made_from_it(office: Office) -> Incident:
    """An incident and an item created from the message; nothing of its text was left in the forms."""
    office.startup.note_team("T1", "https://acme.slack.com/")
    office.recorder.keep_source(MESSAGE)
    place = {"source_channel": MESSAGE.channel_id, "source_ts": MESSAGE.ts}
    made = office.fill_in(title="Something is wrong", **place)
    filled = ActionInput(made.id, "Look", "", None, None, ActionItemPriority.HIGH)
    item = replace(filled, source_channel=MESSAGE.channel_id, source_ts=MESSAGE.ts)
    office.items.create_from_form(item, by="ANA", key=next(keys))
    office.perform_all()
    office.postmortems.create_postmortem(made.id, NewPostmortem(), by="ANA", key=next(keys))
    return made


def as_earlier_versions_stored_it(office: Office) -> None:
    """Store the message's text and its author with what was created from it."""

    def store(tx: Connection) -> None:
        for table in (incidents, action_items):
            tx.execute(update(table).values(metadata={"source": EARLIER}))

    office.database.run(store)


def stored(office: Office) -> str:
    """Every value of every table."""

    def everything(tx: Connection) -> str:
        return str([tx.execute(select(table)).all() for table in metadata.tables.values()])

    return office.database.run(everything)


@pytest.fixture(params=["as it is stored now", "as earlier versions stored it"])
def made(office: Office, request: pytest.FixtureRequest) -> Incident:
    found = made_from_it(office)
    if "earlier" in request.param:
        as_earlier_versions_stored_it(office)
    incident = office.manager.get_incident(found.id, viewer=SYSTEM)
    assert incident
    return incident


def test_nothing_of_it_is_stored(office: Office) -> None:
    made_from_it(office)
    told = stored(office)
    assert MARKER not in told
    assert WRITER not in told
    assert MESSAGE.ts in told


@pytest.mark.parametrize("kind", sorted(EXPORTS))
def test_no_export_holds_it(office: Office, made: Incident, kind: str) -> None:
    exported = EXPORTS[kind](office.postmortems.document(made.id, viewer="ANA"))
    assert MARKER not in exported
    assert WRITER not in exported
    if kind == "json":
        assert LINK in exported


def test_no_document_answer_or_message_shows_it(office: Office, made: Incident) -> None:
    told: list[Any] = [canvas_markdown(office.postmortems.document(made.id, viewer="ANA"))]
    answers = (Tray(made.id), Timeline(made.id, everything=True), ItemTray(1))
    told += [render(office.answers.load(each, "ANA")).arguments() for each in answers]
    told += [each(made).arguments() for each in (card, announcement, source_link)]
    told += [home(*office.answers.home("ANA")), asdict(made)]
    assert MARKER not in str(told)
    assert WRITER not in str(told)
    assert made.metadata["source"]["permalink"] == LINK
