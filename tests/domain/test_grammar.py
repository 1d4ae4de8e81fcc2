"""How a line is read: by the table, in Slack's escaped form, and without failing on anything people type."""

from __future__ import annotations

import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kit.errors import DidYouMean, UnknownCommand, Usage
from bot.domain.kit.text import storable
from bot.domain.surface.grammar import Argument, Call, Command, closest, parse
from bot.listeners.commands import COMMANDS
from tests.support.examples import any_text, tried

COMMAND = {command.name: command for command in COMMANDS}
NAMED = [command for command in COMMANDS if command.name]

# Words in which Slack has nothing to escape and the grammar nothing to recognise.
plain_words = st.lists(st.text("abcdefghij0123456789,.!?", min_size=1, max_size=8), min_size=1, max_size=5)
free_text = plain_words.map(lambda words: " ".join(["zz", *words]))


def slack_escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def given_for(argument: Argument) -> st.SearchStrategy[tuple[str, dict[str, str]]]:
    """What may be typed for an argument, and how it is read."""
    if argument.filters:
        pairs = {
            name: st.sampled_from(values) if values else st.just("checkout")
            for name, values in argument.filters.items()
        }
        chosen = st.fixed_dictionaries({}, optional=pairs)
        return chosen.map(
            lambda values: (" ".join(f"{name}:{value}" for name, value in values.items()), values)
        )
    if argument.choices:
        return st.sampled_from(argument.choices).map(lambda word: (word, {argument.name: word}))
    if argument.person:
        return st.sampled_from(["<@U0BEN>", "<@U0BEN|ben>"]).map(
            lambda typed: (typed, {argument.name: "U0BEN"})
        )
    return free_text.map(lambda text: (text, {argument.name: text}))


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, Call]:
    """A valid line of any command, and how it should be read."""
    command = draw(st.sampled_from(NAMED))
    number = draw(st.none() | st.integers(1, 9999)) if command.needs_incident else None
    typed = [draw(st.sampled_from([command.name, command.name.upper(), command.name.title()]))]
    typed += [draw(st.sampled_from([f"INC-{number}", f"inc-{number}"]))] if number else []
    values: dict[str, str] = {}
    for argument in command.arguments:
        if not argument.required and draw(st.booleans()):
            continue
        text, read = draw(given_for(argument))
        typed.append(text)
        values |= read
    spaces = draw(st.sampled_from([" ", "  ", "\n", " \t "]))
    return spaces.join(filter(None, typed)), Call(command.name, number, values)


@given(any_text)
def test_whatever_is_typed_is_read_or_answered(line: str) -> None:
    result = tried(lambda: parse(line, COMMANDS))
    if isinstance(result, Call):
        assert result.command in COMMAND
    else:
        assert isinstance(result, DidYouMean | UnknownCommand | Usage)


@given(st.sampled_from(NAMED), any_text)
def test_whatever_follows_a_command_is_read_or_its_usage_is_shown(command: Command, rest: str) -> None:
    result = tried(lambda: parse(f"{command.name} {rest}", COMMANDS))
    if isinstance(result, Call):
        assert result.command == command.name
    else:
        assert isinstance(result, Usage)
        assert result.values["usage"] == command.usage


@given(lines())
def test_every_valid_line_is_read_as_it_was_meant(line: tuple[str, Call]) -> None:
    typed, expected = line
    call = parse(typed, COMMANDS)
    assert (call.command, call.incident_id) == (expected.command, expected.incident_id)
    assert {name: " ".join(text.split()) for name, text in call.values.items()} == expected.values


def filled_in(usage: str, *, optional: bool) -> list[str]:
    """What somebody types who follows a usage line word by word, one line for each choice."""
    found = re.search(r"(\[|<)([^\]>]*)[\]>]", usage)
    if not found:
        return [usage.replace("@someone", "<@U0BEN|ben>")]
    bracket, inner = found.groups()
    filter_name, colon, inner = inner.rpartition(":")
    choices = ["x" if each in {"…", "@someone"} else each for each in inner.split("|")]
    if inner == "@someone":
        choices = ["@someone"]
    typed = [f"{filter_name}{colon}{each}" for each in choices]
    typed = typed if bracket == "<" or optional else [""]
    return [
        line
        for word in typed
        for line in filled_in(usage.replace(found.group(0), word, 1), optional=optional)
    ]


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("command", NAMED, ids=lambda command: command.name)
def test_every_usage_line_can_be_followed(command: Command, optional: bool) -> None:
    for line in filled_in(command.usage, optional=optional):
        call = parse(line, COMMANDS)
        assert call.command == command.name
        assert bool(call.values) >= any(argument.required for argument in command.arguments)


@pytest.mark.parametrize("line", ["", " ", "\n"])
def test_an_empty_line_is_the_command_without_a_name(line: str) -> None:
    assert parse(line, COMMANDS) == Call("")


def test_names_of_commands_are_unique_and_lower_case() -> None:
    assert len(COMMAND) == len(COMMANDS)
    assert all(name == name.lower() for name in COMMAND)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [("reslove", "resolve"), ("DECLAR it", "declare"), ("tiemline", "timeline"), ("closed", "close")],
)
def test_a_typo_is_answered_with_the_command_that_was_meant(typed: str, suggestion: str) -> None:
    with pytest.raises(DidYouMean) as refused:
        parse(typed, COMMANDS)
    assert refused.value.values["suggestion"] == suggestion


def test_a_word_like_no_command_is_pointed_to_help() -> None:
    with pytest.raises(UnknownCommand) as refused:
        parse("&lt;!channel&gt; " + "x" * 100, COMMANDS)
    assert refused.value.values["typed"] == "<!channel>"


def test_a_very_long_word_gets_a_short_answer() -> None:
    with pytest.raises(UnknownCommand) as refused:
        parse("x" * 40_000, COMMANDS)
    assert len(refused.value.values["typed"]) == 60


@pytest.mark.parametrize(
    ("line", "problem", "usage"),
    [
        ("status", "Missing: <open|investigating|resolved|closed>.", "status"),
        ("status INC-3", "Missing: <open|investigating|resolved|closed>.", "status"),
        ("status resolvd", "There is no status “resolvd”. Did you mean “resolved”?", "status"),
        ("severity bad", "There is no severity “bad”.", "severity"),
        ("reopen", "Missing: <why>.", "reopen"),
        ("lead ben", "I don't know who “ben” is. Mention the person with @.", "lead"),
        ("lead <@U1> now", "I don't know what to do with “now”.", "lead"),
        ("timeline everything", "I don't know what to do with “everything”.", "timeline"),
        ("list severity:hihg", "There is no severity “hihg”. Did you mean “high”?", "list"),
        ("list color:red", "I don't know what to do with “color:red”.", "list"),
        ("list project:", "I don't know what to do with “project:”.", "list"),
    ],
)
def test_a_mistake_is_named_with_the_usage(line: str, problem: str, usage: str) -> None:
    with pytest.raises(Usage) as refused:
        parse(line, COMMANDS)
    assert refused.value.values == {"problem": problem, "usage": COMMAND[usage].usage}


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("resolve INC-12 all green", Call("resolve", 12, {"note": "all green"})),
        ("resolve inc-12", Call("resolve", 12)),
        ("resolve as in INC-12", Call("resolve", None, {"note": "as in INC-12"})),
        ("declare INC-12 again", Call("declare", None, {"title": "INC-12 again"})),
        ("status resolved it was DNS", Call("status", None, {"status": "resolved", "note": "it was DNS"})),
        ("STATUS INC-3 Closed", Call("status", 3, {"status": "closed"})),
        ("lead <@U0BEN|ben>", Call("lead", None, {"someone": "U0BEN"})),
        ("lead INC-3 <@W0BEN>", Call("lead", 3, {"someone": "W0BEN"})),
        ("lead", Call("lead")),
        ("timeline ALL", Call("timeline", None, {"which": "all"})),
        (
            "list all severity:HIGH project:Check&amp;out",
            Call("list", None, {"which": "all", "severity": "high", "project": "Check&out"}),
        ),
        ("list PROJECT:a:b", Call("list", None, {"project": "a:b"})),
        ("rename two\nlines", Call("rename", None, {"title": "two\nlines"})),
    ],
)
def test_lines_are_read_by_the_table(line: str, call: Call) -> None:
    assert parse(line, COMMANDS) == call


@given(st.text().map(lambda text: storable(text).strip()).filter(bool))
def test_free_text_arrives_as_it_was_typed(typed: str) -> None:
    assert parse(f"declare {slack_escape(typed)}", COMMANDS).get("title") == typed
    assert parse(f"declare {escape(typed)}", COMMANDS).get("title") == typed


@pytest.mark.parametrize(
    ("escaped", "typed"),
    [
        ("thanks <@U0BEN|ben>", "thanks @ben"),
        ("thanks <@U0BEN>", "thanks @U0BEN"),
        ("see <#C1|general> and <#C1>", "see #general and #C1"),
        ("<!here> <!subteam^S1|@ops>", "@here @ops"),
        ("see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"),
        ("see <http://x.example|x.example>", "see x.example"),
        ("see <https://x.example/d/1|the graph>", "see the graph https://x.example/d/1"),
        ("&lt;!channel&gt; &lt;@U1&gt; &amp;amp;", "<!channel> <@U1> &amp;"),
    ],
)
def test_slacks_own_markup_in_free_text_becomes_what_the_person_saw(escaped: str, typed: str) -> None:
    assert parse(f"resolve {escaped}", COMMANDS).get("note") == typed


@pytest.mark.parametrize(
    "ref", ["INC-12", "inc-12", "INC 12", "inc12", "INC#12", "#12", "INC_012", "INC-12:", "(INC-12)"]
)
def test_a_ref_is_understood_however_it_is_written_or_asked_about(ref: str) -> None:
    result = tried(lambda: parse(f"resolve {ref} all green", COMMANDS))
    if ref.startswith("("):
        assert result == Call("resolve", None, {"note": f"{ref} all green"})
    else:
        assert result == Call("resolve", 12, {"note": "all green"})


@pytest.mark.parametrize("typed", ["INC-0", "INC-x", "inc", "INC-12a", "#12a", "INC-1234567890"])
def test_words_that_only_look_like_a_ref_are_asked_about_and_never_read_as_text(typed: str) -> None:
    with pytest.raises(Usage):
        parse(f"resolve {typed} all green", COMMANDS)


def test_optional_choices_leave_the_rest_alone() -> None:
    table = [Command("go", "", (Argument("how", choices=("fast",)), Argument("where")), needs_incident=False)]
    assert parse("go home fast", table).values == {"where": "home fast"}
    assert parse("go fast home", table).values == {"how": "fast", "where": "home"}


@given(any_text, st.lists(st.text(min_size=1, max_size=8), max_size=5))
def test_the_closest_word_is_a_known_one_or_none(typed: str, known: list[str]) -> None:
    assert closest(typed, known) in {None, *known}
