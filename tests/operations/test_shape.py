"""Operations have one shape: classes of transactions, and functions that take the transaction."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import bot.operations
from bot.operations.kit.transaction import Operations

pytestmark = pytest.mark.reads_code

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(bot.operations.__path__, "bot.operations.")
]
CLASSES = [
    each
    for module in MODULES
    for each in vars(module).values()
    if isinstance(each, type)
    and issubclass(each, Operations)
    and each is not Operations
    and each.__module__ == module.__name__
]


def functions(module: ModuleType) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(Path(str(module.__file__)).read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_there_are_operations_to_look_at() -> None:
    assert {"IncidentManager", "FiveWhysFacilitator", "PostmortemManager", "ActionItemTracker"} <= {
        each.__name__ for each in CLASSES
    }


@pytest.mark.parametrize("operations", CLASSES, ids=lambda each: each.__name__)
def test_self_leads_to_the_same_file(operations: type[Operations]) -> None:
    assert operations.__bases__ == (Operations,)


@pytest.mark.parametrize("operations", CLASSES, ids=lambda each: each.__name__)
def test_every_method_on_a_transaction_is_one(operations: type[Operations]) -> None:
    helpers = [
        name
        for name, method in vars(operations).items()
        if inspect.isfunction(method)
        and not hasattr(method, "__wrapped__")
        and "tx" in inspect.signature(method).parameters
    ]
    assert helpers == []


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.__name__)
def test_functions_that_take_a_transaction_take_it_first(module: ModuleType) -> None:
    for function in functions(module):
        arguments = [each for each in function.args.args if each.arg not in {"self", "cls"}]
        taken = [each for each in arguments if each.arg == "tx"]
        for each in taken:
            assert arguments[0] is each, function.name
            assert each.annotation is not None
            assert ast.unparse(each.annotation) == "Tx", function.name
        if taken:
            assert "now" not in {each.arg for each in arguments}, function.name


@pytest.mark.parametrize(
    "module",
    [each for each in MODULES if each.__name__ != "bot.operations.kit.transaction"],
    ids=lambda each: each.__name__,
)
def test_only_a_transaction_reads_the_clock(module: ModuleType) -> None:
    assert "self.clock" not in Path(str(module.__file__)).read_text()
