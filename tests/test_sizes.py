"""Folders, files and functions stay small enough to find one's way, and nothing is left over in them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = [
    ROOT / "app.py",
    *(file for place in ("bot", "storage", "sandbox") for file in (ROOT / place).rglob("*.py")),
]
FOLDER, FILE, FUNCTION = 14, 300, 45
FLAT = {"bot/effects", "bot/listeners", "sandbox/webapi", "storage", "storage/migrations/versions"}
"""One file for each noun, method or revision, however many there are."""
TABLES = {
    "bot/domain/kit/errors.py": "every sentence that refuses something",
    "bot/domain/outbox/effects.py": "every effect",
    "bot/domain/settings_fields.py": "every field of the settings, with how it is read and checked",
    "bot/domain/surface/forms.py": "every form and what is typed into it",
    "bot/domain/surface/shown.py": "everything that an answer or a form shows",
    "bot/listeners/commands.py": "every subcommand",
    "storage/tables.py": "every table",
}
"""What may be longer, because it is one table."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_folder_has_too_many_files() -> None:
    counts = Counter(name(file.parent) for file in FILES if file.name != "__init__.py")
    assert {folder for folder, count in counts.items() if count > FOLDER} <= FLAT


def test_no_file_is_too_long_unless_it_is_a_table() -> None:
    long = {name(file): length for file in FILES if (length := lines_of(file)) > FILE}
    assert {file: length for file, length in long.items() if file not in TABLES} == {}
    assert set(TABLES) <= set(long), "the exception is no longer needed"


def test_no_function_is_too_long() -> None:
    assert [
        f"{name(file)}: {node.name}"
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION
    ] == []


def test_no_private_name_of_a_module_is_left_unused() -> None:
    assert [
        f"{name(file)}: {each}"
        for file in FILES
        for each in private_names(ast.parse(file.read_text("utf-8")))
        if len(re.findall(rf"\b{each}\b", file.read_text("utf-8"))) == 1
    ] == []


def private_names(module: ast.Module) -> Iterator[str]:
    """What a module defines for itself; decorated functions are called by whoever decorates them."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            found = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
        else:
            continue
        yield from (each for each in found if re.fullmatch(r"_[A-Za-z]\w*", each))


def lines_of(file: Path) -> int:
    return len(file.read_text("utf-8").splitlines())
