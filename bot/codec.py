"""Turns dataclasses into JSON and back, for outbox rows, buttons and columns.

A class is written as its fields, in order, under their names; ``tests/storage/written.json`` pins the text.
cattrs needs nothing from the classes. (pydantic would write UTC as ``Z``, where stored text has ``+00:00``.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, TypeVar, get_args

from cattrs import Converter
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_unstructure_fn, override

from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.outbox.effects import EFFECTS, Effect
from bot.domain.postmortems.model import Postmortem
from bot.domain.settings import ReminderSettings
from bot.domain.surface.answers import Answer, Doctor, Offers
from bot.domain.surface.forms import STARTS, DeclareStart, FormName, FormStart, SettingsStart

T = TypeVar("T")
_SIMPLE = frozenset({str, int, float, bool})
_ANSWERS: Mapping[str, type[Answer]] = {kind.__name__: kind for kind in get_args(Answer)}
_FORMS: Mapping[type[FormStart], FormName] = {kind: name for name, kind in STARTS.items()}
IN_METADATA: Mapping[type, tuple[str, ...]] = {
    Incident: ("conversion",),
    FiveWhysAnalysis: ("was_nudged", "has_findings"),
    Postmortem: ("canvas_id", "file_id"),
}
"""Fields that are written as part of ``metadata``, because revisions before 0008 keep them there, and exports
have always shown them there."""
ADDED: Mapping[type, tuple[str, ...]] = {
    DeclareStart: ("is_private",),
    Doctor: ("is_followed",),
    Incident: ("project_number", "home_channel", "call_url"),
    Offers: ("can_cancel",),
    ReminderSettings: tuple(each.name for each in fields(ReminderSettings) if not each.repr),
    SettingsStart: ("group",),
    TimelineEntry: ("removed_after",),
}
"""Fields that the revision before doesn't know: they are only written where they say something."""


def _reader(*, forbids_unknown: bool, checks_types: bool) -> Converter:
    made = Converter(detailed_validation=False, forbid_extra_keys=forbids_unknown)
    made.register_unstructure_hook(date, lambda value: value.isoformat())
    made.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    made.register_structure_hook(datetime, lambda value, _: _time(value))
    for kind in (str, int, float):
        # This also applies to their subclasses: bool, and enums of text.
        made.register_structure_hook(kind, _checked if checks_types else _as_it_is)
    for added_to in ADDED:
        made.register_unstructure_hook(added_to, _plain_fields(made, added_to))
    for entity in IN_METADATA:
        made.register_unstructure_hook(entity, _with_metadata(made, entity))
    return made


def _plain_fields(made: Converter, kind: type) -> Callable[[Any], dict[str, Any]]:
    rules = {name: override(omit_if_default=True) for name in ADDED.get(kind, ())}
    dumped: Callable[[Any], dict[str, Any]] = make_dict_unstructure_fn(kind, made, **rules)  # type: ignore[arg-type]
    return dumped


def _with_metadata(made: Converter, kind: type) -> Callable[[Any], dict[str, Any]]:
    plain = _plain_fields(made, kind)

    def dumped(entity: Any) -> dict[str, Any]:
        shown = {name: value for name, value in plain(entity).items() if name not in IN_METADATA[kind]}
        return {**shown, "metadata": metadata_of(entity)}

    return dumped


def _time(value: str | datetime) -> datetime:
    """A time from JSON, where it is text, or from a column of its own, where it already is a time."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _as_it_is(value: Any, kind: Callable[[Any], Any]) -> Any:
    return value if kind in _SIMPLE else kind(value)


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} instead of {kind.__name__}")
    return value


ROWS = _reader(forbids_unknown=True, checks_types=False)
"""Rejects unknown fields, which only a newer version can have written: their meaning must not be ignored."""
COLUMNS = _reader(forbids_unknown=False, checks_types=False)
"""Ignores unknown fields, because versions that run at the same time read each other's columns."""
BUTTONS = _reader(forbids_unknown=True, checks_types=True)
"""Rejects whatever none of our buttons carries, because Slack returns values that can't be trusted."""


def dump(value: Any) -> Any:
    """A dataclass's fields, or the value of one of them, as values that ``json.dumps`` accepts."""
    return ROWS.unstructure(value)


def metadata_of(entity: Any) -> dict[str, Any]:
    """The entity's metadata, together with those of its fields that are written as part of it."""
    named = {name: getattr(entity, name) for name in IN_METADATA[type(entity)]}
    return {**entity.metadata, **{name: ROWS.unstructure(value) for name, value in named.items() if value}}


def load(kind: type[T], stored: Any, reader: Converter = ROWS) -> T:
    """The inverse of :func:`dump`; a missing field gets its default.

    Raises ``TypeError``, ``ValueError`` or ``AttributeError`` if the stored value doesn't fit.
    """
    try:
        return reader.structure(stored, kind)
    except (KeyError, ForbiddenExtraKeysError) as error:
        raise TypeError(f"not a {kind.__name__}: {error}") from error


def effect_from_json(kind: str, payload: Mapping[str, Any]) -> Effect:
    """The effect of an outbox row; raises what :func:`load` raises, or ``KeyError`` for an unknown kind."""
    return load(EFFECTS[kind], payload)


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The answer as an outbox row or a button's value stores it."""
    return {"show": type(answer).__name__, **dump(answer)}


def answer_from_json(stored: Mapping[str, Any], reader: Converter = ROWS) -> Answer:
    """The inverse of :func:`answer_to_json`; raises what :func:`load` raises, or ``KeyError``."""
    values = dict(stored)
    return load(_ANSWERS[values.pop("show")], values, reader)


def form_to_json(start: FormStart) -> tuple[str, dict[str, Any]]:
    """The form's name, and its initial values as JSON."""
    return _FORMS[type(start)].value, dump(start)


def form_from_json(name: str, arguments: Mapping[str, Any], reader: Converter = ROWS) -> FormStart:
    """The inverse of :func:`form_to_json`; raises what :func:`load` raises."""
    return load(STARTS[FormName(name)], arguments, reader)
