"""How a line is read: by the table, in Slack's escaped form, and without failing on anything people type."""

from __future__ import annotations

import re
from functools import partial
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kit.errors import BotError, DidYouMean, UnknownCommand, Usage
from bot.domain.kit.text import storable
from bot.domain.surface.command import Argument, Call, Command
from bot.domain.surface.grammar import begins_command, parse
from bot.domain.surface.words import closest
from bot.listeners.commands import COMMANDS
from tests.support.examples import NAMES, any_text, tried

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
    result = tried(lambda: parse(line, COMMANDS, NAMES))
    if isinstance(result, Call):
        assert result.command in COMMAND
    else:
        assert isinstance(result, DidYouMean | UnknownCommand | Usage)


@given(st.sampled_from(NAMED), any_text)
def test_whatever_follows_a_command_is_read_or_its_usage_is_shown(command: Command, rest: str) -> None:
    result = tried(lambda: parse(f"{command.name} {rest}", COMMANDS, NAMES))
    if isinstance(result, Call):
        assert result.command == command.name
    else:
        assert isinstance(result, Usage)
        assert result.values["usage"] == command.usage


@given(lines())
def test_every_valid_line_is_read_as_it_was_meant(line: tuple[str, Call]) -> None:
    typed, expected = line
    call = parse(typed, COMMANDS, NAMES)
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
        call = parse(line, COMMANDS, NAMES)
        assert call.command == command.name
        assert bool(call.values) >= any(argument.required for argument in command.arguments)


@pytest.mark.parametrize("line", ["", " ", "\n"])
def test_an_empty_line_is_the_command_without_a_name(line: str) -> None:
    assert parse(line, COMMANDS, NAMES) == Call("")


def test_names_of_commands_are_unique_and_lower_case() -> None:
    assert len(COMMAND) == len(COMMANDS)
    assert all(name == name.lower() for name in COMMAND)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [("reslove", "resolve"), ("DECLAR it", "declare"), ("tiemline", "timeline"), ("closed", "close")],
)
def test_a_typo_is_answered_with_the_command_that_was_meant(typed: str, suggestion: str) -> None:
    with pytest.raises(DidYouMean) as refused:
        parse(typed, COMMANDS, NAMES)
    assert refused.value.values["suggestion"] == suggestion


def test_a_word_like_no_command_is_pointed_to_help() -> None:
    with pytest.raises(UnknownCommand) as refused:
        parse("&lt;!channel&gt; " + "x" * 100, COMMANDS, NAMES)
    assert refused.value.values["typed"] == "<!channel>"


def test_a_very_long_word_gets_a_short_answer() -> None:
    with pytest.raises(UnknownCommand) as refused:
        parse("x" * 40_000, COMMANDS, NAMES)
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
        parse(line, COMMANDS, NAMES)
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
    assert parse(line, COMMANDS, NAMES) == call


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("sev1", Call("severity", None, {"severity": "critical"})),
        ("P1", Call("severity", None, {"severity": "critical"})),
        ("sev-2 all of EU", Call("severity", None, {"severity": "high", "why": "all of EU"})),
        ("sev critical", Call("severity", None, {"severity": "critical"})),
        ("severity sev3", Call("severity", None, {"severity": "medium"})),
        ("severity 4", Call("severity", None, {"severity": "low"})),
        ("p1 INC-3 it is worse", Call("severity", 3, {"severity": "critical", "why": "it is worse"})),
        ("mine", Call("actions", None, {"which": "mine"})),
        ("my actions", Call("actions", None, {"which": "mine"})),
        ("list mine", Call("actions", None, {"which": "mine"})),
        ("?", Call("help")),
        ("??", Call("help")),
        ("--help", Call("help")),
        ("help!", Call("help")),
        ("/incident list", Call("list")),
        ("/incident /incident list all", Call("list", None, {"which": "all"})),
        ("incident list", Call("list")),
        ("/incident", Call("")),
        ("`resolve INC-3 done`", Call("resolve", 3, {"note": "done"})),
        ("resolve #3", Call("resolve", 3)),
        ("resolve inc3", Call("resolve", 3)),
        ("resolve INC 3", Call("resolve", 3)),
        ("resolve incident 3", Call("resolve", 3)),
        ("INC-3", Call("", 3)),
        ("#3", Call("", 3)),
        ("3", Call("", 3)),
        ("INC-3 resolve done", Call("resolve", 3, {"note": "done"})),
        ("#3 sev1", Call("severity", 3, {"severity": "critical"})),
        ("timeline 3", Call("timeline", 3)),
        ("postmortem 3", Call("postmortem", 3)),
        ("meet 3", Call("meet", 3)),
        ("actions 3", Call("actions", 3)),
        ("lead 3", Call("lead", 3)),
        ("resolve 3 pods restarted", Call("resolve", None, {"note": "3 pods restarted"})),
        ("block 90", Call("block", None, {"text": "90"})),
        ("declare 3", Call("declare", None, {"title": "3"})),
        ("list project:my project", Call("list", None, {"project": "my project"})),
        ('list project:"my project"', Call("list", None, {"project": "my project"})),
        (
            "list project: my project severity:p1",
            Call("list", None, {"project": "my project", "severity": "critical"}),
        ),
        ("list sev:high proj:x y", Call("list", None, {"severity": "high", "project": "x y"})),
        ("post mortem INC-3", Call("postmortem", 3)),
        ("five whys Why is it down", Call("whys", None, {"problem": "Why is it down"})),
        ("todo Fix it", Call("action", None, {"text": "Fix it"})),
    ],
)
def test_what_has_one_meaning_is_understood(line: str, call: Call) -> None:
    assert parse(line, COMMANDS, NAMES) == call


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("status mitigated", ["status resolved"]),
        ("status mitigated by a restart", ["status resolved by a restart"]),
        ("status INC-3 in progress now", ["status INC-3 investigating now"]),
        ("status acknowledged", ["status investigating"]),
        ("status resolvd", ["status resolved"]),
        ("severity major outage in EU", ["severity high outage in EU"]),
        ("mitigated", ["resolve"]),
        ("fixed the pool", ["resolve fixed the pool"]),
        ("critical", ["severity critical"]),
        ("resolve 3", ["resolve INC-3"]),
        ("whys 3", ["whys INC-3"]),
        ("lead 3 <@U0BEN>", ["lead INC-3 <@U0BEN>"]),
        ("timeline 3 all", ["timeline INC-3 all"]),
        ("list high", ["list severity:high"]),
        ("list all sev1", ["list all severity:critical"]),
        ("list resolved", ["list all"]),
        ("reslove it is done", ["resolve it is done"]),
        ("closed", ["close"]),
        ("resol", ["resolve"]),
        ("clo all done", ["close all done"]),
        ("re", ["resolve", "reopen", "rename"]),
        ("act", ["action", "actions"]),
        ("open", ["list open"]),
        ("frobnicate", []),
        ("reopen 3", []),
    ],
)
def test_what_is_only_similar_to_a_command_is_offered_and_never_run(line: str, offered: list[str]) -> None:
    refused = tried(lambda: parse(line, COMMANDS, NAMES))
    assert isinstance(refused, BotError)
    assert list(refused.offers.values()) == offered
    for each in offered:
        run = tried(partial(parse, each, COMMANDS, NAMES))
        assert isinstance(run, Call) or run.values["problem"].startswith("Missing: ")


def test_no_beginning_of_a_command_is_run() -> None:
    aliases = {alias for command in COMMANDS for alias in command.aliases}
    for name in COMMAND.keys() - {""}:
        for length in range(1, len(name)):
            if name[:length] not in COMMAND.keys() | aliases:
                assert not isinstance(tried(partial(parse, name[:length], COMMANDS, NAMES)), Call)


def test_no_word_has_two_meanings() -> None:
    spoken = [word for command in COMMANDS for word in (command.name, *command.aliases)]
    offered = [word for command in COMMANDS for word in command.similar]
    assert len(spoken) == len(set(spoken))
    assert not set(spoken) & set(offered)
    assert len(set(offered)) >= len(offered) - 2


@pytest.mark.parametrize("command", NAMED, ids=lambda command: command.name)
def test_every_alias_and_every_similar_word_leads_to_a_command(command: Command) -> None:
    for alias in command.aliases:
        result = tried(partial(parse, alias, COMMANDS, NAMES))
        assert isinstance(result, Usage) or (isinstance(result, Call) and result.command == command.name)
    for word in command.similar:
        refused = tried(partial(parse, word, COMMANDS, NAMES))
        assert isinstance(refused, BotError)
        assert any(line.startswith(command.name) for line in refused.offers.values())


TALK = (
    "!", ".", ":wave:", "😀", "thanks", "thanks!", "hello", "love it", "last week was worse", "need help",
    "clock is wrong", "is down again", "great job", "you resolved it", "can you list them", "please be quiet",
    "3 of us are here", "what is this", "danke", "merci beaucoup", "lets go", "read this", "look", "time?",
)  # fmt: skip


@pytest.mark.parametrize("line", TALK)
def test_a_mention_that_begins_no_command_is_talk(line: str) -> None:
    assert not begins_command(line, COMMANDS, NAMES, is_addressed=True)
    assert not begins_command(line, COMMANDS, NAMES, is_addressed=False)


@pytest.mark.parametrize(
    "line",
    [
        "", "?", "help", "list", "List!", "status", "status resolvd", "resovle", "lsit", "resolved!", "sev1",
        "mine", "/incident list", "INC-3", "INC-3 resolve", "root cause: the pool", "why is it down",
        "reopen", "help me",
    ],
)  # fmt: skip
def test_a_mention_at_the_start_is_a_command_if_it_resembles_one(line: str) -> None:
    assert begins_command(line, COMMANDS, NAMES, is_addressed=True)


@pytest.mark.parametrize(
    ("line", "is_command"),
    [
        ("resolve it is over", True),
        ("list", True),
        ("", False),
        ("?", False),
        ("status looks good", False),
        ("resovle", False),
        ("why is it down", False),
    ],
)
def test_a_mention_inside_a_sentence_is_a_command_only_if_it_can_be_run(line: str, is_command: bool) -> None:
    assert begins_command(line, COMMANDS, NAMES, is_addressed=False) is is_command


@given(any_text, st.booleans())
def test_any_text_after_a_mention_is_a_command_or_talk(line: str, is_addressed: bool) -> None:
    assert begins_command(line, COMMANDS, NAMES, is_addressed=is_addressed) in {True, False}


@given(st.text().map(lambda text: storable(text).strip()).filter(bool))
def test_free_text_arrives_as_it_was_typed(typed: str) -> None:
    assert parse(f"declare {slack_escape(typed)}", COMMANDS, NAMES).get("title") == typed
    assert parse(f"declare {escape(typed)}", COMMANDS, NAMES).get("title") == typed


@pytest.mark.parametrize(
    ("escaped", "typed"),
    [
        ("thanks <@U0NEW|ben>", "thanks @ben"),
        ("thanks <@U0BEN>", "thanks @Ben Baker"),
        ("see <#C1|general> and <#C1>", "see #general and a private channel"),
        ("<!here> <!subteam^S1|@ops>", "@here @ops"),
        ("see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"),
        ("see <http://x.example|x.example>", "see x.example"),
        ("see <https://x.example/d/1|the graph>", "see the graph https://x.example/d/1"),
        ("&lt;!channel&gt; &lt;@U1&gt; &amp;amp;", "<!channel> <@U1> &amp;"),
    ],
)
def test_slacks_own_markup_in_free_text_becomes_what_the_person_saw(escaped: str, typed: str) -> None:
    assert parse(f"resolve {escaped}", COMMANDS, NAMES).get("note") == typed


@pytest.mark.parametrize(
    "ref", ["INC-12", "inc-12", "INC 12", "inc12", "INC#12", "#12", "INC_012", "INC-12:", "(INC-12)"]
)
def test_a_ref_is_understood_however_it_is_written_or_asked_about(ref: str) -> None:
    result = tried(lambda: parse(f"resolve {ref} all green", COMMANDS, NAMES))
    if ref.startswith("("):
        assert result == Call("resolve", None, {"note": f"{ref} all green"})
    else:
        assert result == Call("resolve", 12, {"note": "all green"})


@pytest.mark.parametrize("typed", ["INC-0", "INC-x", "inc", "INC-12a", "#12a", "INC-1234567890"])
def test_words_that_only_look_like_a_ref_are_asked_about_and_never_read_as_text(typed: str) -> None:
    with pytest.raises(Usage):
        parse(f"resolve {typed} all green", COMMANDS, NAMES)


def test_optional_choices_leave_the_rest_alone() -> None:
    table = [Command("go", "", (Argument("how", choices=("fast",)), Argument("where")), needs_incident=False)]
    assert parse("go home fast", table, NAMES).values == {"where": "home fast"}
    assert parse("go fast home", table, NAMES).values == {"how": "fast", "where": "home"}


@given(any_text, st.lists(st.text(min_size=1, max_size=8), max_size=5))
def test_the_closest_word_is_a_known_one_or_none(typed: str, known: list[str]) -> None:
    assert closest(typed, known) in {None, *known}
