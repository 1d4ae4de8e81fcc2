"""Postmortems on screen: Slack takes them, hostile text stays text, and forms return what was filled in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codec import dump
from bot.domain.kit.errors import OutdatedButton
from bot.domain.kit.text import storable
from bot.domain.postmortems.model import (
    EventChoice,
    LessonLearned,
    Missing,
    Postmortem,
    Revision,
    Section,
    content_of,
)
from bot.domain.surface.forms import FormName, LessonStart
from bot.domain.surface.shown import PostmortemShown, RevisionsShown
from bot.views.kit.form_parts import modal
from bot.views.kit.labels import MISSING, SECTION
from bot.views.postmortems import forms
from bot.views.postmortems import messages as views
from tests.support.examples import NOW, any_text, document, incident, postmortem
from tests.views.screens import action_ids, check, check_form, foreign, shown, submitted
from tests.views.screens import texts as texts_of

texts = any_text.map(storable)
found_ones = st.builds(
    lambda text, is_final, owner: postmortem(
        title=" ".join(text.split())[:200] or "x",
        summary=text[:3000],
        impact=text[:3000],
        root_causes=(text[:300],) * 20,
        lessons_learned=(LessonLearned(text[:600] or "x"),) * 30,
        completed_at=NOW if is_final else None,
        completed_despite=text[:500],
        owner_id=owner,
    ),
    texts,
    st.booleans(),
    st.sampled_from([None, "U0ANA"]),
)


@given(found_ones, st.lists(st.sampled_from(Missing), unique=True))
def test_slack_takes_whatever_it_says(found: Postmortem, missing: list[Missing]) -> None:
    said = document(found)
    check(views.postmortem_message(said, missing, "A fallback."))
    check(views.postmortem_tray(PostmortemShown(incident(), said, tuple(missing))))
    check(views.summary_message(said))
    revision = Revision(1, "U0ANA", NOW, Section.IMPACT, dump(content_of(found)))
    check(views.revisions_message(RevisionsShown(incident(), (revision,) * 12, None, 2, 3)))
    check(views.revisions_message(RevisionsShown(incident(), (), revision)))
    check(views.waived_message(incident(), "U0BEN", found.completed_despite))
    check(views.told_owner(incident(title=found.title), "U0BEN"))
    for has_begun in (True, False):
        check(views.reminder_message(incident(title=found.title), has_begun=has_begun))


@given(found_ones, texts)
def test_forms_open_with_whatever_it_says(found: Postmortem, text: str) -> None:
    for section in (Section.TITLE, Section.SUMMARY, Section.IMPACT, Section.ROOT_CAUSES):
        check_form(forms.text_form(found, incident(), section))
        clash = forms.text_form(found, incident(), section, text[:3000], text[:200])
        check_form(clash)
        assert not any(foreign(each) for each in texts_of(clash, "mrkdwn"))
    for number in (0, 1, 99):
        check_form(forms.lesson_form(LessonStart(12, number, text), found))
    check_form(forms.curate_form(incident()))
    check_form(forms.owner_form(incident(), found))
    check_form(forms.complete_form(incident(), list(Missing)))
    check_form(forms.waive_form(incident()))
    for option in forms.event_options([EventChoice("1", NOW, text)]):
        assert 0 < len(option["text"]["text"]) <= 75


def test_the_forms_say_what_was_filled_in() -> None:
    said = postmortem()
    view = submitted(forms.text_form(said, incident(), Section.IMPACT), {"impact": "EU"})
    assert forms.parse_text(view)[:3] == (12, Section.IMPACT, "EU")
    view = submitted(forms.lesson_form(LessonStart(12, 1), said), {"lesson": "Other", "category": "code"})
    number, lesson = forms.parse_lesson(view)[1::2]
    assert (number, lesson.lesson, lesson.category.value) == (1, "Other", "code")
    assert forms.parse_owner(submitted(forms.owner_form(incident(), said), {})) == (12, "U0ANA")
    assert forms.parse_reason(submitted(forms.waive_form(incident()), {"despite": "drill"})) == (12, "drill")


@pytest.mark.parametrize(
    ("read", "name", "values"),
    [
        (forms.parse_lesson, FormName.LESSON, {"category": {"selected_option": {"value": "magic"}}}),
        (forms.parse_curate, FormName.CURATE, {"at": {"selected_date_time": 10**30}}),
        (forms.parse_text, FormName.POSTMORTEM_TEXT, {}),
    ],
)
def test_values_that_our_forms_cannot_hold_are_refused(
    read: Any, name: FormName, values: dict[str, Any]
) -> None:
    view = modal(name, "x", "x", [], {"incident_id": 12, "section": "magic"})
    with pytest.raises(OutdatedButton):
        read({**view, "state": {"values": {key: {key: value} for key, value in values.items()}}})


def test_the_buttons_fit_whether_it_is_final() -> None:
    draft = action_ids(views.postmortem_message(document(), []).blocks)
    final = action_ids(views.postmortem_message(document(postmortem(completed_at=NOW)), []).blocks)
    assert {*views.EDITS, "complete_postmortem"} <= set(draft)
    assert set(final) == {"show_postmortem", "show_revisions", "reopen_postmortem"}


def test_words_about_a_person_only_give_a_hint() -> None:
    said = document(postmortem(summary="Ben was careless"))
    assert "seems to blame a person" in shown(views.postmortem_message(said, []))


def test_every_section_and_every_gap_has_a_name() -> None:
    assert set(SECTION) == set(Section)
    assert set(MISSING) == set(Missing)
