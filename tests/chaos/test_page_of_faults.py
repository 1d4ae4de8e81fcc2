"""The page of faults names every file of the suite, and has a measurement for each promise that has one."""

from __future__ import annotations

import re
from pathlib import Path

from tests.chaos import table
from tests.chaos.promises import PROMISES

ROOT = Path(__file__).parent.parent.parent
NOT_FAULTS = {"test_private_incidents", "test_the_checks"}


def test_the_page_of_faults_lists_the_suite() -> None:
    listed = set(re.findall(r"`(test_\w+)` \|$", (ROOT / "docs" / "faults.md").read_text(), re.MULTILINE))
    files = {each.stem for each in (ROOT / "tests" / "faults").glob("test_*.py")}
    assert listed == files - NOT_FAULTS


def test_the_table_has_a_row_for_each_promise_that_make_chaos_tries() -> None:
    lines = table.read(table.PAGE.read_text(encoding="utf-8"))
    assert [(each.what, each.where) for each in lines] == [(each.what, each.where) for each in PROMISES]


def test_every_row_is_measured_and_nothing_was_lost_or_duplicated() -> None:
    text = table.PAGE.read_text(encoding="utf-8")
    for line in table.read(text):
        assert re.fullmatch(r"\d+\.\d s", line.recovered), line
        assert re.fullmatch(r"\d+ ms", line.slowest_ack), line
        assert (line.lost, line.doubled) == ("0", "0"), line
    assert re.search(r"^Measured by `make chaos` on \d+ cores", text, re.MULTILINE)


def test_the_table_is_read_as_it_was_written() -> None:
    text = f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n"
    lines = [table.Line("it breaks", "SQLite", "1.0 s", "0", "0", "5 ms")]
    page = table.written(text, lines, "Measured.")
    assert table.read(page) == lines
    assert page.startswith("before\n") and page.endswith("\nafter\n") and "old" not in page
    assert table.written(page, lines, "Measured.") == page
