"""An answer shows the state at the moment when it is shown."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import get_args

import pytest

from bot.domain.action_items.model import NewActionItem
from bot.domain.action_items.planned import item_key
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.incidents.timeline import EntryKind, KeyMark, PostedMessage
from bot.domain.kit.errors import NotAllowed, UnknownRef
from bot.domain.surface.answers import (
    Answer,
    FormOffer,
    Help,
    Hint,
    IncidentList,
    Offers,
    Sentence,
    Timeline,
    Tray,
)
from bot.domain.surface.shown import HelpShown, ListShown, TimelineShown, TrayShown
from bot.listeners.commands import COMMANDS
from bot.operations.answers import HOME_LIMIT, LIST_PAGE, LOOKS, TIMELINE_PAGE
from storage import messages
from tests.support.examples import NOW
from tests.support.office import NOBODIES, Office, keys


def listed(office: Office, asked: IncidentList) -> ListShown:
    shown = office.answers.load(asked, "ANA")
    assert isinstance(shown, ListShown)
    return shown


def timeline_of(office: Office, asked: Timeline) -> TimelineShown:
    shown = office.answers.load(asked, "ANA")
    assert isinstance(shown, TimelineShown)
    return shown


def test_a_tray_shows_the_incident_as_it_is_now(office: Office) -> None:
    incident = office.declare()
    resolved = office.step(incident, "resolved")
    assert office.answers.load(Tray(incident.id), "ANA") == TrayShown(resolved)
    with pytest.raises(UnknownRef):
        office.answers.load(Tray(404), "ANA")


def test_answers_that_need_no_loading_are_shown_as_they_are(office: Office) -> None:
    for answer in (Sentence("Done."), Offers("Which?", {"a": "list"}), FormOffer("declare", {})):
        assert office.answers.load(answer, "ANA") == answer
    assert office.answers.load(Help(), "ANA") == HelpShown(COMMANDS)


def test_lists_count_everything_and_show_a_page_newest_first(office: Office) -> None:
    for number in range(2 * LIST_PAGE + 3):
        severity = IncidentSeverity.LOW if number % 2 else IncidentSeverity.HIGH
        office.declare(f"{number}", severity=severity, project_id="even" if number % 2 == 0 else None)
    closed = office.declare("closed")
    for status in ("resolved", "closed"):
        office.step(closed, status)
    total = 2 * LIST_PAGE + 3

    first = listed(office, IncidentList())
    assert (first.total, first.pages, len(first.incidents)) == (total, 3, LIST_PAGE)
    assert [each.title for each in first.incidents] == [str(total - n) for n in range(1, LIST_PAGE + 1)]
    last = listed(office, IncidentList(page=3))
    assert [each.title for each in last.incidents] == ["2", "1", "0"]
    assert last.asked.page == 3
    assert listed(office, IncidentList(page=99)) == last
    assert listed(office, IncidentList(page=-5)) == first
    assert listed(office, IncidentList(active_only=False)).total == total + 1
    assert listed(office, IncidentList(severity="low")).total == total // 2
    assert listed(office, IncidentList(project_id="even", severity="low")).total == 0
    assert listed(office, IncidentList(project_id="even")).total == total // 2 + 1


def test_an_empty_list_has_one_empty_page(office: Office) -> None:
    shown = listed(office, IncidentList(page=7))
    assert (shown.incidents, shown.pages, shown.total, shown.asked.page) == ((), 1, 0, 1)


def write(office: Office, minute: int, text: str) -> str:
    """Write a message in the first incident's channel; its ts."""
    ts = f"{int((NOW + timedelta(minutes=minute)).timestamp())}.000100"
    office.recorder.record_message(PostedMessage("C1", ts, "BEN", None, text))
    return ts


def test_a_timeline_starts_on_its_last_page_and_leads_back_to_the_first(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    office.startup.note_team("T1", "https://acme.slack.com/")
    for minute in range(1, 2 * TIMELINE_PAGE + 1):
        write(office, minute, str(minute))

    last = timeline_of(office, Timeline(incident.id, everything=True))
    assert (last.page.page, last.page.pages, last.page.total) == (3, 3, 2 * TIMELINE_PAGE + 1)
    assert [entry.text for entry in last.page.entries] == [str(2 * TIMELINE_PAGE)]
    assert last.team_url == "https://acme.slack.com/"
    first = timeline_of(office, Timeline(incident.id, everything=True, page=1))
    assert first.page.entries[0].kind is EntryKind.DECLARED
    assert [entry.text for entry in first.page.entries[1:]] == [str(n) for n in range(1, TIMELINE_PAGE)]
    assert timeline_of(office, Timeline(incident.id, everything=True, page=99)).page == last.page


def test_a_timeline_shows_key_events_and_changes_unless_everything_is_asked_for(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    write(office, 1, "chatter")
    key = write(office, 2, "rolled back")
    office.recorder.mark_key(
        KeyMark("C1", key, "BEN", "reaction", present=True, event_ts="1900000000.000100")
    )
    office.clock.move(minutes=3)
    office.step(incident, "resolved", note="fixed")

    def told(*, everything: bool) -> list[str]:
        page = timeline_of(office, Timeline(incident.id, everything)).page
        assert page.total == len(page.entries)
        return [entry.text for entry in page.entries]

    assert told(everything=False) == ["", "rolled back", "fixed"]
    assert told(everything=True) == ["", "chatter", "rolled back", "fixed"]
    with pytest.raises(UnknownRef):
        office.answers.load(Timeline(404), "ANA")


def test_an_answer_is_sent_once_for_each_request_and_none_waits_for_another(office: Office) -> None:
    for _ in range(2):
        for key in ("1", "2"):
            office.answers.send(Tray(1), to="ANA", channel_id="C1", thread_ts="1.0", key=key)
    assert office.rows() == {"answer/1": "waiting", "answer/2": "waiting"}
    assert office.perform_all() == [{"answer/1", "answer/2"}]


def test_a_home_is_shown_once_for_each_visit_and_a_redelivered_visit_is_the_same(office: Office) -> None:
    for key in ("Ev1", "Ev2"):
        office.answers.open_home("ANA", key)
    assert office.rows() == {"home/Ev1": "waiting"}
    office.perform_all()
    office.answers.open_home("ANA", "Ev1")
    assert office.rows() == {"home/Ev1": "done"}
    office.answers.open_home("ANA", "Ev3")
    assert office.rows() == {"home/Ev1": "done", "home/Ev3": "waiting"}


def test_a_home_lists_what_is_open_to_members(office: Office) -> None:
    done = office.declare("done")
    office.step(done, "resolved")
    for number in range(HOME_LIMIT + 1):
        office.declare(str(number))
    shown, more, _ = office.answers.home("ANA")
    assert more == 1
    assert [each.title for each in shown] == [str(HOME_LIMIT - number) for number in range(HOME_LIMIT)]
    for nobody in NOBODIES:
        with pytest.raises(NotAllowed):
            office.answers.home(nobody)


def test_every_answer_is_loaded_unless_it_holds_everything_it_shows() -> None:
    for kind in set(get_args(Answer)) - {Sentence, Offers, FormOffer, Hint, Help}:
        assert kind in LOOKS, f"{kind.__name__} has no row in LOOKS of bot/operations/answers.py"
    assert set(LOOKS) < set(get_args(Answer)), "no row is left over"


def test_each_entry_of_the_timeline_leads_to_the_message_that_shows_it(office: Office) -> None:
    office.declare()
    item = office.items.create_action_item(NewActionItem(1, "Fix it"), by="ANA", key=next(keys))
    office.perform_all()
    place = partial(messages.save, key=item_key(item.id), channel_id="C1", ts="4.0")
    office.database.run(place)
    office.items.reassign(item.id, "BEN", by="ANA", key=next(keys))
    shown = office.answers.load(Timeline(1), "ANA")
    assert isinstance(shown, TimelineShown)
    assert [each.ts for each in shown.page.entries] == ["1700000001.000100", "4.0", "4.0"]
