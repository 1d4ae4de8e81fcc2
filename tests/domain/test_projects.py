"""A project's links are safe to click, and its name is told apart from what somebody types."""

from __future__ import annotations

import pytest

from bot.domain.kit.errors import (
    LinkNameTooLong,
    LinksTooLong,
    LinkUnusable,
    ProjectNameMissing,
    ProjectTooLong,
    TooManyLinks,
    TooManyOwners,
)
from bot.domain.projects.model import (
    MAX_LINKS,
    MAX_PEOPLE,
    Link,
    Owners,
    choice_of,
    chosen_id,
    key_of,
    read_links,
    read_name,
    read_owners,
    written_links,
)
from bot.views.kit.errors import plain_sentence

WIKI = "https://wiki.example.com/runbook"


@pytest.mark.parametrize(
    "line",
    [
        f"Runbook {WIKI}",
        f"Runbook: {WIKI}",
        f"  Runbook  -   {WIKI} ",
        f"{WIKI} Runbook",
        f"Runbook <{WIKI}>",
        f"Runbook <{WIKI}|wiki.example.com>",
        f"Runbook {WIKI.replace('https', 'HTTPS')}",
    ],
)
def test_a_link_is_a_name_and_a_url_in_either_order(line: str) -> None:
    assert read_links(f"\n{line}\n\n") == (Link("Runbook", WIKI),)


def test_a_link_without_a_name_is_called_like_its_server() -> None:
    assert read_links(WIKI) == (Link("wiki.example.com", WIKI),)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Runbook http://wiki.example.com", "it doesn't begin with https://"),
        ("Runbook javascript:alert(1)", "it doesn't begin with https://"),
        ("javascript://wiki.example.com/%0aalert(1) Runbook", "it doesn't begin with https://"),
        ("Runbook", "it doesn't begin with https://"),
        ("Runbook https://", "it names no server"),
        ("Runbook https://x]", "it names no server that can exist"),
        (f"Runbook {WIKI}{'x' * 2000}", "it is longer than 2,000 characters"),
    ],
)
def test_a_line_that_is_not_a_link_is_named_with_its_problem(line: str, problem: str) -> None:
    with pytest.raises(LinkUnusable) as raised:
        read_links(f"Dashboard {WIKI}\n{line}")
    told = plain_sentence(raised.value)
    assert problem in told
    assert told.startswith(f"I can't use “{line[:20]}")
    assert len(told) < 250, "however long the line is"


def test_links_are_few_and_have_short_names() -> None:
    lines = [f"Link {number} {WIKI}" for number in range(MAX_LINKS + 1)]
    assert len(read_links("\n".join(lines[1:]))) == MAX_LINKS
    with pytest.raises(TooManyLinks):
        read_links("\n".join(lines))
    with pytest.raises(LinksTooLong):
        read_links("\n".join(f"https://{number}{'x' * 50}.com/{'x' * 230}" for number in range(10)))
    with pytest.raises(LinkNameTooLong):
        read_links(f"{'Run' * 30} {WIKI}")


def test_links_are_read_again_as_they_are_written() -> None:
    found = read_links(f"Runbook: {WIKI}\n{WIKI}?a=1&b=2")
    assert read_links(written_links(found)) == found


def test_a_name_is_one_short_line() -> None:
    assert read_name("  Check\n out ") == "Check out"
    with pytest.raises(ProjectNameMissing):
        read_name(" \u200b ")
    with pytest.raises(ProjectTooLong):
        read_name("x" * 76)


def test_names_that_look_alike_are_the_same() -> None:
    assert key_of("  CHECK   out") == key_of("Check Out")
    assert key_of("Checkout") != key_of("Check Out")


def test_each_owner_is_there_once_and_there_are_not_too_many() -> None:
    assert read_owners(["A", "B", "A"], ["S1", "S1"]) == Owners(("A", "B"), ("S1",))
    with pytest.raises(TooManyOwners):
        read_owners([f"U{number}" for number in range(MAX_PEOPLE + 1)], [])


@pytest.mark.parametrize("typed", [None, "", "checkout", "project/", "project/x", "project/0", "project/1/2"])
def test_what_is_typed_is_not_a_choice(typed: str | None) -> None:
    assert chosen_id(choice_of(12)) == 12
    assert chosen_id(typed) is None
