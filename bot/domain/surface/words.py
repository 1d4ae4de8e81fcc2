"""The words of a typed line, and those that somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bot.domain.kit.errors import BotError, DidYouMean, DidYouMeanOneOf, UnknownCommand
from bot.domain.kit.references import Names
from bot.domain.kit.text import cut, plain_from_markup
from bot.domain.surface.command import Command


def first_word(text: str) -> tuple[str, str]:
    """The first word and the rest, both without surrounding space."""
    word, rest = [*text.split(maxsplit=1), "", ""][:2]
    return word, rest.strip()


def shown(text: str, names: Names) -> str:
    """What the user typed, short enough to quote in a sentence."""
    return cut(plain_from_markup(text, names), 60)


def first_name(text: str) -> tuple[str, str]:
    """The first word in lower case without its punctuation, and the rest."""
    word, rest = first_word(text)
    name = word.lower()
    return name.rstrip("?!.,:;") or name[:1], rest


def offering(error: BotError, lines: Iterable[str], names: Names) -> BotError:
    """The error, with a button for each line that the person may have meant."""
    error.offers = {cut(plain_from_markup(line, names), 60): line for line in lines}
    return error


def closest(typed: str, known: Iterable[str]) -> str | None:
    """The known word that the typed one most likely means, or ``None`` if none is close."""
    found = difflib.get_close_matches(typed.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def unknown(text: str, commands: tuple[Command, ...], names: Names) -> BotError:
    """The answer to a line that starts with no command: the commands that it may mean."""
    typed, rest = first_word(text)
    name = first_name(text)[0]
    known = [command.name for command in commands if command.name]
    similar = [f"{each.name} {each.similar[name]}".strip() for each in commands if name in each.similar]
    longer = [each for each in known if len(name) > 1 and each.startswith(name)]
    close = closest(name, known)
    meant = similar or longer[:_MAX_SUGGESTED] or ([close] if close else [])
    if not meant:
        return UnknownCommand(typed=shown(typed, names))
    error: BotError = DidYouMean(typed=shown(typed, names), suggestion=meant[0])
    if len(meant) > 1:
        error = DidYouMeanOneOf(typed=shown(typed, names), suggestions=" or ".join(meant))
    with_note = {each.name for each in commands if each.arguments and each.arguments[0].name == "note"}
    lines = (f"{each} {text if similar and rest and each in with_note else rest}".strip() for each in meant)
    return offering(error, lines, names)


_MAX_SUGGESTED = 3


def is_typo(name: str, names: Iterable[str]) -> bool:
    """Whether the word is a command with two neighbouring letters swapped, or one letter missing or too many.

    A replaced letter counts only in long names: "last" isn't "list", and "read" isn't "lead".
    """
    return any(_is_slip(name, known) for known in names if len(name) > 2 and len(known) > 2)


def _is_slip(typed: str, meant: str) -> bool:
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), None)
    if start is None:
        return True
    left, right = typed[start:], meant[start:]
    swapped = left[1::-1] + left[2:]
    is_replaced = len(meant) > 5 and left[1:] == right[1:]
    return left[1:] == right or left == right[1:] or (swapped == right and len(left) > 1) or is_replaced
