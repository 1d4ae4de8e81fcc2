"""Names of people, channels and user groups, as they are shown in plain text."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.kit.people import ERASED, ERASED_NAME, SYSTEM
from bot.domain.kit.references import Kind, Names
from bot.domain.kit.text import references_in
from bot.operations.kit.transaction import Tx
from storage import incidents, names, people


def namer(tx: Tx) -> Names:
    """The names that are stored, for use within the transaction."""

    def look(kind: Kind, target: str) -> str | None:
        if target == ERASED:
            return ERASED_NAME
        if kind is Kind.PERSON:
            person = tx.once(people.get, target)
            return person.name if person else None
        stored = tx.once(names.get, kind, target)
        if stored is None and kind is Kind.CHANNEL:
            # It may be a private channel made since the last start: Slack reports no event about those.
            incident = tx.once(incidents.by_channel, target, SYSTEM)
            return "" if incident and incident.is_private else None
        return stored

    return Names(look)


def names_in(tx: Tx, markup: Iterable[str], user_ids: Iterable[str] = ()) -> Names:
    """The names of these people and of all that the texts refer to, for use after the transaction."""
    stored = namer(tx)
    wanted = {each for text in markup for each in references_in(text)}
    wanted |= {(Kind.PERSON, user_id) for user_id in user_ids}
    known = {each: stored.look(*each) for each in wanted}
    return Names(lambda kind, target: known.get((kind, target)))


def names_of(tx: Tx, *analyses: FiveWhysAnalysis) -> Names:
    """The names in these five-whys sessions, for use after the transaction."""
    whys = [why for each in analyses for why in each.whys.values()]
    return names_in(tx, [why.answer for why in whys], [why.answered_by for why in whys])
