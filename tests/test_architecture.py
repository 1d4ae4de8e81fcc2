"""The page about the architecture names functions that exist, and no flow enters a file more than twice."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
FLOWS = {
    flow.partition("\n")[0]: re.findall(r"^- `([^`]+)`: `(\w+)`", flow, re.MULTILINE)
    for flow in PAGE.split("\n## ")[1:]
}
PAGES_LIMIT = 110
"""Lines: it stays one page."""


@pytest.mark.parametrize("flow", FLOWS)
def test_each_step_of_a_flow_is_a_function_that_exists(flow: str) -> None:
    assert FLOWS[flow], "a flow has steps"
    for file, function in FLOWS[flow]:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert function in names, f"{file} has no function {function}"


@pytest.mark.parametrize("flow", FLOWS)
def test_no_flow_enters_a_file_more_than_twice(flow: str) -> None:
    assert max(Counter(file for file, _ in FLOWS[flow]).values()) <= 2


def test_it_is_one_page_with_one_picture() -> None:
    assert len(PAGE.splitlines()) <= PAGES_LIMIT
    assert PAGE.count("```mermaid") == 1
