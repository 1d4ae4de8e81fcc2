"""Updates for people who wait: where they go, when somebody is nudged, and who is subscribed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.incidents.timeline import EntryKind, PostedMessage
from bot.domain.kit.errors import (
    NotAllowed,
    NothingToChange,
    NotYourUpdate,
    NoUpdateDue,
    OutdatedButton,
    TextTooLong,
    UnknownRef,
    UpdateCorrected,
    UpdatedMeanwhile,
    UpdateMissing,
    UpdateSent,
)
from bot.domain.kit.people import Person
from bot.domain.settings import SettingsGroup
from bot.domain.surface.answers import Subscription
from bot.domain.surface.forms import CorrectionInput, UpdateInput
from bot.domain.updates.model import NudgeState, Update
from bot.domain.updates.planned import told_key
from bot.operations.erasure import Erasure
from bot.operations.privacy.reads import PrivacyReads
from bot.operations.updates.reads import UpdateReads
from storage import messages, people, subscriptions, updates
from tests.support.office import NOBODIES, Office, keys

SOURCE = {"source": {"channel_id": "C9", "ts": "1.0", "thread_ts": None, "permalink": "x"}}


def declared(office: Office, **values: Any) -> Incident:
    """An incident whose channel, card and announcement are there."""
    made = office.declare(**values)
    office.perform_all()
    return made


def write(office: Office, incident: Incident, text: str = "It is slow", by: str = "ANA", **more: Any) -> None:
    office.updates.write(UpdateInput(incident.id, text, **more), by=by, key=next(keys))


def correct(office: Office, known: str, by: str = "ANA", was: str = "", number: int = 1) -> Update:
    filled = CorrectionInput(1, number, known, "", "", was)
    return office.updates.correct(filled, by=by, key=next(keys))


def subscribe(office: Office, *user_ids: str) -> None:
    for user_id in user_ids:
        office.updates.subscribe(1, by=user_id, key=next(keys))


def stored(office: Office) -> list[Update]:
    """Every update of the only incident."""
    return office.database.run(
        lambda tx: [found for n in updates.numbers(tx, 1) if (found := updates.get(tx, 1, n))]
    )


def planned(office: Office, *, about: str = "update") -> set[str]:
    """The keys of the rows that wait, as far as they are about updates."""
    return {
        key for key, state in office.rows().items() if state == "waiting" and f"/{about}" in f"/{key}"
    } - {"INC-1/card/update/1"}


def ring_after(office: Office, minutes: float) -> set[str]:
    """Let time pass and alarms go off; the nudges that are planned then."""
    office.clock.move(minutes=minutes)
    office.ring()
    return {key for key in planned(office) if "/nudge/" in key}


def state_of(office: Office, number: int, times: int = 1) -> NudgeState:
    """What a nudge says now."""
    found = UpdateReads(office.database, office.clock).nudged(1, number, times)
    assert found
    return found.state


def test_an_update_has_a_row_for_each_place_an_entry_and_a_promise(office: Office) -> None:
    incident = declared(office, metadata=SOURCE)
    subscribe(office, "BEN", "CHEN")
    write(office, incident, "It is slow", doing="Rolling back", minutes=60)
    base = "INC-1/update/1"
    assert planned(office) == {
        *(base, f"{base}/announced", f"{base}/source"),
        *(f"{base}/to/BEN", f"{base}/to/CHEN"),
    }
    assert "INC-1/card/update/1" in office.rows()
    assert office.facts(incident, EntryKind.UPDATE) == [("ANA", None, "1", "It is slow\nNow: Rolling back")]
    [update] = stored(office)
    assert update.due_at and (update.due_at - office.clock.now).total_seconds() == 3600


def test_a_redelivery_sends_nothing_twice(office: Office) -> None:
    incident = declared(office)
    for _ in range(2):
        office.updates.write(UpdateInput(incident.id, "It is slow"), by="ANA", key="view/V1")
        office.updates.correct(CorrectionInput(1, 1, "It was", "", "", ""), by="ANA", key="view/V2")
    assert [each.known for each in stored(office)] == ["It was"]
    assert len(office.entries(incident, EntryKind.UPDATE)) == 1


@pytest.mark.parametrize(
    ("filled", "error", "field"),
    [
        (UpdateInput(1, "x" * 10_000), TextTooLong, "known"),
        (UpdateInput(1, "x", doing="y" * 1001), TextTooLong, "doing"),
        (UpdateInput(1, "x", next="🔥" * 501), TextTooLong, "next"),
        (UpdateInput(1, ""), UpdateMissing, "known"),
        (UpdateInput(1, " \u200b\n"), UpdateMissing, "known"),
    ],
    ids=["10,000 characters", "too much doing", "too much next", "empty", "invisible"],
)
def test_an_update_that_cannot_be_read_is_refused_at_its_field(
    office: Office, filled: UpdateInput, error: type[Exception], field: str
) -> None:
    declared(office)
    with pytest.raises(error) as refused:
        office.updates.write(filled, by="ANA", key=next(keys))
    assert getattr(refused.value, "field", None) == field
    assert stored(office) == []


def test_of_two_who_write_at_once_the_second_sees_the_first_and_may_send_anyway(office: Office) -> None:
    incident = declared(office)
    write(office, incident, "Mine", by="ANA", seen=0)
    with pytest.raises(UpdatedMeanwhile) as refused:
        write(office, incident, "Mine, too", by="BEN", seen=0)
    assert refused.value.values == {"by": "ANA", "name": "Ana", "number": "1"}
    write(office, incident, "Mine, too", by="BEN", seen=1)
    assert [(each.number, each.by) for each in stored(office)] == [(1, "ANA"), (2, "BEN")]


@pytest.mark.parametrize("who", NOBODIES)
def test_nobody_else_may_write_or_subscribe(office: Office, who: str) -> None:
    incident = declared(office)
    for act in (partial(write, office, incident, by=who), partial(subscribe, office, who)):
        with pytest.raises(NotAllowed):
            act()


def test_when_the_promised_time_comes_there_is_one_nudge(office: Office) -> None:
    write(office, declared(office))
    office.perform_all()
    assert ring_after(office, 29) == set()
    assert ring_after(office, 2) == {"INC-1/update/1/nudge/1"}
    office.perform_all()
    assert ring_after(office, 600) == set()
    assert state_of(office, 1) is NudgeState.OPEN


def test_the_settings_say_when_the_next_update_is_due_and_what_the_form_proposes(office: Office) -> None:
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    office.set_up(SettingsGroup.UPDATES, update_high="120")
    incident = declared(office)
    assert office.updates.opening(incident.id, viewer="ANA").minutes == 120
    write(office, incident)
    office.perform_all()
    assert ring_after(office, 119) == set()
    assert ring_after(office, 2) == {"INC-1/update/1/nudge/1"}


def test_nobody_is_nudged_at_a_severity_that_the_settings_leave_out(office: Office) -> None:
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    office.set_up(SettingsGroup.UPDATES, nudged_at=("critical",))
    incident = declared(office)
    write(office, incident)
    office.perform_all()
    assert ring_after(office, 600) == set()
    assert stored(office)[-1].due_at, "the promise stays"
    office.manager.change_severity(incident.id, IncidentSeverity.CRITICAL, by="ANA", key=next(keys))
    write(office, incident)
    office.perform_all()
    assert ring_after(office, 16) == {"INC-1/update/2/nudge/1"}


def test_talk_is_not_an_update(office: Office) -> None:
    write(office, declared(office))
    office.perform_all()
    office.clock.move(minutes=29)
    office.recorder.record_message(PostedMessage("C1", "1772445000.000100", "ANA", None, "still slow"))
    assert ring_after(office, 2)


def test_the_next_update_ends_the_wait_for_it_and_promises_another(office: Office) -> None:
    incident = declared(office)
    write(office, incident)
    office.clock.move(minutes=20)
    write(office, incident)
    office.perform_all()
    assert ring_after(office, 15) == set()
    assert ring_after(office, 20) == {"INC-1/update/2/nudge/1"}


def test_no_change_answers_the_nudge_says_so_everywhere_and_promises_as_much(office: Office) -> None:
    incident = declared(office)
    subscribe(office, "BEN")
    write(office, incident, minutes=60)
    ring_after(office, 61)
    office.perform_all()
    office.updates.no_change(1, 1, by="CHEN", key=next(keys))
    update = stored(office)[-1]
    assert (update.is_unchanged, update.by) == (True, "CHEN")
    assert update.due_at and (update.due_at - office.clock.now).total_seconds() == 3600
    assert {"INC-1/update/2", "INC-1/update/2/announced", "INC-1/update/2/to/BEN"} <= planned(office)
    assert "INC-1/update/1/nudge/1/update/2" in planned(office), "the nudge shows it"
    assert state_of(office, 1) is NudgeState.ANSWERED
    office.updates.no_change(1, 1, by="CHEN", key=next(keys))
    with pytest.raises(UpdateSent):
        office.updates.no_change(1, 1, by="BEN", key=next(keys))
    assert len(stored(office)) == 2, "neither a double click nor somebody else sends another"


def test_snoozing_asks_again_later_once(office: Office) -> None:
    write(office, declared(office))
    ring_after(office, 31)
    office.perform_all()
    for _ in range(2):
        office.updates.snooze(1, 1, by="ANA", key=next(keys))
    assert state_of(office, 1) is NudgeState.SNOOZED
    office.perform_all()
    assert ring_after(office, 14) == set()
    assert ring_after(office, 2) == {"INC-1/update/1/nudge/2"}
    assert [state_of(office, 1, times) for times in (1, 2)] == [NudgeState.SNOOZED, NudgeState.OPEN]


def test_nobody_is_nudged_once_the_incident_is_resolved(office: Office) -> None:
    incident = declared(office)
    write(office, incident)
    office.step(incident, "resolved")
    office.perform_all()
    assert ring_after(office, 60) == set()


def test_a_nudge_is_withdrawn_when_the_incident_is_resolved(office: Office) -> None:
    incident = declared(office)
    write(office, incident)
    ring_after(office, 31)
    office.perform_all()
    office.step(incident, "resolved")
    assert any("/nudge/1/entry/" in key for key in planned(office))
    assert state_of(office, 1) is NudgeState.OVER
    for answer in (office.updates.no_change, office.updates.snooze):
        with pytest.raises(NoUpdateDue):
            answer(1, 1, by="ANA", key=next(keys))


def test_a_promise_whose_time_came_while_the_incident_was_over_is_renewed_when_it_is_reopened(
    office: Office,
) -> None:
    incident = declared(office)
    write(office, incident, minutes=30)
    office.step(incident, "resolved")
    assert ring_after(office, 60) == set()
    office.step(incident, "open", note="back")
    assert ring_after(office, 29) == set()
    assert ring_after(office, 1) == {"INC-1/update/1/nudge/1"}
    office.perform_all()
    office.step(incident, "resolved")
    office.step(incident, "open", note="back")
    office.perform_all()
    assert ring_after(office, 60) == set(), "once"


def test_an_invented_number_is_an_outdated_button(office: Office) -> None:
    write(office, declared(office))
    for act in (office.updates.no_change, office.updates.snooze):
        with pytest.raises(OutdatedButton):
            act(1, 7, by="ANA", key=next(keys))
    with pytest.raises(OutdatedButton):
        correct(office, "x", number=7)


@pytest.mark.parametrize(
    ("severity", "at_once"), [(IncidentSeverity.HIGH, True), (IncidentSeverity.MEDIUM, False)]
)
def test_low_severities_wait_for_the_commanders_working_hours(
    office: Office, severity: IncidentSeverity, at_once: bool
) -> None:
    office.clock.now = datetime(2026, 3, 2, 20, tzinfo=UTC)
    incident = declared(office, severity=severity)
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    write(office, incident, minutes=15)
    office.perform_all()
    assert bool(ring_after(office, 16)) is at_once
    office.perform_all()
    office.clock.now = datetime(2026, 3, 3, 8, 0, 1, tzinfo=UTC)
    assert bool(ring_after(office, 0)) is not at_once, "at nine in Berlin"


def test_what_waits_for_the_morning_is_asked_at_once_if_it_gets_worse(office: Office) -> None:
    office.clock.now = datetime(2026, 3, 2, 20, tzinfo=UTC)
    incident = declared(office, severity=IncidentSeverity.MEDIUM)
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    write(office, incident, minutes=30)
    assert not ring_after(office, 31)
    office.manager.rename(1, "Still slow", by="ANA", key=next(keys))
    assert not ring_after(office, 60)
    office.manager.change_severity(1, IncidentSeverity.CRITICAL, by="ANA", key=next(keys))
    assert ring_after(office, 0)
    assert [each.nudges for each in stored(office)] == [1]


def test_a_new_commander_who_is_at_work_is_asked_at_once(office: Office) -> None:
    office.clock.now = datetime(2026, 3, 2, 20, tzinfo=UTC)
    incident = declared(office, severity=IncidentSeverity.LOW)
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    write(office, incident, minutes=30)
    assert not ring_after(office, 31)
    there = Person("CHEN", "Chen", "America/Los_Angeles", changed_at=9)
    office.database.run(partial(people.save, known=[there], now=office.clock.now))
    office.manager.assign_commander(1, "CHEN", by="BEN", key=next(keys))
    assert ring_after(office, 0)


def test_a_snooze_outlasts_a_new_severity(office: Office) -> None:
    incident = declared(office)
    write(office, incident, minutes=15)
    assert ring_after(office, 16)
    office.perform_all()
    office.updates.snooze(1, 1, by="ANA", key=next(keys))
    office.manager.change_severity(1, IncidentSeverity.CRITICAL, by="ANA", key=next(keys))
    office.perform_all()
    assert not ring_after(office, 14)
    assert ring_after(office, 1)


def test_without_a_commander_who_can_act_the_author_is_asked(office: Office) -> None:
    incident = declared(office)
    write(office, incident, by="CHEN")

    def asked() -> str | None:
        found = UpdateReads(office.database, office.clock).nudged(1, 1, 1)
        return found.person if found else None

    assert asked() == "CHEN"
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    assert asked() == "BEN"
    leave(office, "BEN", "CHEN")
    assert asked() == "ANA"


def leave(office: Office, *user_ids: str) -> None:
    """Have Slack report that their accounts were deactivated."""
    gone = [Person(each, each, is_deleted=True, changed_at=9) for each in user_ids]
    office.database.run(partial(people.save, known=gone, now=office.clock.now))


def test_the_author_and_the_commander_can_correct_an_update_everywhere(office: Office) -> None:
    incident = declared(office, metadata=SOURCE)
    subscribe(office, "BEN", "CHEN")
    write(office, incident, "It is slow")
    office.perform_all()
    was_sent = partial(messages.save, key=told_key(1, 1, "CHEN"), channel_id="D1", ts="1.0")
    office.database.run(was_sent)
    office.updates.unsubscribe(1, by="CHEN", key=next(keys))
    with pytest.raises(NotYourUpdate):
        correct(office, "Theirs", by="BEN")
    first = correct(office, "It is down", by="ANA")
    office.manager.assign_commander(1, "BEN", by="ANA", key=next(keys))
    assert first.corrected_at
    correct(office, "It was down", by="BEN", was=first.corrected_at.isoformat())
    assert [(each.known, each.corrected_by) for each in stored(office)] == [("It was down", "BEN")]
    assert office.facts(incident, EntryKind.UPDATE) == [("ANA", None, "1", "It was down")]
    edits = {key.rpartition("/request")[0] for key in planned(office) if "/request" in key}
    base = "INC-1/update/1"
    assert edits >= {base, f"{base}/announced", f"{base}/source", f"{base}/to/BEN", f"{base}/to/CHEN"}


def test_a_correction_that_somebody_else_has_overtaken_or_that_changes_nothing_is_refused(
    office: Office,
) -> None:
    write(office, declared(office), "It is slow")
    with pytest.raises(NothingToChange):
        correct(office, "It is slow")
    correct(office, "It is down")
    with pytest.raises(UpdateCorrected):
        correct(office, "It is gone")


def test_no_change_has_no_text_to_correct(office: Office) -> None:
    write(office, declared(office))
    office.updates.no_change(1, 1, by="ANA", key=next(keys))
    with pytest.raises(OutdatedButton):
        office.updates.correctable(1, 2, viewer="ANA")


def test_subscribers_hear_of_each_status_but_not_of_what_they_did_themselves(office: Office) -> None:
    incident = declared(office)
    subscribe(office, "BEN", "CHEN", "BEN")
    office.step(incident, "investigating", by="BEN")
    assert {key.rpartition("/")[2] for key in planned(office, about="INC-1/entry") if "/to/" in key} == {
        "CHEN"
    }
    office.manager.change_severity(1, IncidentSeverity.LOW, by="BEN", key=next(keys))
    assert len([key for key in office.rows() if "/entry/" in key and "/to/" in key]) == 1


def test_a_subscriber_who_left_or_became_a_guest_gets_nothing_more(office: Office) -> None:
    incident = declared(office)
    subscribe(office, "BEN", "CHEN")
    write(office, incident)
    leave(office, "BEN")
    office.database.run(
        partial(people.save, known=[Person("CHEN", "C", is_guest=True, changed_at=9)], now=office.clock.now)
    )
    reads = UpdateReads(office.database, office.clock)
    assert not any(reads.may_be_told(1, each) for each in ("BEN", "CHEN")), "not even what was on its way"
    write(office, incident)
    assert not [key for key in office.rows() if key.startswith("INC-1/update/2/to/")]


def test_a_redelivered_click_does_not_undo_a_later_one(office: Office) -> None:
    declared(office)
    for _ in range(2):
        office.updates.subscribe(1, by="BEN", key="click/1")
        office.updates.unsubscribe(1, by="BEN", key="click/2")
        assert office.database.run(partial(subscriptions.of_incident, incident_id=1)) == []


def test_an_answer_says_whether_somebody_is_subscribed(office: Office) -> None:
    declared(office)
    for is_subscribed in (False, True, False):
        shown = office.answers.load(Subscription(1), "BEN")
        assert getattr(shown, "is_subscribed", None) is is_subscribed
        change = office.updates.unsubscribe if is_subscribed else office.updates.subscribe
        change(1, by="BEN", key=next(keys))


def test_a_private_incident_has_subscribers_and_readers_only_among_its_members(office: Office) -> None:
    incident = declared(office, is_private=True)
    with pytest.raises(UnknownRef):
        subscribe(office, "BEN")
    with pytest.raises(UnknownRef):
        write(office, incident, by="BEN")
    subscribe(office, "ANA")
    office.manager.assign_commander(1, "CHEN", by="ANA", key=next(keys))
    office.perform_all()
    write(office, incident, by="CHEN")
    assert planned(office) == {"INC-1/update/1", "INC-1/update/1/to/ANA"}


def test_an_incident_that_becomes_private_loses_its_public_updates_and_outside_subscribers(
    office: Office,
) -> None:
    incident = declared(office, metadata=SOURCE)
    subscribe(office, "ANA", "BEN")
    write(office, incident, by="CHEN")
    write(office, incident, by="CHEN")
    office.perform_all()
    office.privacy.converted("C1", is_private=True, by="ANA", ts="1900000000.000100")
    removed = {key.partition("/entry")[0] for key in planned(office)}
    assert removed == {f"INC-1/update/{n}/{place}" for n in (1, 2) for place in ("announced", "source")}
    PrivacyReads(office.database, office.clock).drop_subscribers(1)
    assert office.database.run(partial(subscriptions.of_incident, incident_id=1)) == ["ANA"]
    write(office, incident)
    assert "INC-1/update/3/announced" not in office.rows()


def test_an_erased_author_leaves_an_update_without_words_and_no_subscription(office: Office) -> None:
    incident = declared(office)
    write(office, incident, "I broke it", by="BEN", minutes=15)
    subscribe(office, "BEN")
    office.perform_all()
    erasure = Erasure(office.database, office.clock)
    assert erasure.erase(erasure.find("BEN").subject) == 0
    [update] = stored(office)
    assert (update.known, update.by) == ("(erased)", "erased")
    assert office.database.run(partial(subscriptions.of_incident, incident_id=1)) == []
    assert ring_after(office, 16), "the promise is kept"
