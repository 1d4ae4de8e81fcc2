"""Keeps the workspace's people in the database, so that the gate needs no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any

from bot.domain.kit.errors import CannotCheck
from bot.domain.kit.people import Person, person_from_slack
from bot.operations.action_items.reminders import replan_everything_of
from bot.operations.consequences import people as consequences_people
from bot.operations.kit.gate import require_member
from bot.operations.kit.transaction import Clock, Operations, Tx, reading, transaction
from storage import people, workspace
from storage.database import Database

LookUp = Callable[[str], Mapping[str, Any] | None]
"""Asks Slack for one user, within a second; ``None`` if there is no such user.

Raises ``CannotCheck`` if Slack doesn't answer.
"""


_SEEN_FOR = 600.0
"""For how many seconds somebody found in the database counts as stored: a command may erase them."""


class People(Operations):
    """Who is who: loaded at start, kept up to date by events, and looked up in Slack for anybody unknown."""

    def __init__(self, database: Database, clock: Clock, look_up: LookUp) -> None:
        super().__init__(database, clock)
        self._look_up = look_up
        self._known: dict[str, float] = {}
        """People whom this process has seen stored, and when. Nobody is ever deleted, but may be erased."""
        self._asked_for: set[str] = set()

    def ensure_known(self, user_id: str) -> None:
        """Make sure that the gate knows the person; raises ``CannotCheck``.

        For somebody new this asks Slack: the only network call before an ack, made outside any transaction.
        Somebody who was erased and acts again is as good as new.
        """
        if self._is_known(user_id):
            return
        person = self.get(user_id)
        if person is None or person.is_erased:
            user = self._look_up(user_id)
            if user is None or (person and user.get("deleted")):
                return
            if person:
                self._come_back(user_id)
            self.save([user])
        self._known[user_id] = monotonic()

    def ensure_all_known(self, user_ids: Iterable[str]) -> None:
        """Like :meth:`ensure_known` for several people, but Slack is asked about only one before this ack.

        Raises ``CannotCheck`` if more of them are unknown: the next try gets further.
        """
        unknown = [
            each for each in dict.fromkeys(user_ids) if not self._is_known(each) and not self.get(each)
        ]
        for user_id in unknown[:1]:
            self.ensure_known(user_id)
        if unknown[1:]:
            raise CannotCheck

    def learn(self, user_id: str) -> None:
        """Like :meth:`ensure_known`, but asks Slack only once, and continues without an answer.

        Somebody who was erased stays so: this is about authors, even of messages that are delivered late.
        """
        if user_id not in self._asked_for:
            self._asked_for.add(user_id)
            if self.get(user_id) is not None:
                return
            with suppress(CannotCheck):
                self.ensure_known(user_id)

    @reading
    def get(self, tx: Tx, user_id: str) -> Person | None:
        """What we know about somebody, or ``None``."""
        return people.get(tx.connection, user_id)

    @reading
    def news(self, tx: Tx, users: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those of Slack's user objects that contain something new: after a restart, hardly any."""
        team_id = workspace.get(tx.connection, workspace.TEAM_ID) or ""
        return [
            user
            for user in users
            if _is_news(person_from_slack(user, team_id), people.get(tx.connection, user["id"]))
        ]

    @transaction
    def save(self, tx: Tx, users: Iterable[Mapping[str, Any]]) -> None:
        """Store Slack's user objects, unless something newer is known, and reschedule people's reminders."""
        team_id = workspace.get(tx.connection, workspace.TEAM_ID) or ""
        # In one order, so that replicas that store the same report don't wait for each other in a circle.
        for user in sorted(users, key=lambda each: str(each["id"])):
            # Locked: what follows from a change follows once, even if two replicas hear of it.
            before = people.get(tx.connection, user["id"], lock=True)
            told = person_from_slack(user, team_id)
            if not _is_news(told, before):
                # When the bot starts, that holds for nearly everybody.
                continue
            people.save(tx.connection, [told], tx.now)
            tx.forget()
            after = people.get(tx.connection, user["id"])
            if after:
                replan_everything_of(tx, after, before)
            if after and before:
                consequences_people.changed(tx, before, after)

    @transaction
    def _come_back(self, tx: Tx, user_id: str) -> None:
        people.come_back(tx.connection, user_id)

    def _is_known(self, user_id: str) -> bool:
        seen_at = self._known.get(user_id)
        return seen_at is not None and monotonic() - seen_at < _SEEN_FOR

    @reading
    def check_may_act(self, tx: Tx, user_id: str) -> None:
        """Raise ``NotAllowed`` unless the person is a full member."""
        require_member(tx, user_id)


def _is_news(told: Person, known: Person | None) -> bool:
    """Whether Slack's report differs from what is stored; never for somebody who was erased."""
    if known is None:
        return True
    return not known.is_erased and replace(told, erased_at=known.erased_at) != known
