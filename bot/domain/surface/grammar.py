"""The grammar of commands, driven by a table: the same for the slash command and for mentions.

    <command> [INC-12] <arguments>

The table's rows are in :mod:`bot.listeners.commands`; this module only knows how to parse a line with them.
What has one obvious meaning is run; what is only similar to a command is offered, never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.incidents.model import ref_of
from bot.domain.kit.errors import BotError, Usage
from bot.domain.kit.references import Names
from bot.domain.kit.text import storable
from bot.domain.surface.arguments import with_arguments
from bot.domain.surface.command import Argument, Call, Command
from bot.domain.surface.words import first_name, first_word, is_typo, offering, shown, unknown


def parse(line: str, table: Iterable[Command], names: Names) -> Call:
    """Parse one line in Slack's escaped form (``&amp;``, ``<@U1|ana>``).

    Characters that no database stores are dropped. An empty line is the command with the empty name. Raises
    ``UnknownCommand``, ``DidYouMean`` or ``Usage``.
    """
    commands = tuple(table)
    text = _ref_last(_bare(storable(line)), commands)
    number = _REF_ALONE.fullmatch(text)
    if number:
        return Call("", int(number[1]))
    found = _named(text, commands)
    if found is None:
        raise unknown(text, commands, names)
    command, implied, rest = found
    incident_id = None
    if command.needs_incident:
        incident_id, rest = _take_ref(rest, command, implied, names)
    return with_arguments(command, incident_id, f"{implied} {rest}".strip(), names)


def begins_command(line: str, table: Iterable[Command], names: Names, *, is_addressed: bool) -> bool:
    """Whether what follows a mention is a command, or an attempt at one, rather than talk.

    Unless the mention addresses the bot (``is_addressed``), only a line that can be run is a command.
    """
    commands = tuple(table)
    text = _ref_last(_bare(storable(line)), commands)
    name = first_name(text)[0]
    is_named = any(name == command.name for command in commands)
    if is_addressed and (is_named or is_typo(name, [command.name for command in commands])):
        return True
    if not is_addressed and not (name and is_named):
        return False
    try:
        parse(line, commands, names)
    except BotError:
        return False
    return True


_TYPED_COMMAND = re.compile(r"(?:/incident\b|incident\b(?=\s+[^\d\W]))\s*", re.IGNORECASE)
_REF_FIRST = re.compile(
    r"(?:inc|incident)?[\s#_-]*0*([1-9][0-9]{0,8})[,.:;)]*\s+(.+)", re.IGNORECASE | re.ASCII | re.DOTALL
)
_REF_ALONE = re.compile(r"(?:inc|incident)?[\s#_-]*0*([1-9][0-9]{0,8})[,.:;)?!]*", re.IGNORECASE | re.ASCII)
_REF = re.compile(r"(?:inc|incident)?[\s#_-]*0*([1-9][0-9]{0,8})[,.:;)]*(?:\s+|$)", re.IGNORECASE | re.ASCII)
_LIKE_A_REF = re.compile(r"(?:inc\b|inc[\W_]*\d|incident[\s#_-]*\d|#\d)", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"0*([1-9][0-9]{0,8})[.!]?", re.ASCII)


def _bare(text: str) -> str:
    """The line without what people copy along: ``/incident`` itself, and the back-ticks around it."""
    text = text.strip()
    while (typed := _TYPED_COMMAND.match(text)) or re.fullmatch("`[^`]*`", text):
        text = text[typed.end() :] if typed else text[1:-1].strip()
    return text


def _ref_last(text: str, commands: tuple[Command, ...]) -> str:
    """``INC-3 resolve done`` as ``resolve INC-3 done``; other lines as they are."""
    match = _REF_FIRST.fullmatch(text) if _LIKE_A_REF.match(text) else None
    found = _named(match[2], commands) if match else None
    if match is None or found is None:
        return text
    command, implied, rest = found
    shorthand = match[2][: len(match[2]) - len(rest)].strip() if implied else command.name
    return f"{shorthand} {ref_of(int(match[1]))} {rest}".strip()


def _named(text: str, commands: tuple[Command, ...]) -> tuple[Command, str, str] | None:
    """The command that the text starts with, the arguments that its name implies, and the rest."""
    name, rest = first_name(text)
    second, after = first_name(rest)
    for typed, following in ((f"{name} {second}", after), (name, rest)):
        for command in commands:
            if typed == command.name or typed in command.aliases:
                return command, command.aliases.get(typed, ""), following
    return None


def _take_ref(rest: str, command: Command, implied: str, names: Names) -> tuple[int | None, str]:
    """The incident that the line starts with, if any, and the rest of the line.

    Raises ``Usage`` for a word that only looks like a ref, and for a number that could just as well be text:
    as text, it would act on the channel's own incident.
    """
    number = _NUMBER.fullmatch(rest)
    if number:
        return _number_alone(int(number[1]), rest, command, implied, names)
    if not _LIKE_A_REF.match(rest):
        _check_number_first(rest, command, names)
        return None, rest
    found = _REF.match(rest)
    if found is None:
        word, _ = first_word(rest)
        problem = f"“{shown(word, names)}” isn't an incident that I know. Write it like INC-12."
        raise Usage(problem=problem, usage=command.usage)
    return int(found.group(1)), rest[found.end() :]


def _check_number_first(rest: str, command: Command, names: Names) -> None:
    """Raise ``Usage`` for a number that can only be meant as a ref, as in ``lead 3 @ben``."""
    word, after = first_word(rest)
    number = _NUMBER.fullmatch(word)
    if number and not any(_is_free(each) or each.required for each in command.arguments):
        line = f"{command.name} {ref_of(int(number[1]))} {after}"
        problem = f"Do you mean {ref_of(int(number[1]))}?"
        raise offering(Usage(problem=problem, usage=command.usage), [line], names)


def _is_free(argument: Argument) -> bool:
    """Whether the argument is free text."""
    return not (argument.choices or argument.person or argument.filters)


def _number_alone(
    number: int, rest: str, command: Command, implied: str, names: Names
) -> tuple[int | None, str]:
    """``timeline 3`` means INC-3; ``resolve 3`` is a question, because a note can follow ``resolve``."""
    first = next(iter(command.arguments), None)
    if first and (first.is_number or (first.choices and first.required and not implied)):
        return None, rest
    if not any(map(_is_free, command.arguments)):
        return number, ""
    line = " ".join(filter(None, [command.name, ref_of(number), implied]))
    if first and first.required and not implied:
        problem = f"Do you mean {ref_of(number)}? Then write `{line}` first, and the {first.name} after it."
        raise Usage(problem=problem, usage=command.usage)
    what = first.name if first else "text"
    problem = f"Do you mean {ref_of(number)}? If the {number} is your {what}, put a word before it."
    raise offering(Usage(problem=problem, usage=command.usage), [line], names)
