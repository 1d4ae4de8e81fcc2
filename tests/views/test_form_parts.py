"""Reading forms: anything that isn't one of our present forms is out of date, and never breaks anything."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import bot.views
from bot.domain.kit.errors import OutdatedButton
from bot.domain.surface.originals import Original
from bot.views.kit.form_parts import carried, carrying_home, home_of

WHO: dict[str, tuple[str, ...]] = {"parse_whys": ("U0ANA",), "parse_hand_over": ("U0ANA",)}
"""What a parser takes besides the form."""


def parsers() -> dict[str, Callable[..., Any]]:
    """Every function in the views that reads a form."""
    found = pkgutil.walk_packages(bot.views.__path__, "bot.views.")
    modules = [importlib.import_module(each.name) for each in found]
    return {
        name: function
        for module in modules
        for name, function in vars(module).items()
        if name.startswith("parse_")
    }


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"state": None, "private_metadata": "{}"},
        {"state": {"values": {}}, "private_metadata": "no JSON"},
        {"state": {"values": {}}, "private_metadata": "[12]"},
        {"state": {"values": {}}, "private_metadata": "12"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", sorted(parsers()))
def test_every_form_that_is_not_ours_is_out_of_date(name: str, view: dict[str, Any]) -> None:
    with pytest.raises(OutdatedButton):
        parsers()[name](view, *WHO.get(name, ()))


def test_a_form_carries_the_answer_that_its_submission_refreshes() -> None:
    home = Original("https://hooks.slack.example/1", "C1", "1.5")
    assert home_of(carrying_home({"private_metadata": '{"group": "people"}'}, home)) == home
    assert carried(carrying_home({"private_metadata": '{"group": "people"}'}, home))["group"] == "people"
    assert home_of({"private_metadata": '{"group": "people"}'}) is None


def test_a_form_of_an_earlier_version_carries_no_place() -> None:
    view = {"private_metadata": '{"home": "https://hooks.slack.example/1"}'}
    assert home_of(view) == Original("https://hooks.slack.example/1", "")
