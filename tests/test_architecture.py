"""What says where things are is right: the architecture's page, the contracts, and the map of the tests."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests import support

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


def test_the_map_of_the_tests_names_each_module_that_they_share() -> None:
    modules = {path.stem for path in (ROOT / "tests" / "support").glob("*.py")} - {"__init__"}
    assert set(re.findall(r"``(\w+)``", support.__doc__ or "")) == modules


def test_the_domain_may_use_none_of_the_libraries() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    [contract] = [each for each in contracts if each["name"] == "The domain needs nothing but Python"]
    forbidden = {
        distribution.lower().replace("_", "-")
        for module in contract["forbidden_modules"]
        for distribution in packages_distributions().get(module, ())
    }
    libraries = {re.split(r"\W", each.replace("-", "_"))[0] for each in project["project"]["dependencies"]}
    assert {each.lower().replace("_", "-") for each in libraries} <= forbidden
