"""Why something failed, in words: for the people who wait for it, and for those who run the bot.

People read what it means for them and who can fix it. Codes and the names of settings are in the doctor's
answer and in logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.domain.kit.text import cut
from bot.domain.outbox.refusals import Cause, cause_of
from bot.domain.outbox.rows import RESTORED, Stuck
from bot.views.kit.labels import FILE_REFUSED, NOT_CONNECTED, effect_label
from bot.views.kit.text import escape_within, mention

_RUNNER = "ask whoever runs this bot"
WORDS: Mapping[Cause, str] = {
    Cause.PASSING: "it kept failing for a while, but may work now",
    Cause.UNREACHABLE: "nobody answered for a while, but it may work now",
    Cause.TOKEN: f"Slack no longer lets me in; {_RUNNER} to renew my token",
    Cause.SCOPE: f"I lack a permission for this; {_RUNNER} to grant it",
    Cause.NOT_ALLOWED: "this workspace's settings don't let me; ask a workspace admin to allow it, or do it "
    "by hand",
    Cause.PLAN: "this workspace's Slack plan doesn't include it; ask a workspace owner",
    Cause.ARCHIVED: "the channel is archived; unarchive the channel, and I'll try again",
    Cause.NOT_MEMBER: "I'm not in the channel; invite me to the channel, and I'll try again",
    Cause.NO_CHANNEL: "the channel is gone or hidden from me; if it's there, invite me to it and retry",
    Cause.GONE: "what it's about has been deleted",
    Cause.NAME: "the name belongs to a channel that I can't use; invite me to it, unarchive it or rename it, "
    "then retry",
    Cause.GUEST: "I can't invite guests; ask a workspace admin to add them",
    Cause.OUTSIDER: "they belong to another workspace; ask a workspace admin to add them",
    Cause.NOBODY: "Slack doesn't let me invite or reach them; check that their account is active, and add "
    "them by hand",
    Cause.TOO_LONG: "it's longer than Slack accepts; shorten the texts in it, then retry",
    Cause.FULL: "a limit of Slack's has been reached; remove something there, such as old pins, then retry",
    Cause.CANVAS: "Slack couldn't write the canvas",
    Cause.LACKING: "this Slack server can't do it",
    Cause.CALENDAR: f"the calendar doesn't accept it; {_RUNNER} to check `/incident doctor`",
    Cause.CALENDAR_BUSY: "the calendar takes no more requests for now",
    Cause.CALENDAR_GONE: "it's in a calendar that is no longer connected",
    Cause.SETUP: f"something is missing in how I'm set up; {_RUNNER} to check `/incident doctor`",
    Cause.RESTORED: f"this comes from a backup and may already be done; {_RUNNER} to decide",
    Cause.OTHER_VERSION: "another version of Muster planned this, and can still do it",
    Cause.DEFECT: f"that's a bug on my side; retry, or {_RUNNER} to check `/incident doctor`",
    Cause.UNKNOWN: f"it was refused, and I don't know why; retry, or {_RUNNER} to check `/incident doctor`",
}
"""Cause -> what it means and who can fix it, to complete "I couldn't …: "."""

_OF_CALENDARS: Mapping[str, Cause] = {
    NOT_CONNECTED: Cause.CALENDAR_GONE,
    "google_rateLimitExceeded": Cause.CALENDAR_BUSY,
    "google_userRateLimitExceeded": Cause.CALENDAR_BUSY,
    "google_quotaExceeded": Cause.CALENDAR_BUSY,
    "google_dailyLimitExceeded": Cause.CALENDAR_BUSY,
    "google_calendarUsageLimitsExceeded": Cause.CALENDAR_BUSY,
    "google_call_pending": Cause.PASSING,
    "google_call_failed": Cause.PASSING,
    "google_token_unreachable": Cause.UNREACHABLE,
    "google_certificate": Cause.SETUP,
    "google_credentials": Cause.SETUP,
    "google_token_revoked": Cause.SETUP,
    "google_token_refused": Cause.SETUP,
    "google_insufficientPermissions": Cause.SETUP,
    "google_notFound": Cause.SETUP,
    "google_requiredAccessLevel": Cause.SETUP,
    "google_forbidden": Cause.SETUP,
}
_CALENDAR_CODE = re.compile(r"google_(http_5\d\d)?.*")
_NOT_GRANTED = f"{_RUNNER} to grant it the rights that `docs/google.md` lists"
_CERTIFICATE = (
    "{0}'s certificate can't be verified; " + _RUNNER + " to set `SSL_CERT_FILE` to your company's CA bundle"
)
FOR_RUNNERS: Mapping[str, str] = {
    RESTORED: "this comes from a backup and may already be done; "
    f"{_RUNNER} to decide with its option `--restored`",
    "is_archived": "unarchive the channel, and I'll try again",
    "is_inactive": "unarchive the channel, and I'll try again",
    "not_in_channel": "invite me to the channel, and I'll try again",
    "missing_scope": "reinstall the app with the scopes in `manifest.yml`",
    "slack_certificate": _CERTIFICATE.format("Slack"),
    "google_certificate": _CERTIFICATE.format("Google"),
    "proxy_403": f"{_RUNNER} to have the proxy allow the hosts of Slack and Google",
    "proxy_407": f"{_RUNNER} to check the password in `HTTPS_PROXY`",
    "google_credentials": f"{_RUNNER} to check its Google credentials file",
    "google_token_revoked": f"{_RUNNER} to run it with `--google-login` again",
    "google_token_refused": _NOT_GRANTED,
    "google_insufficientPermissions": _NOT_GRANTED,
    "google_notFound": "`GOOGLE_CALENDAR_ID` isn't a calendar that I can see",
    "google_requiredAccessLevel": "share the calendar with me, with permission to change events",
    "google_forbidden": "share the calendar with me, with permission to change events",
}
"""Error code -> what to do about it, where the doctor can say more than :data:`WORDS`."""

_FIRST = ("InvitePeople", "CreateChannel", "ListMembers", "ShowCard", "ShowAnnouncement")
"""What an incident needs most: people, and a place where they meet and see what is going on."""
_INVITING = "InvitePeople"
_PERSON_ID = re.compile(r"\b[UW][A-Z0-9]{4,}\b")
_GROUP = re.compile(r"(\w+): ((?:[UW][A-Z0-9]{4,} ?)+)")
_MORE = re.compile(r"and \d+ more$")


def in_order(rows: Iterable[Stuck]) -> list[Stuck]:
    """The rows with what matters most first, otherwise in their order."""
    rank = {kind: place for place, kind in enumerate(_FIRST)}
    return sorted(rows, key=lambda row: rank.get(row.kind, len(rank)))


def failed_line(row: Stuck) -> str:
    """What failed and what that means, for the people who wait for it."""
    reason = _reason(row)
    return f"• {effect_label(row.kind)}{f': {reason}' if reason else ''}"


def words_for(code: str) -> str:
    """What a failure means for people, without its code."""
    return WORDS[_cause(code)]


def may_work_now(code: str) -> bool:
    """Whether the failure may have gone away by itself."""
    return _cause(code) in {Cause.PASSING, Cause.UNREACHABLE}


def _cause(code: str) -> Cause:
    code = code.removeprefix(FILE_REFUSED)
    of_calendar = _CALENDAR_CODE.fullmatch(code)
    if of_calendar is None:
        return cause_of(code)
    return _OF_CALENDARS.get(code) or (Cause.UNREACHABLE if of_calendar[1] else Cause.CALENDAR)


def with_code(last_error: str) -> str:
    """The error as the doctor shows it: with its code, what to do, and mentions instead of user ids."""
    named = _PERSON_ID.sub(lambda found: mention(found[0]), escape_within(last_error, 300))
    return f"{named}: {_advice(last_error)}"


def plain_with_code(last_error: str) -> str:
    """The same without Slack's markup, for a terminal."""
    return f"{cut(last_error, 300)}: {_advice(last_error)}"


def _advice(last_error: str) -> str:
    code = last_error.partition(":")[0].removeprefix(FILE_REFUSED)
    return FOR_RUNNERS.get(code) or words_for(code)


def _reason(row: Stuck) -> str:
    if not row.last_error:
        return ""
    if row.kind == _INVITING and (groups := _GROUP.findall(row.last_error)):
        people = [f"{' '.join(map(mention, ids.split()))}, because {words_for(code)}" for code, ids in groups]
        more = _MORE.search(row.last_error)
        return " · ".join([*people, *([more[0]] if more else [])])
    cause = _cause(row.last_error.partition(":")[0])
    # Except in an invitation, it is the bot that is restricted.
    is_about_me = cause is Cause.GUEST and row.kind != _INVITING
    return WORDS[Cause.NOT_ALLOWED if is_about_me else cause]
