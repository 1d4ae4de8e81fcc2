"""What newcomers read names files that exist, and GitHub accepts the forms in which they report something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.guide.pages import ROOT, commands

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
TEMPLATES = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = sorted(TEMPLATES.glob("[!c]*.yml"))
_PATH = re.compile(r"`((?:bot|storage|sandbox|tests|docs|\.ci)/[\w./<>-]+)`")
NEEDED: Mapping[str, frozenset[str]] = {
    "markdown": frozenset({"value"}),
    "textarea": frozenset({"label"}),
    "input": frozenset({"label"}),
    "dropdown": frozenset({"label", "options"}),
    "checkboxes": frozenset({"label", "options"}),
}
"""Type of an element -> the attributes that it can't be without.

https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
"""


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text("utf-8")))


def elements(form: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id and the attributes of each element that people fill in."""
    for each in read(form)["body"]:
        if each["type"] != "markdown":
            yield each["id"], each["attributes"]


@pytest.mark.parametrize("page", [ROOT / "README.md", CONTRIBUTING], ids=lambda page: page.name)
def test_each_file_that_the_page_names_exists(page: Path) -> None:
    named = set(_PATH.findall(page.read_text("utf-8")))
    assert len(named) > 20
    for name in named:
        pattern = re.sub(r"<\w+>", "*", name).rstrip("/")
        assert list(ROOT.glob(pattern)), f"{page.name} names {name}"


def test_each_command_that_runs_some_tests_names_files_that_exist() -> None:
    named = {
        name for command in commands(CONTRIBUTING) for name in re.findall(r"tests/[\w/]+(?:\.py)?", command)
    }
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_there_is_a_form_for_what_is_wrong_and_one_for_what_is_missing() -> None:
    assert [form.name for form in FORMS] == ["bug.yml", "feature.yml"]
    assert read(TEMPLATES / "config.yml") == {"blank_issues_enabled": False}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_github_accepts_the_form(form: Path) -> None:
    read_form = read(form)
    assert set(read_form) == {"name", "description", "labels", "body"}
    for each in read_form["body"]:
        assert set(each) <= {"type", "id", "attributes", "validations"}
        assert set(each["attributes"]) >= NEEDED[each["type"]], each
        assert set(each.get("validations", {})) <= {"required"}
        if each["type"] == "checkboxes":
            assert all(isinstance(option["label"], str) for option in each["attributes"]["options"])
        if each["type"] == "dropdown":
            assert all(isinstance(option, str) for option in each["attributes"]["options"])
    ids, attributes = zip(*elements(form), strict=True)
    labels = [each["label"] for each in attributes]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[\w-]+", each) for each in ids)
    assert len(set(labels)) == len(labels), "GitHub refuses a label that is there twice"


def test_a_report_says_what_is_needed_to_find_the_cause_and_holds_no_tokens() -> None:
    asked = dict(elements(TEMPLATES / "bug.yml"))
    assert list(asked) == ["happened", "expected", "version", "database", "mode", "doctor", "secrets"]
    assert "`python app.py --doctor`" in asked["doctor"]["description"]
    assert asked["database"]["options"] == ["SQLite", "PostgreSQL"]
    assert {"Socket Mode", "HTTP mode"} < set(asked["mode"]["options"])
    assert "tokens" in asked["secrets"]["options"][0]["label"]
