"""The grammar of commands, driven by a table: the same for the slash command and for mentions.

    <command> [INC-12] <arguments>

The table's rows are in :mod:`bot.listeners.commands`; this module only knows how to parse a line with them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.domain.kit.errors import DidYouMean, UnknownCommand, Usage
from bot.domain.kit.text import cut, plain_from_markup, storable


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command.

    With ``choices`` it is one of those words; with ``person``, a mention; with ``filters``, any number of
    ``name:value`` pairs; otherwise it is the rest of the line.
    """

    name: str
    required: bool = False
    choices: tuple[str, ...] = ()
    person: bool = False
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Filter name -> allowed values; an empty tuple allows any."""
    markup: bool = False
    """Whether Slack's own markup, such as mentions, is kept."""
    shown: str = ""
    """How a usage line shows it, if its name doesn't say enough."""

    @property
    def usage(self) -> str:
        """How a usage line shows the argument."""
        if self.shown:
            return self.shown
        if self.filters:
            return " ".join(f"[{name}:{'|'.join(values) or '…'}]" for name, values in self.filters.items())
        word = "@someone" if self.person else ("|".join(self.choices) or self.name)
        if not self.required:
            return f"[{word}]"
        return f"<{word}>" if not self.person else word


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand: its name, what it does in half a line, and its arguments in order."""

    name: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    needs_incident: bool = True
    """Whether it is about one incident: the channel's own, or one whose ref precedes the arguments."""

    @property
    def usage(self) -> str:
        """The usage line, e.g. ``status <open|investigating|resolved|closed> [note]``."""
        return " ".join([self.name, *(argument.usage for argument in self.arguments)])


@dataclass(frozen=True, slots=True)
class Call:
    """A parsed line."""

    command: str
    incident_id: int | None = None
    """From a ref in the line; ``None`` means the channel's own incident."""
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """The argument's value, or ``None`` if it wasn't given."""
        return self.values.get(name)


def parse(line: str, table: Iterable[Command]) -> Call:
    """Parse one line in Slack's escaped form (``&amp;``, ``<@U1|ana>``).

    Characters that no database stores are dropped. An empty line is the command with the empty name. Raises
    ``UnknownCommand``, ``DidYouMean`` or ``Usage``.
    """
    by_name = {command.name: command for command in table}
    name, rest = _first_word(storable(line))
    command = by_name.get(name.lower())
    if command is None:
        raise _unknown(name, by_name)
    incident_id = None
    if command.needs_incident:
        incident_id, rest = _take_ref(rest, command)
    values: dict[str, str] = {}
    for argument in command.arguments:
        rest = _take(argument, rest, command, values)
    if rest:
        raise Usage(problem=f"I don't know what to do with “{_shown(rest)}”.", usage=command.usage)
    return Call(command.name, incident_id, values)


_REF = re.compile(r"(?:inc|incident)?[\s#_-]*0*([1-9][0-9]{0,8})[,.:;)]*(?:\s+|$)", re.IGNORECASE | re.ASCII)
_LIKE_A_REF = re.compile(r"(?:inc\b|inc[\W_]*\d|#\d)", re.IGNORECASE | re.ASCII)


def _take_ref(rest: str, command: Command) -> tuple[int | None, str]:
    """The incident that the line starts with, if any, and the rest of the line.

    Raises ``Usage`` for a word that only looks like a ref: as text, it would act on the channel's own
    incident.
    """
    if not _LIKE_A_REF.match(rest):
        return None, rest
    found = _REF.match(rest)
    if found is None:
        word, _ = _first_word(rest)
        problem = f"“{_shown(word)}” isn't an incident that I know. Write it like INC-12."
        raise Usage(problem=problem, usage=command.usage)
    return int(found.group(1)), rest[found.end() :]


def closest(typed: str, known: Iterable[str]) -> str | None:
    """The known word that the typed one most likely means, or ``None`` if none is close."""
    found = difflib.get_close_matches(typed.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def _unknown(typed: str, by_name: Mapping[str, Command]) -> UnknownCommand | DidYouMean:
    suggestion = closest(typed, filter(None, by_name))
    if suggestion:
        return DidYouMean(typed=_shown(typed), suggestion=suggestion)
    return UnknownCommand(typed=_shown(typed))


def _take(argument: Argument, rest: str, command: Command, values: dict[str, str]) -> str:
    """Parse one argument from the start of ``rest`` into ``values``; returns the remaining text."""
    if argument.filters:
        return _take_filters(argument, rest, command, values)
    if not rest:
        if argument.required:
            raise Usage(problem=f"Missing: {argument.usage}.", usage=command.usage)
        return ""
    if argument.choices:
        return _take_choice(argument, rest, command, values)
    if argument.person:
        return _take_person(argument, rest, command, values)
    values[argument.name] = rest if argument.markup else plain_from_markup(rest)
    return ""


def _take_choice(argument: Argument, rest: str, command: Command, values: dict[str, str]) -> str:
    word, after = _first_word(rest)
    if word.lower() in argument.choices:
        values[argument.name] = word.lower()
        return after
    if not argument.required:
        return rest
    suggestion = closest(word, argument.choices)
    hint = f" Did you mean “{suggestion}”?" if suggestion else ""
    raise Usage(problem=f"There is no {argument.name} “{_shown(word)}”.{hint}", usage=command.usage)


def _take_person(argument: Argument, rest: str, command: Command, values: dict[str, str]) -> str:
    found = re.match(r"<@([A-Z0-9]+)(?:\|[^>]*)?>\s*", rest)
    if not found:
        problem = f"I don't know who “{_shown(rest)}” is. Mention the person with @."
        raise Usage(problem=problem, usage=command.usage)
    values[argument.name] = found.group(1)
    return rest[found.end() :]


def _take_filters(argument: Argument, rest: str, command: Command, values: dict[str, str]) -> str:
    while rest:
        word, after = _first_word(rest)
        name, colon, value = word.partition(":")
        allowed = argument.filters.get(name.lower())
        if allowed is None or not colon or not value:
            return rest
        chosen = plain_from_markup(value)
        if allowed and chosen.lower() not in allowed:
            suggestion = closest(chosen, allowed)
            hint = f" Did you mean “{suggestion}”?" if suggestion else ""
            raise Usage(problem=f"There is no {name} “{_shown(value)}”.{hint}", usage=command.usage)
        values[name.lower()] = chosen.lower() if allowed else chosen
        rest = after
    return rest


def _first_word(text: str) -> tuple[str, str]:
    """The first word and the rest, both without surrounding space."""
    word, rest = [*text.split(maxsplit=1), "", ""][:2]
    return word, rest.strip()


def _shown(text: str) -> str:
    """What the user typed, short enough to quote in a sentence."""
    return cut(plain_from_markup(text), 60)
