"""Keeps two people from declaring the same thing: what has just been declared is shown to the second one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import DeclaredMeanwhile
from bot.domain.kit.people import Viewer
from bot.domain.surface.forms import DeclareInput, DeclareStart
from bot.domain.surface.shown import DeclareShown
from bot.operations.incidents.declare import add_declared, declared_before, new_from_form
from bot.operations.kit.gate import begin
from bot.operations.kit.transaction import Tx
from storage import incidents

_LATELY = timedelta(minutes=10)
_LISTED = 5
"""The form shows up to 5 incidents that are this new, so that nobody declares the same one again."""


def opening(tx: Tx, start: DeclareStart, viewer: Viewer) -> DeclareShown:
    """What the form shows when it opens: incidents of the last ten minutes that the viewer may see.

    What is said in a private incident's channel is private, even if the channel is now public.
    """
    here = incidents.by_channel(tx.connection, start.source_channel, viewer) if start.source_channel else None
    known = incidents.declared_after(tx.connection, viewer, 0, _LISTED)
    return DeclareShown(
        replace(start, is_private=True) if here and here.is_private else start,
        tuple(each for each in known if tx.now - each.created_at <= _LATELY),
        known[0].id if known else 0,
    )


def declare_filled(tx: Tx, filled: DeclareInput, by: str, key: str) -> Incident:
    """Declare the incident in the form; a redelivery returns the one that is already stored.

    Raises errors that name their field, and ``DeclaredMeanwhile`` if somebody else has declared one that the
    form hasn't shown yet.
    """
    if not begin(tx, by, key):
        return declared_before(tx, by, key)
    new = new_from_form(tx, filled)
    meanwhile = since(tx, filled.newest, by)
    if meanwhile:
        refs = ", ".join(each.ref for each in meanwhile)
        raise DeclaredMeanwhile(refs=refs, newest=filled.newest)
    return add_declared(tx, new, by, key)


def since(tx: Tx, newest: int | None, viewer: str) -> list[Incident]:
    """What others have declared after the incident ``newest``, as far as the viewer may see it."""
    if newest is None:
        return []
    found = incidents.declared_after(tx.connection, viewer, newest, _LISTED)
    return [each for each in found if each.declared_by != viewer]
