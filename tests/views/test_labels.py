"""Everything has a label."""

from __future__ import annotations

import inspect
import string

import pytest

from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit import errors
from bot.domain.kit.errors import BotError
from bot.domain.outbox.effects import EFFECTS
from bot.views.incidents.changes import change_line
from bot.views.kit.errors import plain_sentence, sentence
from bot.views.kit.labels import EFFECT, SEVERITY, STATUS, STEP
from bot.views.kit.message import Message
from tests.support.examples import HOSTILE, entry
from tests.views.screens import check

ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, BotError)]


def test_every_severity_has_a_label_and_no_two_are_the_same() -> None:
    for severity in IncidentSeverity:
        assert severity in SEVERITY, f"{severity} has no label in SEVERITY of bot/views/kit/labels.py"
    assert len(set(SEVERITY.values())) == len(SEVERITY)


def test_every_status_has_its_label_and_its_button() -> None:
    for status in IncidentStatus:
        assert status in STATUS, f"{status} has no label in STATUS of bot/views/kit/labels.py"
        assert status in STEP, f"{status} has no button in STEP of bot/views/kit/labels.py"
    assert len(set(STATUS.values())) == len(set(STEP.values())) == len(IncidentStatus)


def test_every_effect_has_a_label_and_no_label_is_unused() -> None:
    for name in EFFECTS:
        assert name in EFFECT, f"{name} has no label in EFFECT of bot/views/kit/labels.py"
    assert set(EFFECT) == set(EFFECTS), "no label is left over"


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_of_entry_reads_as_a_sentence(kind: EntryKind) -> None:
    value = {EntryKind.STATUS: "open", EntryKind.SEVERITY: "high", EntryKind.DECLARED: "low"}.get(kind, "x")
    line = change_line(entry(kind, from_value=value, to_value=value, text="because"))
    assert line
    assert "?" not in line


def values_for(error: type[BotError], value: str) -> dict[str, str]:
    names = [name for _, name, _, _ in string.Formatter().parse(inspect.getdoc(error) or "") if name]
    return {name: "U0ANA" if name in {"by", "person"} else value for name in names}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_is_a_sentence_of_its_own(error: type[BotError]) -> None:
    assert inspect.getdoc(error) != inspect.getdoc(BotError) or error is BotError
    text = sentence(error(**values_for(error, "INC-12")))
    assert text[0].isupper() or text.startswith("<@")
    assert text.endswith((".", "`", "?"))
    assert "{" not in text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_what_users_typed_stays_text_in_every_error(error: type[BotError], hostile: str) -> None:
    known = error(**values_for(error, hostile))
    text = sentence(known)
    check(Message(text.replace("\ud800", "")))
    template = inspect.getdoc(error) or ""
    assert text.count("`") == template.count("`"), "nobody can end the quoting"
    assert "`" not in plain_sentence(known).replace(hostile.replace("`", ""), "")
