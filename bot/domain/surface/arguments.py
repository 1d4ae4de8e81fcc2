"""Reads what follows a command: its choices, people, filters and free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.domain.incidents.model import ref_of
from bot.domain.kit.errors import BotError, Usage
from bot.domain.kit.references import Names
from bot.domain.kit.text import plain_from_markup
from bot.domain.surface.command import Argument, Call, Command
from bot.domain.surface.words import closest, first_word, offering, shown


def with_arguments(command: Command, incident_id: int | None, text: str, names: Names) -> Call:
    """The call with the arguments in the text; raises ``Usage``."""
    values: dict[str, str] = {}
    rest, start = text, command.name + (f" {ref_of(incident_id)}" if incident_id else "")
    for argument in command.arguments:
        rest = _take(argument, rest, command, values, start, names)
    if rest:
        raise _left_over(rest, command, f"{start} {text.removesuffix(rest)}", names)
    return Call(command.name, incident_id, values, text)


def _left_over(rest: str, command: Command, start: str, names: Names) -> BotError:
    problem = f"I don't know what to do with “{shown(rest, names)}”."
    meant = next(
        (each.similar[rest.lower()] for each in command.arguments if rest.lower() in each.similar), None
    )
    if meant is None:
        return Usage(problem=problem, usage=command.usage)
    line = f"{start.strip()} {meant}"
    return offering(Usage(problem=f"{problem} Did you mean “{line}”?", usage=command.usage), [line], names)


def _take(
    argument: Argument, rest: str, command: Command, values: dict[str, str], start: str, names: Names
) -> str:
    """Parse one argument from the start of ``rest`` into ``values``; returns the remaining text.

    ``start`` is the line up to its arguments, for the lines that are offered.
    """
    if argument.filters:
        return _take_filters(argument, rest, command, values, names)
    if not rest:
        if argument.required:
            raise Usage(problem=f"Missing: {argument.usage}.", usage=command.usage)
        return ""
    if argument.choices:
        return _take_choice(argument, rest, command, values, start, names)
    if argument.person:
        return _take_person(argument, rest, command, values, names)
    values[argument.name] = rest if argument.markup else plain_from_markup(rest, names)
    return ""


def _take_choice(
    argument: Argument, rest: str, command: Command, values: dict[str, str], start: str, names: Names
) -> str:
    word, after = first_word(rest)
    chosen = _chosen(word, argument.choices, argument.aliases)
    if chosen:
        values[argument.name] = chosen
        return after
    if not argument.required:
        return rest
    second, following = first_word(after)
    readings = {f"{word} {second}".strip(): following, word: after}
    similar = (each for each in readings if _plain_word(each) in argument.similar)
    typed = next(similar, word).strip()
    suggestion = argument.similar.get(_plain_word(typed)) or closest(word, argument.choices)
    error = Usage(problem=_no_such(argument.name, typed, suggestion, names), usage=command.usage)
    raise offering(error, [f"{start} {suggestion} {readings[typed]}".strip()] if suggestion else [], names)


def _chosen(word: str, choices: Iterable[str], aliases: Mapping[str, str]) -> str | None:
    name = _plain_word(word)
    return name if name in choices else aliases.get(name)


def _plain_word(word: str) -> str:
    return word.lower().rstrip("?!.,:; ")


def _no_such(name: str, typed: str, suggestion: str | None, names: Names) -> str:
    hint = f" Did you mean “{suggestion}”?" if suggestion else ""
    return f"There is no {name} “{shown(typed, names)}”.{hint}"


def _take_person(
    argument: Argument, rest: str, command: Command, values: dict[str, str], names: Names
) -> str:
    found = re.match(r"<@([A-Z0-9]+)(?:\|[^>]*)?>\s*", rest)
    if not found:
        problem = f"I don't know who “{shown(rest, names)}” is. Mention the person with @."
        raise Usage(problem=problem, usage=command.usage)
    values[argument.name] = found.group(1)
    return rest[found.end() :]


def _take_filters(
    argument: Argument, rest: str, command: Command, values: dict[str, str], names: Names
) -> str:
    """Parse ``name:value`` pairs; a value that may be anything reaches up to the next pair."""
    while rest:
        typed, _, after = rest.partition(":")
        name = _filter_named(typed, argument.filters)
        if name is None or not after.strip():
            return rest
        allowed = argument.filters[name]
        value, rest = first_word(after.strip()) if allowed else _up_to_next(after.strip(), argument.filters)
        values[name] = plain_from_markup(value, names).strip("\"“”'")
        if allowed:
            values[name] = _allowed(value, name, argument, command, names)
    return ""


def _allowed(value: str, name: str, argument: Argument, command: Command, names: Names) -> str:
    allowed = argument.filters[name]
    chosen = _chosen(value, allowed, argument.aliases)
    if chosen is None:
        raise Usage(problem=_no_such(name, value, closest(value, allowed), names), usage=command.usage)
    return chosen


def _filter_named(typed: str, filters: Iterable[str]) -> str | None:
    """The filter with this name, of which the first three letters are enough."""
    name = typed.strip().lower()
    return next((each for each in filters if len(name) > 2 and each.startswith(name)), None)


def _up_to_next(text: str, filters: Iterable[str]) -> tuple[str, str]:
    """The text up to the next ``name:`` of a filter, and the rest from there on."""
    for pair in re.finditer(r"\s(?P<name>[A-Za-z]+)\s*:", text):
        if _filter_named(pair["name"], filters):
            return text[: pair.start()].strip(), text[pair.start() :].strip()
    return text, ""
