"""Values come back as they were stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import StatementError

from bot.domain.incidents.model import (
    ACTIVE,
    Incident,
    IncidentQuery,
    IncidentSeverity,
    IncidentStatus,
    NewIncident,
    declared,
)
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.people import SYSTEM, Person
from bot.domain.kit.text import storable
from storage import handled_requests, incidents, messages, people, workspace
from storage.database import Database
from storage.tables import inbound as inbound_table
from storage.tables import source_messages
from tests.support.examples import HOSTILE, NOW, any_text, incident
from tests.support.rows import an_incident

one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1), timezones=zones)  # noqa: DTZ001 - zones are drawn
kept_text = any_text.map(storable)


@one_database
@given(times)
def test_times_come_back_in_utc_to_the_microsecond(database: Database, time: datetime) -> None:
    def there_and_back(tx: Connection) -> datetime:
        tx.execute(delete(inbound_table))
        tx.execute(insert(inbound_table).values(key="key", received_at=time))
        found: datetime = tx.execute(select(inbound_table.c.received_at)).scalar_one()
        return found

    found = database.run(there_and_back)
    assert found == time
    assert found.tzinfo is UTC


def test_a_time_without_a_time_zone_is_refused(database: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"):
        database.run(lambda tx: handled_requests.first_time(tx, "key", naive))


@one_database
@given(
    st.builds(
        NewIncident,
        title=kept_text.map(lambda text: text[:200]),
        severity=st.sampled_from(IncidentSeverity),
        status=st.sampled_from(IncidentStatus),
        project_id=st.none() | kept_text.map(lambda text: text[:75]),
        description=st.none() | kept_text,
        declared_at=st.none() | times,
        metadata=st.dictionaries(st.text(max_size=5), st.none() | any_text, max_size=3),
    )
)
def test_an_incident_comes_back_as_it_was_declared(database: Database, new: NewIncident) -> None:
    number = database.run(lambda tx: incidents.add(tx, declared(new, "U0ANA", NOW))).id
    found = database.run(lambda tx: incidents.get(tx, number, SYSTEM))
    assert found
    assert found.declared_at == (new.declared_at or NOW)
    assert found.created_at == found.updated_at == NOW
    assert (
        NewIncident(
            found.title,
            found.severity,
            found.status,
            found.project_id,
            found.description,
            new.declared_at,
            found.metadata,
        )
        == new
    )


def test_incidents_are_numbered_from_one_and_numbers_are_never_used_twice(database: Database) -> None:
    def declare(tx: Connection, *, fails: bool = False) -> int:
        made = incidents.add(tx, declared(NewIncident("x", IncidentSeverity.LOW), "U0ANA", NOW))
        if fails:
            raise LookupError
        return made.id

    assert [database.run(declare) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(LookupError):
        database.run(lambda tx: declare(tx, fails=True))
    assert database.run(declare) > 3


def test_a_missing_incident_is_none(database: Database) -> None:
    assert database.run(lambda tx: incidents.get(tx, 10**9, SYSTEM)) is None
    assert database.run(lambda tx: incidents.by_channel(tx, "C0", SYSTEM)) is None


def test_a_change_shows_in_the_incident_and_is_found_by_channel(database: Database) -> None:
    number = an_incident(database)
    later = NOW + timedelta(minutes=1)

    def change(tx: Connection) -> Incident | None:
        found = incidents.get(tx, number, SYSTEM, lock=True)
        assert found
        resolved = replace(found, channel_id="C1", status=IncidentStatus.RESOLVED, updated_at=later)
        incidents.save(tx, resolved)
        return incidents.get(tx, number, SYSTEM)

    changed = database.run(change)
    assert changed
    assert (changed.channel_id, changed.status, changed.updated_at) == ("C1", IncidentStatus.RESOLVED, later)
    assert database.run(lambda tx: incidents.by_channel(tx, "C1", SYSTEM)) == changed


def filled(database: Database) -> None:
    for title, severity, status, project in (
        ("a", "high", "open", "Checkout"),
        ("b", "low", "investigating", "Überweisung"),
        ("c", "high", "resolved", "checkout"),
        ("d", "critical", "closed", None),
        ("e", "high", "open", "50%_off"),
        ("f", "low", "open", "Checkout"),
    ):
        new = NewIncident(title, IncidentSeverity(severity), IncidentStatus(status), project)
        database.run(partial(incidents.add, incident=declared(new, "U0ANA", NOW)))


QUERIES = (
    (IncidentQuery(), "fedcba"),
    (IncidentQuery(statuses=ACTIVE), "feba"),
    (IncidentQuery(status=IncidentStatus.OPEN), "fea"),
    (IncidentQuery(severity=IncidentSeverity.HIGH), "eca"),
    (IncidentQuery(project_id="Checkout"), "fa"),
    (IncidentQuery(project_id="Checkout", severity=IncidentSeverity.LOW), "f"),
    (IncidentQuery(statuses=ACTIVE, severity=IncidentSeverity.CRITICAL), ""),
    (IncidentQuery(limit=2), "fe"),
    (IncidentQuery(limit=2, offset=4), "ba"),
    (IncidentQuery(offset=6), ""),
)


def test_queries_find_what_matches_newest_first(database: Database) -> None:
    filled(database)
    for query, titles in QUERIES:
        found = database.run(partial(incidents.find, viewer=SYSTEM, query=query))
        assert "".join(each.title for each in found) == titles, query


def test_a_query_counts_all_that_match_whatever_its_limit(database: Database) -> None:
    filled(database)
    for query, _ in QUERIES:
        everything = database.run(
            partial(incidents.find, viewer=SYSTEM, query=replace(query, limit=100, offset=0))
        )
        assert database.run(partial(incidents.count, query=query, viewer=SYSTEM)) == len(everything), query


SUGGESTIONS: tuple[tuple[str, list[str]], ...] = (
    ("", ["Checkout", "50%_off", "checkout", "Überweisung"]),
    ("CHECK", ["Checkout", "checkout"]),
    ("Über", ["Überweisung"]),
    ("weis", ["Überweisung"]),
    ("%", ["50%_off"]),
    ("_", ["50%_off"]),
    ("'; DROP TABLE incidents; --", []),
)


def test_projects_are_suggested_by_any_part_most_recent_first(database: Database) -> None:
    filled(database)
    for typed, names in SUGGESTIONS:
        assert database.run(partial(incidents.projects, viewer=SYSTEM, like=typed, limit=20)) == names
        assert database.run(partial(incidents.projects, viewer=SYSTEM, like=typed, limit=1)) == names[:1]


def test_people_come_back_as_slack_last_described_them(database: Database) -> None:
    first = [
        Person(f"U{number}", storable(text), "Europe/Berlin", is_guest=True)
        for number, text in enumerate(HOSTILE)
    ]
    database.run(lambda tx: people.save(tx, first, NOW))
    assert [database.run(partial(people.get, user_id=each.id)) for each in first] == first
    now = Person("U1", "Ben", None, is_deleted=True)
    database.run(lambda tx: people.save(tx, [now], NOW))
    assert database.run(lambda tx: people.get(tx, "U1")) == now
    assert database.run(lambda tx: people.get(tx, "U999")) is None


def test_a_request_is_new_once(database: Database) -> None:
    assert database.run(lambda tx: handled_requests.first_time(tx, "view/V1", NOW))
    assert not database.run(lambda tx: handled_requests.first_time(tx, "view/V1", NOW))
    assert database.run(lambda tx: handled_requests.first_time(tx, "view/V2", NOW))
    assert database.run(lambda tx: handled_requests.result_of(tx, "view/V1")) is None


def test_a_very_long_key_is_still_one_key(database: Database) -> None:
    key = "command/" + "x" * 1000
    made = incident(id=an_incident(database))
    assert database.run(lambda tx: handled_requests.first_time(tx, key, NOW))
    database.run(lambda tx: handled_requests.led_to(tx, key, made))
    assert not database.run(lambda tx: handled_requests.first_time(tx, key, NOW))
    assert database.run(lambda tx: handled_requests.result_of(tx, key)) == made.id


def test_a_request_that_fails_is_new_again(database: Database) -> None:
    def fails(tx: Connection) -> None:
        assert handled_requests.first_time(tx, "key", NOW)
        raise LookupError

    with pytest.raises(LookupError):
        database.run(fails)
    assert database.run(lambda tx: handled_requests.first_time(tx, "key", NOW))


def test_the_bots_messages_are_found_by_key_until_they_are_gone(database: Database) -> None:
    assert database.run(lambda tx: messages.where(tx, "INC-1/card")) is None
    database.run(lambda tx: messages.save(tx, "INC-1/card", "C1", "1.0"))
    database.run(lambda tx: messages.save(tx, "INC-1/card", "C1", "2.0"))
    assert database.run(lambda tx: messages.where(tx, "INC-1/card")) == ("C1", "2.0")
    database.run(lambda tx: messages.forget(tx, "INC-1/card"))
    assert database.run(lambda tx: messages.where(tx, "INC-1/card")) is None


def test_only_the_location_of_an_incidents_source_message_is_stored(
    database: Database,
) -> None:
    first = PostedMessage("C1", "1.0", "U1", None, "it is <https://x|down>", thread_ts="0.5")
    database.run(lambda tx: messages.keep_source(tx, first))
    database.run(lambda tx: messages.keep_source(tx, replace(first, text="never mind")))
    place = PostedMessage("C1", "1.0", None, None, "", thread_ts="0.5")
    assert database.run(lambda tx: messages.get_source(tx, "C1", "1.0")) == place
    stored = database.run(lambda tx: tx.execute(select(source_messages)).mappings().all())
    assert "down" not in str(stored)
    assert "U1" not in str(stored)
    assert database.run(lambda tx: messages.get_source(tx, "C1", "2.0")) is None


def test_facts_about_the_workspace_are_replaced(database: Database) -> None:
    assert database.run(lambda tx: workspace.get(tx, workspace.TEAM_URL)) is None
    for url in ("https://a.example/", "https://b.example/"):
        database.run(partial(workspace.save, key=workspace.TEAM_URL, value=url))
    assert database.run(lambda tx: workspace.get(tx, workspace.TEAM_URL)) == "https://b.example/"


def test_the_names_of_announcement_channels_have_keys_of_their_own() -> None:
    assert workspace.announcements_key("a") != workspace.announcements_key("b")
    assert len(workspace.announcements_key("x" * 80)) <= 64
