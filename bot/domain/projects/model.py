"""A project: its name, its owners, who come to its incidents, its links and its home channel."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from bot.domain.incidents.names import clean_project
from bot.domain.kit.errors import (
    LinkNameTooLong,
    LinksTooLong,
    LinkUnusable,
    ProjectNameMissing,
    TooManyLinks,
    TooManyOwners,
)
from bot.domain.kit.links import link_in, problem_with
from bot.domain.kit.text import cut, is_blank, length, one_line

MAX_LINKS, MAX_PEOPLE, MAX_GROUPS = 10, 50, 10
LINK_NAME_LIMIT = 60
LINKS_LIMIT = 3000
"""The most characters of all links as they are written: as many as a field can show.

https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
"""
_SHOWN = 60
_CHOICE = re.compile(r"project/([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """Something that people need when they work on the project's incidents."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project as stored. All times are UTC."""

    id: int
    name: str
    people: tuple[str, ...]
    """The ids of the owners who are named as people."""
    groups: tuple[str, ...]
    """The ids of the user groups whose members are owners."""
    links: tuple[Link, ...]
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime
    home_channel: str | None = None
    """The id of the public channel in which its incidents are announced as well."""
    archived_at: datetime | None = None
    """Since when it's no longer offered. Its incidents keep it."""

    @property
    def is_archived(self) -> bool:
        """Whether it's no longer offered."""
        return self.archived_at is not None


@dataclass(frozen=True, slots=True)
class Owners:
    """The people and groups who own a project, as chosen."""

    people: tuple[str, ...] = field(default=())
    groups: tuple[str, ...] = field(default=())


def key_of(name: str) -> str:
    """What identifies a project among those that are offered: its name, ignoring case and spacing."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def choice_of(project_id: int) -> str:
    """The value of a project in a menu in which names can also be typed."""
    return f"project/{project_id}"


def chosen_id(value: str | None) -> int | None:
    """The project that was chosen in such a menu; ``None`` if a name was typed."""
    found = _CHOICE.fullmatch(value or "")
    return int(found[1]) if found else None


def read_name(typed: str) -> str:
    """The project's name, ready to be stored; raises ``ProjectNameMissing`` and ``ProjectTooLong``."""
    name = clean_project(typed)
    if name is None:
        raise ProjectNameMissing
    return name


def read_owners(people: Sequence[str], groups: Sequence[str]) -> Owners:
    """The owners, each once; raises ``TooManyOwners``."""
    owners = Owners(tuple(dict.fromkeys(people)), tuple(dict.fromkeys(groups)))
    if len(owners.people) > MAX_PEOPLE or len(owners.groups) > MAX_GROUPS:
        raise TooManyOwners(people=MAX_PEOPLE, groups=MAX_GROUPS)
    return owners


def read_links(typed: str) -> tuple[Link, ...]:
    """The links, one per line: a name and a URL. Raises errors that name the form's field."""
    lines = [one_line(each) for each in typed.splitlines()]
    found = tuple(_read_link(each) for each in lines if not is_blank(each))
    if len(found) > MAX_LINKS:
        raise TooManyLinks(most=MAX_LINKS, count=len(found))
    together = length(written_links(found))
    if together > LINKS_LIMIT:
        raise LinksTooLong(limit=f"{LINKS_LIMIT:,}", length=f"{together:,}")
    return found


def written_links(links: Sequence[Link]) -> str:
    """The links as :func:`read_links` reads them."""
    return "\n".join(f"{each.name} {each.url}" for each in links)


def _read_link(line: str) -> Link:
    words = line.split(" ")
    at = next((number for number, word in enumerate(words) if "://" in word), len(words) - 1)
    url = link_in(words[at])
    problem = problem_with(url)
    if problem:
        raise LinkUnusable(typed=cut(line, _SHOWN), problem=problem)
    name = " ".join([*words[:at], *words[at + 1 :]]).strip(" :-–—") or str(urlsplit(url).hostname)
    if length(name) > LINK_NAME_LIMIT:
        raise LinkNameTooLong(limit=LINK_NAME_LIMIT, typed=cut(name, _SHOWN), length=length(name))
    return Link(name, url)
