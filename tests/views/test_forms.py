"""Forms open whatever they start with, and return what was filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.model import SEVERITY_MEANINGS, Incident, IncidentSeverity
from bot.domain.kit.errors import (
    AlreadyThere,
    BotError,
    ProjectTooLong,
    ReasonMissing,
    StillActive,
    TitleMissing,
    TitleTooLong,
)
from bot.domain.surface.forms import DeclareInput, DeclareStart, EditInput, FormName, ReopenInput
from bot.views.incidents.forms import (
    declare_form,
    edit_form,
    form_errors,
    meanwhile_form,
    parse_declare,
    parse_edit,
    parse_reopen,
    project_options,
    reopen_form,
)
from sandbox.rules import check_suggestions
from tests.support.examples import any_text, incident
from tests.views.screens import action_ids, check_form, submitted
from tests.views.test_incident import incidents

starts = st.builds(
    DeclareStart,
    any_text | st.just("&" * 40_000),
    any_text | st.just("line\n" * 700),
    st.none() | st.just("C1"),
    st.none() | st.just("1700000000.000100"),
)
severities = st.sampled_from(IncidentSeverity)
OPENED: tuple[Callable[[], dict[str, Any]], ...] = (
    lambda: declare_form(DeclareStart()),
    lambda: edit_form(incident()),
    lambda: reopen_form(incident()),
)


@given(starts)
def test_the_form_that_declares_opens_whatever_it_starts_with(start: DeclareStart) -> None:
    check_form(declare_form(start))


@given(incidents)
def test_the_forms_of_every_incident_open(example: Incident) -> None:
    check_form(edit_form(example))
    check_form(reopen_form(example))


def test_each_form_answers_under_its_own_name() -> None:
    assert [form()["callback_id"] for form in OPENED] == [FormName.DECLARE, FormName.EDIT, FormName.REOPEN]


def test_the_untouched_form_declares_an_incident() -> None:
    view = submitted(declare_form(DeclareStart()), {})
    assert parse_declare(view) == DeclareInput("", IncidentSeverity.HIGH, None, "", None, None)


@given(starts, any_text, severities, st.none() | any_text.filter(bool), any_text)
def test_what_was_filled_in_to_declare_is_read_back(
    start: DeclareStart, title: str, severity: IncidentSeverity, project: str | None, description: str
) -> None:
    view = declare_form(start)
    filled = {"title": title, "severity": severity.value, "project": project, "description": description}
    assert parse_declare(submitted(view, filled)) == DeclareInput(
        title, severity, project, description, start.source_channel, start.source_ts
    )


@given(incidents, any_text, severities, any_text)
def test_what_was_filled_in_to_edit_is_read_back(
    example: Incident, title: str, severity: IncidentSeverity, why: str
) -> None:
    view = submitted(edit_form(example), {"title": title, "severity": severity.value, "why": why})
    assert parse_edit(view) == EditInput(
        incident_id=example.id,
        title=title,
        severity=severity,
        why=why,
        was_title=example.title,
        was_severity=example.severity,
    )


@given(incidents)
def test_an_untouched_edit_repeats_the_current_values(example: Incident) -> None:
    filled = parse_edit(submitted(edit_form(example), {}))
    assert (filled.title, filled.severity, filled.why) == (example.title, example.severity, "")
    assert (filled.was_title, filled.was_severity) == (example.title, example.severity)


@given(incidents, any_text)
def test_what_was_filled_in_to_reopen_is_read_back(example: Incident, why: str) -> None:
    assert parse_reopen(submitted(reopen_form(example), {"why": why})) == ReopenInput(example.id, why)


def test_fields_that_were_left_empty_are_read_as_nothing() -> None:
    view = submitted(declare_form(DeclareStart("x")), {"title": None, "severity": None, "description": None})
    assert parse_declare(view) == DeclareInput("", IncidentSeverity.HIGH, None, "", None, None)


def test_a_title_that_is_too_long_continues_in_the_description() -> None:
    view = submitted(declare_form(DeclareStart("word " * 100, "and more")), {})
    filled = parse_declare(view)
    assert filled.title == ("word " * 40).strip() + "…"
    assert filled.description == ("word " * 100).strip() + "\nand more"


def test_private_is_ticked_with_a_reason_only_for_a_message_of_a_private_conversation() -> None:
    hidden, open_to_all = (
        declare_form(DeclareStart("x", "", "C1", "1.0", is_private=each)) for each in (True, False)
    )
    check_form(hidden)
    assert parse_declare(submitted(hidden, {})).is_private
    assert not parse_declare(submitted(open_to_all, {})).is_private
    assert "private conversation" in str(hidden)
    assert "private conversation" not in str(open_to_all)


@pytest.mark.parametrize("title", ["", "Checkout <is> *down* & out", "x" * 300])
@pytest.mark.parametrize("severity", IncidentSeverity)
def test_what_others_have_declared_is_shown_and_nothing_typed_is_lost(
    title: str, severity: IncidentSeverity
) -> None:
    found = [incident(id=number, title="<&" * 100, channel_id=None) for number in range(1, 6)]
    start, project = DeclareStart("a title", "more", "C1", "1.0"), "payments"
    view = declare_form(start, found, 0)
    check_form(view)
    filled = {"title": title[:200], "severity": severity.value, "project": project, "description": "why"}
    for _ in range(2):
        again = meanwhile_form(submitted(view, dict(filled)), found)
        check_form(again)
        assert action_ids(again["blocks"]) == ["join_incident"] * len(found)
        assert again["submit"]["text"] == "Declare anyway"
        kept = submitted(again, {})
        assert parse_declare(kept) == DeclareInput(
            title[:200],
            severity,
            project,
            "why",
            start.source_channel,
            start.source_ts,
            newest=max(each.id for each in found),
        )
        view, filled = again, {}


def test_each_severity_is_shown_with_its_meaning() -> None:
    severity = next(
        block["element"]
        for block in declare_form(DeclareStart())["blocks"]
        if block["block_id"] == "severity"
    )
    meanings = {option["value"]: option["description"]["text"] for option in severity["options"]}
    assert meanings == {each.value: meaning for each, meaning in SEVERITY_MEANINGS.items()}


@pytest.mark.parametrize(
    ("form", "error", "field"),
    [
        (0, TitleMissing(), "title"),
        (0, TitleTooLong(limit=200, length=201), "title"),
        (0, ProjectTooLong(limit=75, length=80), "project"),
        (1, TitleMissing(), "title"),
        (2, ReasonMissing(ref="INC-12"), "why"),
        (2, AlreadyThere(ref="INC-12", status="open", by="U1"), "why"),
        (2, StillActive(ref="INC-12", status="open"), "why"),
    ],
)
def test_an_error_is_shown_at_its_field_or_at_the_first_one(form: int, error: BotError, field: str) -> None:
    errors = form_errors(OPENED[form](), error)
    assert list(errors) == [field]
    assert "`" not in errors[field]


@given(any_text, st.lists(st.text(min_size=1, max_size=75), max_size=20, unique=True))
def test_slack_accepts_every_suggestion_and_what_was_typed_comes_first(typed: str, known: list[str]) -> None:
    options = project_options(typed, known)
    check_suggestions({"options": options})
    values = [option["value"] for option in options]
    assert len(set(values)) == len(values)
    assert values[-len(known) :] == known or not known
