"""Whatever is to be shown fits Slack's limits, and says so where something is left out."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kit.text import length
from bot.views.kit.fitting import MAX_CHARACTERS, fitted, fitted_text, in_sections
from bot.views.kit.message import Message, actions, button, context, fields, header, section
from sandbox.rules import check_message
from sandbox.rules.walk import text_size

Json = dict[str, Any]
NEXT = actions(button("Next", "n", "1"))
NASTY = ("&", "<", "🔥", "é", "<@U0BEN> ", "&amp;", "```", "\n", "word ", "<https://acme.example/a|b>", "🏳️‍🌈")
long_text = st.lists(st.sampled_from(NASTY), min_size=1, max_size=6).flatmap(
    lambda parts: st.integers(1, 4000).map(lambda times: "".join(parts) * times)
)
some_block = st.one_of(
    long_text.map(section),
    long_text.map(context),
    long_text.map(header),
    long_text.map(lambda text: fields({"Label": text})),
    long_text.map(lambda text: actions(button(text, "act", "1"))),
)


@given(long_text, st.lists(some_block, min_size=1, max_size=70))
def test_slack_takes_every_message_new_or_as_an_edit(text: str, blocks: list[Json]) -> None:
    arguments = Message(text, tuple(blocks)).arguments()
    for method in ("chat.postMessage", "chat.update"):
        check_message(arguments, method=method)
    assert length(arguments["text"]) <= 4000


@given(long_text, st.integers(40, 3000))
def test_a_cut_text_ends_in_an_ellipsis_and_cuts_nothing_in_two(text: str, limit: int) -> None:
    shown = fitted_text(text, limit)
    assert length(shown) <= limit
    if shown == text:
        return
    assert shown.endswith("…")
    kept = shown.removesuffix("…").removesuffix("\n```")
    assert text.startswith(kept)
    rest = text[len(kept) :].lstrip()
    assert not re.match(r"(amp|lt|gt);", rest) or not kept.endswith("&")
    assert "<" not in kept or not re.match(r"[^<>]*>", rest) or kept.rfind("<") < kept.rfind(">")
    assert shown.count("```") % 2 == 0


def test_buttons_at_the_end_stay_and_a_line_says_that_something_is_left_out() -> None:
    blocks = [
        *(section("x" * 2900) for _ in range(6)),
        context("Page 1 of 9"),
        actions(button("Next", "n", "1")),
    ]
    shown = fitted(blocks)
    assert shown[-2:] == blocks[-2:]
    assert "doesn't fit" in shown[-3]["elements"][0]["text"]
    assert MAX_CHARACTERS - 500 < text_size(shown) <= MAX_CHARACTERS


def test_what_fits_is_left_alone() -> None:
    blocks = [
        header("Incidents"),
        *(section("x" * 150) for _ in range(48)),
        actions(button("Next", "n", "1")),
    ]
    assert fitted(blocks) == blocks


@pytest.mark.parametrize("lines", [["&amp;" * 400] * 12, ["short"], [], ["🔥" * 1400, "next"]])
def test_lines_are_packed_into_as_few_sections_as_possible(lines: list[str]) -> None:
    packed = in_sections(lines)
    assert "\n".join(each["text"]["text"] for each in packed) == "\n".join(lines)
    assert all(length(each["text"]["text"]) <= 3000 for each in packed)
    assert all(length(a["text"]["text"] + b["text"]["text"]) > 2000 for a, b in pairwise(packed))
