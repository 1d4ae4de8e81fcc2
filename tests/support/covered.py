"""Which tests coverage is measured of: the unit tests, whatever else runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import pytest

MARK = "covered"
_TESTS = Path(__file__).parents[1]
_UNITS = frozenset({"domain", "views", "operations", "storage", "effects", "intake", "worker"})
_LEFT_OUT = frozenset(
    {"postgresql", "no_click", "no_input", "every_state", "poolers", "killed", "heaps", "backups", "hosts"}
)
"""What the names of long walks and long waits contain, and those of tests on the other database."""


def is_covered(item: pytest.Item) -> bool:
    """Whether it is one of the tests that are measured: also no random examples."""
    folder = item.path.relative_to(_TESTS).parts[0]
    test = getattr(item, "obj", None)
    is_random = test is not None and hypothesis.is_hypothesis_test(test)
    return folder in _UNITS and not is_random and not any(each in item.nodeid for each in _LEFT_OUT)


def measure(item: pytest.Item) -> None:
    """Measure from now on if the test is one of those, and else no longer. Without `--cov`, nothing is."""
    plugin: Any = item.config.pluginmanager.getplugin("_cov")
    controller = plugin and plugin.cov_controller
    if not controller:
        return
    is_wanted = item.get_closest_marker(MARK) is not None
    if is_wanted and not controller.started:
        controller.resume()
    elif controller.started and not is_wanted:
        controller.pause()
