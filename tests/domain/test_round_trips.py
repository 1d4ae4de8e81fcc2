"""What is stored as JSON comes back unchanged."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codec import answer_from_json, answer_to_json, dump, effect_from_json, form_from_json, form_to_json
from bot.domain.outbox.effects import EFFECTS, Effect, SendAnswer
from bot.domain.surface import answers
from bot.domain.surface.answers import Answer, FormOffer, IncidentList, Sentence, Timeline
from bot.domain.surface.forms import STARTS, DeclareStart, FormName, FormStart
from tests.support.examples import any_text

ids = st.integers(1, 10**12)
words = st.text(max_size=30)

BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "int": ids,
    "str": any_text,
    "str | None": st.none() | any_text,
    "int | None": st.none() | ids,
    "bool": st.booleans(),
    "tuple[str, ...]": st.lists(words, max_size=4).map(tuple),
    "Mapping[str, str]": st.dictionaries(words, words, max_size=3),
    "Mapping[str, Any]": st.dictionaries(words, st.none() | words | ids, max_size=3),
}
"""How to make a field's value; a field of another type fails its test until the type is added here."""


def made(kind: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{each.name: BY_TYPE[str(each.type)] for each in fields(kind)})


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("name", EFFECTS)
@given(data=st.data())
def test_an_effect_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    effect: Effect = data.draw(made(EFFECTS[name]))
    assert effect_from_json(name, through_json(dump(effect))) == effect


@given(st.one_of(*(made(kind) for kind in answers.Answer.__args__)))
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    assert answer_from_json(through_json(answer_to_json(answer))) == answer


@given(st.one_of(*(made(kind) for kind in answers.Answer.__args__)), words)
def test_an_answer_comes_back_from_the_row_that_sends_it(answer: Answer, channel: str) -> None:
    effect = SendAnswer("U0ANA", channel, None, answer_to_json(answer))
    stored = effect_from_json("SendAnswer", through_json(dump(effect)))
    assert isinstance(stored, SendAnswer)
    assert answer_from_json(stored.answer) == answer


@pytest.mark.parametrize("stored", [{}, {"show": "Nothing"}, {"show": "Tray"}, {"show": "Tray", "x": 1}])
def test_an_invalid_answer_is_refused(stored: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError)):
        answer_from_json(stored)


def test_every_form_has_a_start() -> None:
    assert set(STARTS) == set(FormName)


@given(st.one_of(*(made(kind) for kind in STARTS.values())))
def test_a_forms_start_comes_back_as_it_was(start: FormStart) -> None:
    name, arguments = form_to_json(start)
    assert form_from_json(name, through_json(arguments)) == start


@given(made(DeclareStart))
def test_an_offered_form_opens_as_it_was_meant(start: DeclareStart) -> None:
    offer = answer_from_json(through_json(answer_to_json(FormOffer(*form_to_json(start)))))
    assert isinstance(offer, FormOffer)
    assert form_from_json(offer.form, offer.arguments) == start


@pytest.mark.parametrize(("name", "arguments"), [("nothing", {}), ("edit", {}), ("edit", {"incident": 1})])
def test_an_invalid_form_is_refused(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        form_from_json(name, arguments)


@pytest.mark.parametrize("kind", [Sentence, IncidentList, Timeline])
def test_an_older_versions_rows_can_be_read_although_a_field_was_added(kind: type[Answer]) -> None:
    def has_default(each: Field[Any]) -> bool:
        return each.default is not MISSING or each.default_factory is not MISSING

    needed: dict[str, Any] = {each.name: 1 for each in fields(kind) if not has_default(each)}
    assert answer_from_json({"show": kind.__name__, **needed}) == kind(**needed)
