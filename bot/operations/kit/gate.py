"""The one gate: who may act."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.kit.errors import NobodyKnown, NotAdmin, NotAllowed
from bot.domain.kit.people import Actor, Person
from bot.operations.kit.transaction import Tx
from storage import handled_requests, people

_DOUBLE_CLICK = timedelta(seconds=10)
"""Long enough to click again because nothing seemed to happen."""


def begin(tx: Tx, by: Actor, key: str) -> bool:
    """Pass the gate and record the request's natural ``key``; returns whether the request is new.

    Slack delivers at least once (https://docs.slack.dev/apis/events-api/#error-handling): a redelivery waits
    for the first delivery to commit, and isn't new then. If anything is raised, the key is rolled back with
    the rest of the transaction. Raises ``NotAllowed``.
    """
    if isinstance(by, str):
        require_member(tx, by)
    return handled_requests.first_time(tx.connection, key, tx.now)


def is_double_click(tx: Tx, first_at: datetime) -> bool:
    """Whether a second click by the same person belongs to the one at ``first_at``, and needs no answer."""
    return tx.now - first_at <= _DOUBLE_CLICK


def require_member(tx: Tx, user_id: str) -> Person:
    """The person, if they may act; raises ``NotAllowed`` for guests, strangers, bots and unknown people."""
    person = tx.once(people.get, user_id)
    if person is None or not person.may_act:
        raise NotAllowed
    return person


def require_admin(tx: Tx, user_id: str) -> Person:
    """The person, if they are an admin of the workspace; raises ``NotAllowed`` and ``NotAdmin``."""
    person = require_member(tx, user_id)
    if not person.is_admin:
        raise NotAdmin
    return person


def require_candidate(tx: Tx, user_id: str) -> Person:
    """The person, if they may be given a role; raises ``NobodyKnown``."""
    person = tx.once(people.get, user_id)
    if person is None or not person.may_act:
        raise NobodyKnown(person=user_id, name=person.name if person else "This person")
    return person
