"""The page of faults names every file of the suite, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOT_FAULTS = {"test_private_incidents", "test_the_checks"}


def test_the_page_of_faults_lists_the_suite() -> None:
    listed = set(re.findall(r"`(test_\w+)` \|$", (ROOT / "docs" / "faults.md").read_text(), re.MULTILINE))
    files = {each.stem for each in (ROOT / "tests" / "faults").glob("test_*.py")}
    assert listed == files - NOT_FAULTS
