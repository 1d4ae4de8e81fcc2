"""What a command is, and what a parsed line of one holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command.

    With ``choices`` it is one of those words; with ``person``, a mention; with ``filters``, any number of
    ``name:value`` pairs; otherwise it is the rest of the line.
    """

    name: str
    required: bool = False
    choices: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other word -> the choice that it is another name for."""
    similar: Mapping[str, str] = field(default_factory=dict)
    """Other word -> the choice that it probably means, which is offered."""
    person: bool = False
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Filter name -> allowed values; an empty tuple allows any."""
    is_number: bool = False
    """Whether a number alone is a value of it, and so isn't a ref."""
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
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Another name -> the arguments that it implies, as in ``sev1`` for ``severity critical``."""
    similar: Mapping[str, str] = field(default_factory=dict)
    """A word that probably means this command -> the arguments that it implies. It is offered."""

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
    rest: str = field(default="", compare=False)
    """What follows the command and the ref, as it was typed."""

    def get(self, name: str) -> str | None:
        """The argument's value, or ``None`` if it wasn't given."""
        return self.values.get(name)
