"""A missing commander is asked for once, five minutes after a severe incident has begun without one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.incidents.notices import Notice
from bot.domain.outbox.effects import TellNotice
from bot.domain.outbox.rows import MessagePosted
from bot.domain.settings import SettingsGroup
from storage.database import Database
from tests.support.office import Office, keys, open_office
from tests.support.rows import effects, purge

KEY = "INC-1/notice/no_commander"
CRITICAL, HIGH, MEDIUM, LOW = IncidentSeverity


def asked(office: Office) -> list[int]:
    """The incidents in which a commander has been asked for so far, each as often as it was."""
    office.ring()
    found = [each for each in effects(office.database) if isinstance(each, TellNotice)]
    return [each.incident_id for each in found if each.notice == Notice.NO_COMMANDER.value]


def lead(office: Office, incident: Incident, who: str = "BEN") -> None:
    office.manager.assign_commander(incident.id, who, by=who, key=next(keys))


def change(office: Office, incident: Incident, severity: IncidentSeverity) -> None:
    office.manager.change_severity(incident.id, severity, by="ANA", key=next(keys))


@pytest.mark.parametrize(
    ("severity", "is_asked"), [(CRITICAL, True), (HIGH, True), (MEDIUM, False), (LOW, False)]
)
def test_it_is_asked_for_after_five_minutes_and_only_once(
    office: Office, severity: IncidentSeverity, is_asked: bool
) -> None:
    office.declare(severity=severity)
    office.clock.move(minutes=4, seconds=59)
    assert asked(office) == []
    office.clock.move(seconds=1)
    assert asked(office) == [1] * is_asked
    for _ in range(3):
        office.clock.move(hours=1)
        assert asked(office) == [1] * is_asked


@pytest.mark.parametrize(("chosen", "minutes"), [("2", 2), ("30", 30), ("0", None)])
def test_the_settings_say_when(office: Office, chosen: str, minutes: int | None) -> None:
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    office.set_up(SettingsGroup.UPDATES, commander_after=chosen)
    incident = office.declare(severity=HIGH)
    office.clock.move(minutes=(minutes or 600) - 1)
    assert asked(office) == []
    change(office, incident, CRITICAL)
    office.clock.move(minutes=minutes or 600)
    assert asked(office) == ([1] if minutes else [])


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda office, incident: office.step(incident, "resolved"),
        lead,
        lambda office, incident: change(office, incident, MEDIUM),
    ],
    ids=["resolved", "led", "less severe"],
)
def test_nobody_is_asked_if_there_is_no_need_by_then(
    office: Office, meanwhile: Callable[[Office, Incident], object]
) -> None:
    incident = office.declare()
    office.clock.move(minutes=4)
    meanwhile(office, incident)
    office.clock.move(minutes=30)
    assert asked(office) == []


def test_other_changes_do_not_put_it_off(office: Office) -> None:
    incident = office.declare()
    office.clock.move(minutes=4)
    office.step(incident, "investigating")
    change(office, incident, CRITICAL)
    office.manager.rename(incident.id, "Cache", by="ANA", key=next(keys))
    office.roles.take(incident.id, "scribe", by="BEN", key=next(keys))
    office.clock.move(minutes=1)
    assert asked(office) == [1]


def test_it_counts_from_when_the_need_began(office: Office) -> None:
    incident = office.declare(severity=LOW)
    office.clock.move(hours=1)
    change(office, incident, HIGH)
    office.clock.move(minutes=4)
    assert asked(office) == []
    lead(office, incident)
    office.clock.move(minutes=10)
    office.roles.give_up(incident.id, "commander", by="BEN", key=next(keys))
    office.clock.move(minutes=4)
    assert asked(office) == []
    office.clock.move(minutes=1)
    assert asked(office) == [1]


def test_a_reopened_incident_is_asked_about_if_it_was_not_before(office: Office) -> None:
    incident = office.declare()
    office.step(incident, "resolved")
    office.clock.move(hours=1)
    office.step(incident, "open", note="back")
    office.clock.move(minutes=5)
    assert asked(office) == [1]


def test_what_was_asked_is_not_asked_again_even_after_its_row_was_purged(office: Office) -> None:
    incident = office.declare()
    office.clock.move(minutes=5)
    assert asked(office) == [1]
    row = office.perform_until(KEY)
    office.outbox.finish(row, MessagePosted(KEY, "C1", "1700000009.000100"))
    office.clock.move(days=30)
    purge(office.database, office.clock())
    assert KEY not in office.rows()
    lead(office, incident)
    office.roles.give_up(incident.id, "commander", by="BEN", key=next(keys))
    office.clock.move(minutes=5)
    assert asked(office) == []


def test_it_is_asked_for_later_if_it_had_become_needless_before_it_was_asked(office: Office) -> None:
    incident = office.declare()
    office.clock.move(minutes=5)
    assert asked(office) == [1]
    lead(office, incident)
    assert KEY in set().union(*office.perform_all()), "nothing was posted: somebody leads it"
    office.roles.give_up(incident.id, "commander", by="BEN", key=next(keys))
    office.clock.move(minutes=5)
    assert asked(office) == [1, 1]
    later = office.perform_until(f"{KEY}/{office.clock().timestamp()}")
    office.outbox.finish(later, MessagePosted(KEY, "C1", "1700000009.000100"))
    lead(office, incident)
    office.roles.give_up(incident.id, "commander", by="BEN", key=next(keys))
    office.clock.move(minutes=5)
    assert asked(office) == [1, 1], "it was asked"


def test_after_a_restart_and_with_two_replicas_it_is_asked_for_once(
    office: Office, database: Database
) -> None:
    for _ in range(3):
        office.declare()
    restarted, other = open_office(database), open_office(database)
    for each in (restarted, other):
        each.clock.now = office.clock.now
        each.clock.move(minutes=5)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: each.ring(), (restarted, other) * 3))
    assert sorted(asked(restarted)) == [1, 2, 3]
