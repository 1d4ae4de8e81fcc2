"""The effects that follow from a page: everybody is invited, mentioned in one message, and written to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.kit.keys import fitting
from bot.domain.outbox.effects import InvitePeople, ShowPage, TellPaged, TellUnseen
from bot.domain.outbox.rows import Planned
from bot.domain.pages.model import Page


def after_page(incident: Incident, page: Page) -> list[Planned]:
    """Bring the people who were paged.

    The message in the channel follows the invitation in its lane: Slack notifies nobody of a mention in a
    channel that they aren't in. If somebody can't be invited, it's posted all the same.
    """
    key, channel = page_key(incident.id, page.id), f"{incident.ref}/channel"
    invites = InvitePeople(incident.id, tuple(page.people))
    return [
        Planned(invites, f"{key}/members", key, channel),
        Planned(ShowPage(incident.id, page.id), key, key, channel),
        *(_tells(incident.id, page.id, user_id, "") for user_id in page.people),
    ]


def refreshing(incident_id: int, page_id: int, people: Iterable[str], cause: str) -> list[Planned]:
    """Bring a page up to date, in the channel and in its direct messages to these people.

    ``cause`` is unique.
    """
    key = page_key(incident_id, page_id)
    shows = Planned(ShowPage(incident_id, page_id), fitting(f"{key}/{cause}"), key, key, coalesce=True)
    return [shows, *(_tells(incident_id, page_id, each, cause) for each in people)]


def telling_unseen(page: Page, cause: str = "") -> Planned:
    """Tell whoever asked, once, who hasn't been seen; if that was planned before, the ``cause`` is unique."""
    lane = unseen_key(page)
    key = fitting(f"{lane}/{cause}") if cause else lane
    return Planned(TellUnseen(page.incident_id, page.id, page.by), key, lane)


def unseen_key(page: Page) -> str:
    """The key of the direct message that says who hasn't been seen."""
    return f"{page_key(page.incident_id, page.id)}/unseen/{page.by}"


def page_key(incident_id: int, page_id: int) -> str:
    """The key of a page's message in the incident's channel, and its lane."""
    return f"{ref_of(incident_id)}/page/{page_id}"


def paged_key(incident_id: int, page_id: int, user_id: str) -> str:
    """The key of a page's direct message.

    It ends with the recipient's id, by which messages to outsiders are found if the incident becomes private.
    """
    return f"{page_key(incident_id, page_id)}/to/{user_id}"


def page_told_by(key: str) -> tuple[int, int, str] | None:
    """(incident, page, recipient) of the direct message with this key; ``None`` for any other message."""
    found = re.fullmatch(r"INC-(\d+)/page/(\d+)/to/(\w+)", key, re.ASCII)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def _tells(incident_id: int, page_id: int, user_id: str, cause: str) -> Planned:
    lane, tells = paged_key(incident_id, page_id, user_id), TellPaged(incident_id, page_id, user_id)
    key = fitting(f"{lane}/{cause}") if cause else lane
    return Planned(tells, key, lane, f"{ref_of(incident_id)}/channel", coalesce=bool(cause))
