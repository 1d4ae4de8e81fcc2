"""Reads what follows ``page``: people and user groups, and why they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.incidents.model import Incident
from bot.domain.kit.text import escape_markup

_MENTION = re.compile(r"<(?:@(?P<person>[A-Z0-9]+)|!subteam\^(?P<group>[A-Z0-9]+))(?:\|[^>]*)?>")
AGAIN, INVITE = "again", "invite"
"""Words before the first mention that answer in advance what would be asked first."""
_CONSENT = re.compile(rf"(?:(?:{AGAIN}|{INVITE})\s+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageLine:
    """What somebody typed: whom to page, and why in Slack's markup."""

    people: tuple[str, ...]
    groups: tuple[str, ...]
    """Ids of user groups."""
    why: str
    again: bool = False
    invites: bool = False


def read_page_line(text: str) -> PageLine:
    """The line with the mentions that it begins with taken out.

    Mentions after the first other word are part of the reason; if there are none before it, they are the
    people to page, wherever they are.
    """
    consent = _CONSENT.match(text)
    agreed = consent[0].lower().split() if consent and _MENTION.match(text, consent.end()) else []
    rest = text[consent.end() :] if consent and agreed else text
    named, why = _leading(rest)
    if not named:
        named = [*_MENTION.finditer(rest)]
        why = " ".join(_MENTION.sub(" ", rest).split())
    people = dict.fromkeys(each["person"] for each in named if each["person"])
    groups = dict.fromkeys(each["group"] for each in named if each["group"])
    return PageLine(tuple(people), tuple(groups), why, AGAIN in agreed, INVITE in agreed)


def _leading(text: str) -> tuple[list[re.Match[str]], str]:
    """The mentions that the text begins with, with only commas and "and" between them, and what follows."""
    found, at = list[re.Match[str]](), 0
    while match := _MENTION.match(text, at):
        found.append(match)
        at = match.end()
        between = _BETWEEN.match(text, at)
        if between and _MENTION.match(text, between.end()):
            at = between.end()
    return found, text[at:].strip(" \t\n,:;–—-") if found else text


_BETWEEN = re.compile(r"(?:\s|,|;|&amp;|\+|\band\b)*")


def page_line(
    incident: Incident,
    people: Iterable[str],
    groups: Iterable[str],
    why: str,
    *agreed: str,
) -> str:
    """The command line that pages these people, in Slack's escaped form; ``agreed`` are words of consent."""
    named = [*(f"<@{each}>" for each in people), *(f"<!subteam^{each}>" for each in groups)]
    return " ".join(["page", incident.ref, *agreed, *named, escape_markup(why)])
