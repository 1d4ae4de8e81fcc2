"""A time is never without its zone, and a number never without the right form of its noun."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.model import EventChoice
from bot.domain.surface.shown import PostmortemShown
from bot.views.kit.text import counted
from bot.views.postmortems import messages
from bot.views.postmortems.exports import canvas_markdown, html, markdown
from bot.views.postmortems.forms import event_options
from tests.support.examples import NOW, document, incident
from tests.views.screens import markup

BOT = Path(__file__).parents[2] / "bot"
_CLOCK = re.compile(r"\b\d?\d:\d\d\b")
_NOUNS = re.compile(
    r" (?:\w+ )?(?:items|events|people|days|entries|sessions|zones|rows|effects|incidents|answers|messages)\b"
)
_MEASURED = {
    "declared": NOW,
    "acknowledged": NOW + timedelta(minutes=5),
    "resolved": NOW + timedelta(hours=2),
}


def test_slack_shows_a_postmortems_times_in_the_readers_own_zone() -> None:
    said = messages.postmortem_tray(PostmortemShown(incident(), document(measured=_MEASURED), ()))
    [impact] = [each for each in markup(said) if each.startswith("*Impact*")]
    assert impact.count("<!date^") == 3
    assert not _CLOCK.search(re.sub(r"<!date\^[^>]*>", "", impact))
    assert f"<!date^{int(NOW.timestamp())}^" in impact and ", after 2 h" in impact


@pytest.mark.parametrize("export", [markdown, canvas_markdown, html])
def test_a_documents_times_under_impact_name_their_zone(export: Callable[[Document], str]) -> None:
    page = export(document(measured=_MEASURED))
    impact = page.split("Impact", 1)[1].split("Timeline", 1)[0]
    assert len(_CLOCK.findall(impact)) == 3 == impact.count("(Europe/Berlin)")


def test_an_event_to_choose_has_the_time_in_its_readers_zone_and_names_it() -> None:
    [option] = event_options([EventChoice("1", NOW.astimezone(ZoneInfo("Asia/Tokyo")), "Down")])
    assert option["text"]["text"] == "02 Mar 18:30 JST Down"


def test_numbers_take_the_right_noun() -> None:
    assert [counted(n, "action item") for n in (0, 1, 2, 1204)] == [
        "0 action items",
        "1 action item",
        "2 action items",
        "1,204 action items",
    ]
    assert (counted(1, "person", "people"), counted(2, "person", "people")) == ("1 person", "2 people")


def _counts_by_hand(source: str) -> Iterator[int]:
    """Lines that choose a plural themselves, or write a noun in the plural after any number."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.IfExp) and "'s'" in map(ast.unparse, (node.body, node.orelse)):
            yield node.lineno
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for value, after in pairwise(parts):
            is_counted = isinstance(value, ast.FormattedValue) and isinstance(after, ast.Constant)
            if is_counted and _NOUNS.match(ast.literal_eval(after)):
                yield value.lineno


@pytest.mark.parametrize(
    "path", sorted(BOT.glob("views/**/*.py")), ids=lambda path: str(path.relative_to(BOT))
)
def test_every_text_counts_with_the_one_function_that_knows_plurals(path: Path) -> None:
    if path.name != "text.py" or path.parent.name != "kit":
        assert not list(_counts_by_hand(path.read_text()))


def test_the_test_above_notices_a_noun_that_is_always_in_the_plural() -> None:
    assert list(_counts_by_hand("f'{total} action items'"))
    assert list(_counts_by_hand("""f"{total} item{'' if total == 1 else 's'}" """))
