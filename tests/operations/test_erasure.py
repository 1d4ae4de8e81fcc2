"""Somebody who is erased leaves no trace, their words don't come back, and what happened stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, Table, Text, func, select, update

from bot.codec import answer_to_json
from bot.domain.action_items.model import NewActionItem
from bot.domain.five_whys.model import NewAnalysis
from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Notice
from bot.domain.incidents.timeline import EntryKind, FoundMessage, KeyMark, PostedMessage, TimelineEntry
from bot.domain.kit.erasure import Subject
from bot.domain.kit.errors import AlreadyThere, UnknownPerson
from bot.domain.kit.people import ERASED, ERASED_NAME, SYSTEM, Person
from bot.domain.outbox.effects import (
    InvitePeople,
    NudgeSession,
    ReportFailures,
    SendAnswer,
    SendDigest,
    TellAsker,
    TellNotice,
)
from bot.domain.outbox.rows import Planned
from bot.domain.postmortems.model import NewPostmortem
from bot.domain.surface.answers import Offers
from bot.operations import failures
from bot.operations.erasure import Erasure
from bot.operations.incidents.vacancies import VacancyReads
from bot.operations.kit.transaction import Tx
from bot.views.action_items.forms import reassign_form
from bot.views.incidents.card import card
from bot.views.kit.errors import sentence
from storage import erasing, outbox, people, personal
from storage.database import Database
from storage.tables import metadata
from storage.tables import outbox as outbox_table
from tests.support.examples import NOW
from tests.support.office import Clock, Office, keys
from tests.support.personal import BEN, fill, rows_of_others, traces_of_ben
from tests.support.rows import add, effects

TS, LATER = "1770000000.000100", "1770000900.000100"
MESSAGE = PostedMessage("C1", TS, "BEN", None, "it was me", ({"name": "me.png", "permalink": "x"},))
SLACKS_BEN = {"id": "BEN", "name": "ben", "profile": {"email": "ben@acme.example"}, "updated": 999}


class Killed(Exception):
    """The process ended here."""


def test_a_person_is_erased_from_every_column_that_could_name_them(database: Database) -> None:
    filled = fill(database)
    assert {(table, name) for table, name, _ in traces_of_ben(database)} >= set(filled)
    others = rows_of_others(database)
    erasure = Erasure(database, Clock())
    assert erasure.erase(erasure.find("Ben@acme.example").subject) == 0
    assert traces_of_ben(database) == set()
    assert others - rows_of_others(database) == set(), "nobody else has lost anything"
    assert erasure.erase(erasure.find(BEN.id).subject) == 0, "again is fine"


def test_an_erasure_that_was_killed_is_finished_by_the_next_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    erasure, real, calls = Erasure(database, Clock()), erasing.erase, list[str]()

    def killed(tx: Connection, subject: Subject, table: Table, rows: Sequence[Any]) -> None:
        calls.append(table.name)
        if len(calls) == 5:
            raise Killed
        real(tx, subject, table, rows)

    monkeypatch.setattr(erasing, "erase", killed)
    with pytest.raises(Killed):
        erasure.erase(erasure.find(BEN.id).subject)
    assert traces_of_ben(database)
    assert erasure.erase(erasure.find(BEN.id).subject) == 0
    assert traces_of_ben(database) == set()


def test_everybodys_texts_are_somebodys_own_or_stay_for_a_reason() -> None:
    """A new column for text must be here, or in OWN_WORDS."""
    stays = {
        "a name that people use for something; without it, nobody would know what it is": {
            *("incidents.title", "incidents.project_id", "incidents.channel_name", "action_items.title"),
            *("five_whys_analyses.problem", "projects.name"),
        },
        "written together; whoever saved last isn't the author of all": {
            *("postmortems.content", "postmortem_revisions.content", "postmortems.completed_despite"),
        },
        "made from something else, and changed with it": {
            *("whys.question", "timeline_entries.from_value", "timeline_entries.to_value"),
        },
        "holds ids, keys and settings": {
            *(
                "incidents.metadata",
                "incidents.call_url",
                "action_items.metadata",
                "five_whys_analyses.metadata",
            ),
            *("postmortems.metadata", "five_whys_analyses.steps", "meetings.content", "workspace.value"),
            *("incident_roles.role", "pages.groups", "projects.people", "projects.groups", "projects.links"),
        },
        "copied from the settings, which admins write for everybody": {
            *("checklists.key", "checklists.role", "checklist_lines.text"),
        },
        "the name of an app": {"timeline_entries.source"},
        "deleted if it is only for the person; no other effect carries anybody's words": {
            *("outbox.payload", "outbox.progress", "outbox.last_error"),
        },
    }
    some = {name: None for table in metadata.sorted_tables for name in table.columns.keys()}  # noqa: SIM118
    message = {**some, "kind": EntryKind.MESSAGE.value}
    own = {f"{table}.{name}" for table, each in personal.OWN_WORDS.items() for name in each.left(message)}
    texts = {
        f"{table.name}.{each.name}"
        for table in personal.searched()
        for each in table.columns
        if isinstance(each.type, JSON | Text) or (getattr(each.type, "length", None) or 0) in {75, 80, 200}
    }
    assert texts == texts & own | set[str]().union(*stays.values())


@dataclass
class Story:
    """An incident in which Ben did everything that one can do, before he was erased."""

    office: Office
    incident: Incident
    item: int

    def erase(self) -> None:
        erasure = Erasure(self.office.database, self.office.clock)
        assert erasure.erase(erasure.find("BEN").subject) == 0

    def messages(self) -> list[TimelineEntry]:
        return self.office.entries(self.incident, EntryKind.MESSAGE)


@pytest.fixture
def story(office: Office) -> Story:
    incident = office.declare(by="BEN", description="I broke it")
    office.perform_all()
    number = incident.id
    office.recorder.record_message(MESSAGE)
    office.recorder.record_message(replace(MESSAGE, ts=LATER, user_id="ANA", text="ask <@BEN>, not @Benny"))
    mark = KeyMark("C1", LATER, "BEN", "reaction", present=True, event_ts="1900000000.000100")
    office.recorder.mark_key(mark)
    office.step(incident, "investigating", by="BEN", note="My note")
    office.manager.assign_commander(number, "BEN", by="BEN", key=next(keys))
    new = NewActionItem(number, "More disks", description="By me", assigned_to="BEN")
    item = office.items.create_action_item(new, by="BEN", key=next(keys))
    whys, ended = (
        office.whys.start_from_form(NewAnalysis(number, problem, "BEN"), by="BEN", key=next(keys))
        for problem in ("It was slow", "It was late")
    )
    office.whys.add_why(whys.id, "I ran late", "BEN", key=next(keys))
    office.whys.add_why(whys.id, "Nobody asked", "ANA", key=next(keys))
    office.whys.identify_root_cause(ended.id, "I ran\nout of <@CHEN>'s time", by="BEN", key=next(keys))
    office.postmortems.create_postmortem(number, NewPostmortem(owner_id="BEN"), by="ANA", key=next(keys))
    return Story(office, incident, item.id)


def test_words_and_names_go_and_what_happened_stays(story: Story) -> None:
    before = [(each.at, each.kind) for each in story.office.entries(story.incident)]
    story.erase()
    [his, hers] = story.messages()
    assert (his.by, his.text, his.files, his.removed, his.at) == (ERASED, "", (), "erased", his.at)
    assert (hers.by, hers.text, hers.is_key) == ("ANA", "ask somebody, not @Benny", True)
    after = story.office.entries(story.incident)
    assert [(each.at, each.kind) for each in after] == before
    assert not {each.by for each in after} & {"BEN"}
    everything = "".join(map(str, after))
    assert "My note" not in everything
    assert "I ran" not in everything
    [cause] = story.office.entries(story.incident, EntryKind.ROOT_CAUSE)
    assert cause.to_value == "(erased)"


def test_a_tree_of_whys_keeps_its_shape_and_others_answers(story: Story) -> None:
    story.erase()
    whys = story.office.whys.get_analysis(1, viewer=SYSTEM)
    assert [(each.answered_by, each.answer) for each in whys.whys.values()] == [
        (ERASED, "(erased)"),
        ("ANA", "Nobody asked"),
    ]
    assert [each.question for each in whys.whys.values()][1] == "(erased). Why did that happen?"


def test_what_they_had_to_do_is_nobodys_and_the_channel_is_asked_who_takes_over(story: Story) -> None:
    story.office.perform_all()
    story.erase()
    asked = [each for each in effects(story.office.database) if isinstance(each, TellNotice)]
    assert asked == [TellNotice(story.incident.id, Notice.VACANT.value, ERASED)]
    left = VacancyReads(story.office.database, story.office.clock).of(story.incident.id, ERASED)
    assert left
    assert (left.commands, left.owns_postmortem, len(left.sessions), len(left.items)) == (True, True, 1, 1)
    shown = {key.partition("/erasure")[0] for key in story.office.rows() if "/erasure/" in key}
    assert {"INC-1/card", "INC-1/topic", "INC-1/announcement"} <= shown, "none of them names him any longer"
    story.office.manager.assign_commander(story.incident.id, "ANA", by="ANA", key=next(keys))


def test_nobody_who_was_erased_is_told_what_failed_or_named_by_an_error(story: Story) -> None:
    office = story.office
    office.step(story.incident, "resolved", by="BEN")
    story.erase()
    with pytest.raises(AlreadyThere) as refused:
        office.step(story.incident, "resolved", by="ANA")
    assert sentence(refused.value).endswith("already resolved: an erased person got there first.")
    number, failed = story.incident.id, NudgeSession(story.incident.id, 1)
    office.database.run(lambda tx: failures.report(Tx(tx, office.clock.now), number, failed, "cause"))
    told = [each for each in effects(office.database) if isinstance(each, ReportFailures | TellAsker)]
    assert told == [ReportFailures(number)]
    incident = office.manager.get_incident(number, viewer="ANA")
    assert incident
    assert office.performer_reads.whom_to_tell(incident) == []


def test_they_are_shown_without_a_name_and_no_form_offers_them(story: Story) -> None:
    story.erase()
    incident = story.office.manager.get_incident(story.incident.id, viewer="ANA")
    assert incident
    assert ERASED_NAME in str(card(incident).blocks)
    item = story.office.items.get_action_item(story.item, viewer="ANA")
    assert "initial_user" not in str(reassign_form(item))
    document = story.office.postmortems.document(incident.id, viewer="ANA")
    assert ("Commander", ERASED_NAME) in document.people


def test_nothing_that_slack_reports_later_brings_back_words_or_names(story: Story) -> None:
    office = story.office
    story.erase()
    before = story.messages()
    unseen = replace(MESSAGE, ts="1770000500.000100", text="me, too")
    office.recorder.record_message(MESSAGE)
    office.recorder.record_messages([MESSAGE])
    office.recorder.edit_message(replace(MESSAGE, text="it was I", edited_ts="1900000000.000100"))
    alert = replace(MESSAGE, ts="1770000600.000100", user_id=None, source="Pager", text="paging <@BEN|ben>")
    marks = frozenset({"BEN"})
    for _ in range(2):
        found = [FoundMessage(each, marks) for each in (MESSAGE, unseen, alert)]
        office.recorder.catch_up(story.incident.id, found, office.clock.now)
    assert office.recorder.news(found, office.clock.now) == []
    for user in (SLACKS_BEN, {**SLACKS_BEN, "deleted": True, "updated": 1000}):
        assert office.people.news([user]) == []
        office.people.save([user])
    office.people.learn("BEN")
    as_an_older_replica_does = partial(people.save, known=[Person("BEN", "ben", changed_at=10**9)], now=NOW)
    office.database.run(as_an_older_replica_does)
    now = {each.ts: each for each in story.messages()}
    assert [now[each.ts] for each in before if each.ts] == before
    assert (now[unseen.ts].by, now[unseen.ts].text, now[unseen.ts].removed) == (ERASED, "", "erased")
    assert now[alert.ts].text == "paging somebody"
    assert not now[unseen.ts].is_key
    ben = office.people.get("BEN")
    assert ben
    assert (ben.name, ben.email, ben.tz) == (ERASED_NAME, None, None)


def test_somebody_who_comes_back_is_as_new_and_the_past_stays_erased(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, seconds = story.office, [100.0]
    monkeypatch.setattr("bot.operations.people.monotonic", lambda: seconds[0])
    office.people.ensure_known("BEN")
    story.erase()
    office.clock.move(minutes=11)
    seconds[0] += 660
    office.slacks_people["BEN"] = SLACKS_BEN
    office.people.ensure_known("BEN")
    ben = office.people.get("BEN")
    assert ben
    assert (ben.name, ben.email, ben.may_act) == ("ben", "ben@acme.example", True)
    office.people.save([{**SLACKS_BEN, "name": "benjamin", "updated": 1001}])
    new = replace(MESSAGE, ts=f"{office.clock.now.timestamp():.6f}", text="I am back")
    for each in (MESSAGE, new):
        office.recorder.record_message(each)
    assert [(each.by, each.text) for each in story.messages() if each.by != "ANA"] == [
        (ERASED, ""),
        ("BEN", "I am back"),
    ]
    story.erase()
    assert [each.text for each in story.messages() if each.by == ERASED] == ["", ""], (
        "they can be erased again"
    )


def test_somebody_who_has_left_slack_does_not_come_back(story: Story) -> None:
    story.erase()
    story.office.slacks_people["BEN"] = {**SLACKS_BEN, "deleted": True}
    story.office.people.ensure_known("BEN")
    ben = story.office.people.get("BEN")
    assert ben
    assert ben.name == ERASED_NAME


def test_effects_lose_them_and_those_for_them_alone_are_gone(office: Office) -> None:
    incident = office.declare(by="ANA")
    office.perform_all()
    invites = InvitePeople(incident.id, ("ANA", "BEN"))
    for effect in (invites, InvitePeople(incident.id, ("BEN",)), SendDigest("BEN", "2026-W10")):
        key = f"{effect}"
        add(office.database, Planned(effect, key[:60], key[:60]))
    erasure = Erasure(office.database, office.clock)
    assert erasure.erase(erasure.find("BEN").subject) == 0
    waiting = select(outbox_table.c.payload).where(outbox_table.c.state == outbox.WAITING)
    rows = office.database.read(lambda tx: list(tx.execute(waiting).scalars()))
    assert rows == [{"incident_id": incident.id, "user_ids": ["ANA"]}]


def test_an_effect_that_is_running_is_left_alone_until_the_next_time(office: Office) -> None:
    add(office.database, Planned(SendDigest("BEN", "2026-W10"), "digest", "digest"))
    running = update(outbox_table).values(
        state=outbox.RUNNING, lease_until=office.clock.now + timedelta(hours=1)
    )
    office.database.run(lambda tx: tx.execute(running))
    erasure = Erasure(office.database, office.clock)
    assert erasure.erase(erasure.find("BEN").subject) == 1
    assert erasure.find("BEN").subject.name == "Ben", "it has to be found again"
    office.database.run(lambda tx: tx.execute(update(outbox_table).values(state=outbox.DONE)))
    assert erasure.erase(erasure.find("BEN").subject) == 0
    count = select(func.count()).select_from(outbox_table)
    assert office.database.read(lambda tx: tx.execute(count).scalar_one()) == 0


def test_somebody_the_bot_never_knew_can_be_erased_and_never_becomes_known(office: Office) -> None:
    office.slacks_people["NEW"] = {"id": "NEW", "name": "nora", "deleted": True}
    erasure = Erasure(office.database, office.clock)
    assert erasure.erase(erasure.find("NEW").subject) == 0
    office.people.save([{"id": "NEW", "name": "nora", "updated": 10**9}])
    nora = office.people.get("NEW")
    assert nora
    assert nora.name == ERASED_NAME


@pytest.mark.parametrize("who", ["nobody@acme.example", "not an id", "", "BOT"])
def test_somebody_who_is_nobody_is_refused(office: Office, who: str) -> None:
    with pytest.raises(UnknownPerson):
        Erasure(office.database, office.clock).find(who)


def test_a_command_that_was_offered_to_somebody_else_loses_them_too(office: Office) -> None:
    """The label of such a button is the key of a JSON object."""
    offers = {"lead INC-1 @Ben": "lead INC-1 <@BEN>", "list": "list"}
    answer = answer_to_json(Offers("Did you mean `lead`?", offers))
    add(office.database, Planned(SendAnswer("ANA", "C1", None, answer), "answer/mention/1", "answer/1"))
    erasure = Erasure(office.database, office.clock)
    assert erasure.erase(erasure.find("BEN").subject) == 0
    [payload] = office.database.read(lambda tx: list(tx.execute(select(outbox_table.c.payload)).scalars()))
    assert payload["answer"]["commands"] == {"lead INC-1 somebody": "lead INC-1 somebody", "list": "list"}
