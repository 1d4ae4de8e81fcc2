"""What people read is written as docs/style.md says: none of the patterns that it retires comes back."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READ_BY_PEOPLE = (
    ".github/ISSUE_TEMPLATE/*.yml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Makefile",
    "README.md",
    "app.py",
    "bot/config.py",
    "bot/domain/incidents/timeline_text.py",
    "bot/domain/kit/errors.py",
    "bot/domain/surface/grammar.py",
    "bot/effects/google/credentials.py",
    "bot/listeners/commands.py",
    "bot/secret_files.py",
    "bot/views/**/*.html",
    "bot/views/**/*.py",
    "docs/*.md",
    "manifest.yml",
    "sandbox/page/templates/*.html",
    "storage/reasons.py",
    "storage/sqlite_file.py",
    "storage/urls.py",
    "tests/chaos/promises.py",
)
RETIRED = {
    "headless subject": r"(?<!ask )whoever",
    "no longer": r"any ?more",
    "now, already": r"by now",
    "already before the participle": r"(?:is|are|was|were|ha[sd]|have) (?:been )?(?:\w+|\{\w+\}) already",
    "is": r"(?:stands|stood)(?! for)",
    "notify, report, return, say": r"told|tells(?! you)",
    "our": r"(?<!ahead )of ours",
    "number n": r"so-manieth",
    "isn't a": r"(?<!there )(?<!why )is no (?!longer|more|other)\w+",
    "continue": r"go(?:es)? on(?! the| its)",
    "resume": r"(?:take|takes|took|taken|taking)(?: it| them)? up again",
    "retract": r"(?:take|takes|took|taken|taking)(?: it| them)? back",
    "open": r"(?:is|are|stays?|remains?|left) to be done",
    "whose": r"of whom",
    "not started": r"(?:isn't|not) begun",
    "next to, besides": r"beside",
    "separately": r"apart(?! from)",
    "does not need": r"needs? (?:it )?not",
    "again": r"anew",
    "one or many": r"\w+\(s(?=\))",
}
"""What to write instead -> a pattern."""
FINE_IN_CODE = frozenset({"headless subject", "is", "isn't a", "notify, report, return, say", "separately"})
"""What docstrings and comments may say where it reads well: "Tell whoever asked"."""
ALLOWED: frozenset[tuple[str, str]] = frozenset()
"""(file, words) where a pattern is right after all; never more than five."""


def read_by_people() -> list[Path]:
    """Every file whose words people read; docs/style.md quotes what it retires."""
    found = {path for pattern in READ_BY_PEOPLE for path in ROOT.glob(pattern)}
    return sorted(found - {ROOT / "docs" / "style.md"})


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def texts_in(path: Path) -> Iterator[str]:
    """The sentences that a program may show or log, without its docstrings."""
    tree = ast.parse(path.read_text())
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in strings(tree):
        text = str(node.value).strip()
        if " " in text and id(node) not in documents:
            yield text


def words_in(path: Path) -> Iterator[str]:
    """A file's sentences: a program's texts and comments, or a page without what it quotes as code."""
    text = path.read_text()
    if path.suffix == ".py":
        yield from (str(node.value) for node in strings(ast.parse(text)))
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from (each.string for each in tokens if each.type == tokenize.COMMENT)
    else:
        yield re.sub(r"`[^`\n]*`", "", text)


def retired_in(words: str, fine: Collection[str] = ()) -> Iterator[str]:
    """Each retired pattern in a text, with what to write instead."""
    flat = " ".join(words.split())
    for better, pattern in RETIRED.items():
        if better in fine:
            continue
        for found in re.finditer(rf"\b(?:{pattern})\b", flat, re.IGNORECASE):
            yield f"“{found[0]}” ({better})"


@pytest.mark.parametrize("path", read_by_people(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_people_read_has_none_of_the_retired_patterns(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    found = {each for words in words_in(path) for each in retired_in(words)}
    assert found - {words for file, words in ALLOWED if file == name} == set()


def test_no_text_in_the_code_has_one_either() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {each}"
        for place in ("bot", "storage", "sandbox")
        for path in (ROOT / place).rglob("*.py")
        for text in texts_in(path)
        for each in retired_in(text)
    }
    assert found == set()


def test_docstrings_and_comments_have_none_of_the_worst() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {each}"
        for place in ("bot", "storage", "sandbox", "tests")
        for path in (ROOT / place).rglob("*.py")
        if path != Path(__file__)
        for words in words_in(path)
        for each in retired_in(words, FINE_IN_CODE)
    }
    assert found == set()


def test_few_exceptions_are_allowed_and_each_is_still_needed() -> None:
    needed = {
        (str(path.relative_to(ROOT)), each)
        for path in read_by_people()
        for words in words_in(path)
        for each in retired_in(words)
    }
    assert len(ALLOWED) <= 5
    assert needed >= ALLOWED


@pytest.mark.parametrize(
    "sentence",
    [
        "Whoever runs me sets `GOOGLE_TOKEN_FILE`.",
        "This time block isn't there any more.",
        "That time is gone by now.",
        "{ref} is {status} already: <@{by}> was first.",
        "Everybody who is invited is told.",
        "PORT=x is no port.",
        "2 items stay to be done; reminders go on.",
        "Take it up again",
        "The reminder has been sent already.",
        "It isn't there anymore.",
        "3 action item(s) are open.",
    ],
)
def test_the_patterns_find_what_was_written_before(sentence: str) -> None:
    assert list(retired_in(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "Ask whoever runs this bot to set `GOOGLE_TOKEN_FILE`.",
        "There is no incident to use it on.",
        "*{ref}* is no longer yours.",
        "Root causes go on the timeline.",
        "What needs to be done",
        "{ref} is already {status}: <@{by}> got there first.",
    ],
)
def test_the_patterns_leave_ordinary_english_alone(sentence: str) -> None:
    assert not list(retired_in(sentence))
