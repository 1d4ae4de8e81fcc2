"""Erases people: their names and their own words go, and what happened stays."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Table

from bot.domain.incidents.notices import Notice, telling
from bot.domain.incidents.planned import after_erasure
from bot.domain.kit.erasure import Subject
from bot.domain.kit.errors import UnknownPerson
from bot.domain.kit.people import ERASED, SYSTEM, Person
from bot.operations.kit.access import existing_incident
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import erasing, people, personal, roles
from storage.personal import Key

LOOKED_AT_TOGETHER = 500
"""Rows that are read at once, without making anybody wait."""
ERASED_TOGETHER = 20
"""Rows per transaction: on SQLite, acks wait for it."""
_PASSES = 3
"""A pass that finds nothing is the last; another one finds what was written during the one before."""
_ID = re.compile(r"[A-Z0-9]{2,32}")


@dataclass(frozen=True, slots=True)
class Found:
    """Who is about to be erased, and in how many incidents they have something unfinished to do."""

    subject: Subject
    has_roles_in: tuple[int, ...]


class Erasure(Operations):
    """Erases a person in short transactions, while the bot runs; after a kill, the next call finishes it."""

    @reading
    def find(self, tx: Tx, who: str) -> Found:
        """The person with this id or e-mail address; raises ``UnknownPerson``."""
        subject = subject_of(tx, who)
        return Found(subject, tuple(roles.incidents_of(tx.connection, subject.id)))

    def erase(self, subject: Subject) -> int:
        """Erase the person; returns how many running effects still name them, and 0 if it is done."""
        incidents = self._begin(subject)
        for incident_id in incidents:
            self._hand_over(subject, incident_id)
        for _ in range(_PASSES):
            left = sum(self._pass_through(subject, table) for table in personal.searched())
            if not left:
                self._finish(subject)
                break
        return left

    def _pass_through(self, subject: Subject, table: Table) -> int:
        """Erase the person from a table; returns how many rows named them."""
        after: Key | None = ()
        count = 0
        while after is not None:
            keys, after = self._look(subject, table, after)
            count += len(keys)
            for start in range(0, len(keys), ERASED_TOGETHER):
                self._erase(subject, table, keys[start : start + ERASED_TOGETHER])
        return count

    @transaction
    def _begin(self, tx: Tx, subject: Subject) -> list[int]:
        """Stop storing anything new about the person; returns the incidents in which they have a role."""
        if people.get(tx.connection, subject.id) is None:
            nobody = Person(subject.id, subject.id, is_deleted=True)
            people.save(tx.connection, [nobody], tx.now)
        erasing.begin(tx.connection, subject, tx.now)
        return roles.incidents_of(tx.connection, subject.id)

    @transaction
    def _hand_over(self, tx: Tx, subject: Subject, incident_id: int) -> None:
        """Take the person's roles in an incident away, show that, and ask its channel who takes over."""
        for table, keys in erasing.rows_of_incident(tx.connection, incident_id):
            erasing.erase(tx.connection, subject, table, keys)
        incident, cause = existing_incident(tx, incident_id, SYSTEM), f"erasure/{tx.now.timestamp()}"
        enqueue(tx, [telling(incident_id, Notice.VACANT, ERASED, cause), *after_erasure(incident, cause)])

    @reading
    def _look(self, tx: Tx, subject: Subject, table: Table, after: Key) -> tuple[list[Key], Key | None]:
        """The keys of the next rows that name the person, and where to continue; ``None`` at the end."""
        rows = personal.page(tx.connection, table, after, LOOKED_AT_TOGETHER)
        keys = [personal.key_of(table, row) for row in personal.naming(subject, table, rows)]
        return keys, personal.key_of(table, rows[-1]) if len(rows) == LOOKED_AT_TOGETHER else None

    @transaction
    def _erase(self, tx: Tx, subject: Subject, table: Table, keys: list[Key]) -> None:
        erasing.erase(tx.connection, subject, table, keys)

    @transaction
    def _finish(self, tx: Tx, subject: Subject) -> None:
        erasing.finish(tx.connection, subject, tx.now)


def subject_of(tx: Tx, who: str) -> Subject:
    """The person with this id or e-mail address; raises ``UnknownPerson``."""
    user_id = people.id_of(tx.connection, who) if "@" in who else who.strip()
    person = people.get(tx.connection, user_id) if user_id else None
    if person and not person.is_bot:
        return Subject(person.id, person.name, person.email)
    if person or not user_id or not _ID.fullmatch(user_id):
        raise UnknownPerson(who=who)
    return Subject(user_id)
