"""During a deploy a newer release writes what this one doesn't know: it is left out, or shown plainly.

A column of words either takes any word, or a release with a new word can't run next to the one before.
"""

from __future__ import annotations

import json
from datetime import date
from functools import partial

from sqlalchemy import String, insert, text, update

from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.people import SYSTEM
from bot.domain.kit.references import Names
from bot.domain.postmortems.model import Section
from bot.domain.settings import ReminderSettings
from bot.views.incidents.entries import entry_line
from storage import postmortems, settings, timeline, timeline_reads, workspace
from storage.database import Database
from storage.tables import metadata, names, outbox, postmortem_revisions, timeline_entries
from tests.support.examples import NOW, postmortem
from tests.support.rows import add, an_incident, claim, row, states

TOLERANT = {
    "timeline_entries.kind",
    "outbox.kind",
    "outbox.queue",
    "postmortem_revisions.section",
    "names.kind",
}
"""Columns of words to which a newer release may add its own; each has a test here."""
FIXED = {
    *("incidents.severity", "incidents.status", "action_items.status", "action_items.priority"),
    *("five_whys_analyses.status", "meetings.status", "time_blocks.status", "outbox.state"),
}
"""Columns whose words decide what may happen next: nobody can act on one that they don't know."""
NAMES = Names(lambda _kind, target: target)
WORDS = {"kind", "status", "severity", "priority", "section", "state", "queue"}


def entry(database: Database, incident_id: int) -> TimelineEntry:
    """An entry of a kind that only a newer release knows."""
    added = TimelineEntry(0, incident_id, EntryKind.UPDATE, NOW, "U0ANA", text="What they <did>")
    made = database.run(partial(timeline.add, entry=added))
    newer = (
        update(timeline_entries)
        .where(timeline_entries.c.id == made.id)
        .values(kind="newer", channel_id="C1", ts="1.2")
    )
    database.run(lambda tx: tx.execute(newer))
    return made


def test_every_column_of_words_takes_those_of_a_newer_release_or_says_that_it_cannot() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in WORDS and isinstance(column.type, String)
    }
    assert found == TOLERANT | FIXED


def test_a_timeline_with_an_entry_of_a_newer_kind_is_read_wherever_it_is(database: Database) -> None:
    number = an_incident(database)
    made = entry(database, number)
    everything = partial(timeline_reads.find, incident_id=number, everything=True)
    [found] = database.run(everything)
    assert found.kind is EntryKind.OTHER
    assert database.run(partial(timeline_reads.get, entry_id=made.id)) == found
    assert database.run(partial(timeline_reads.at, channel_id="C1", ts="1.2")) == found
    assert database.run(partial(timeline_reads.find, incident_id=number, everything=False)) == []
    assert database.run(partial(timeline_reads.count, incident_id=number, everything=False)) == 0
    known = database.run(partial(timeline_reads.known_messages, channel_id="C1", ts=["1.2"]))
    assert known["1.2"].kind is EntryKind.OTHER


def test_an_entry_of_a_newer_kind_is_shown_by_its_text(database: Database) -> None:
    entry(database, number := an_incident(database))
    [found] = database.run(partial(timeline_reads.find, incident_id=number, everything=True))
    assert "<@U0ANA> changed something: What they &lt;did&gt;" in entry_line(found, "", NAMES)
    assert entry_words(found, NAMES) == "U0ANA changed something: What they <did>"


def test_an_effect_or_queue_of_a_newer_release_waits_for_it(database: Database) -> None:
    add(database, row("newer kind"), row("newer queue"), row("known"))
    for key, values in {"newer kind": {"kind": "Newer"}, "newer queue": {"queue": "newer"}}.items():
        changed = update(outbox).where(outbox.c.key == key).values(**values)
        database.run(lambda tx, changed=changed: tx.execute(changed))  # type: ignore[misc]
    assert set(claim(database)) == {"known"}
    assert states(database) == {"newer kind": "waiting", "newer queue": "waiting", "known": "running"}


def test_a_revision_of_a_section_that_only_a_newer_release_has_is_listed(database: Database) -> None:
    number = an_incident(database)
    made = database.run(partial(postmortems.add, postmortem=postmortem(incident_id=number)))
    database.run(partial(postmortems.add_revision, postmortem=made, by="U0ANA", section=Section.SUMMARY))
    newer = update(postmortem_revisions).values(section="newer")
    database.run(lambda tx: tx.execute(newer))
    [found] = database.run(partial(postmortems.revisions, postmortem_id=made.id))
    assert found.section is None
    assert database.run(partial(postmortems.of_incident, incident_id=number, viewer=SYSTEM))


def test_a_name_of_a_newer_kind_is_left_alone(database: Database) -> None:
    values = {"kind": "newer", "id": "X1", "name": "x", "known_at": NOW}
    database.run(lambda tx: tx.execute(insert(names).values(**values)))
    assert database.run(lambda tx: tx.execute(text("SELECT kind FROM names")).scalars().all()) == ["newer"]


def test_saving_the_settings_keeps_what_only_a_newer_release_knows(database: Database) -> None:
    newer = {"hour": 7, "days_off": ["2026-12-24"], "pages": {"after": 5}, "escalations": ["one"]}
    database.run(partial(workspace.save, key="settings", value=json.dumps(newer)))
    database.run(partial(settings.save, settings=ReminderSettings(hour=8, days_off=(date(2026, 12, 31),))))
    kept = json.loads(database.run(partial(workspace.get, key="settings")) or "")
    assert kept["hour"] == 8
    assert kept["days_off"] == ["2026-12-31"]
    assert (kept["pages"], kept["escalations"]) == ({"after": 5}, ["one"])
    assert database.run(settings.get).hour == 8
