"""What a clone contains: locks, manifest, environment script, and files that name no foreign host."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.config import Settings

ROOT = Path(__file__).parent.parent
LOCKS = {
    "requirements.txt": [],
    "requirements-sandbox.txt": ["sandbox"],
    "requirements-dev.txt": ["sandbox", "dev"],
}
"""Each lock with the extras that it holds in addition to what the bot needs."""
PIN = re.compile(r"([a-z0-9._-]+)==(\S+)(?: ; (.+))?")

# Registries and public script hosts, spelt so that this file doesn't name one either.
FOREIGN_HOSTS = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|unpkg|jsdelivr|cdnjs|rubygems|crates)\.(?:org|com|net|io)\b"
    r"|\bcdnjs\.\w+\.com\b|\bfonts\.(?:googleapis|gstatic)\.com\b"
)


def lock_entries(lock: str) -> list[list[str]]:
    """The entries of a lock, each as its pin followed by its options."""
    joined = (ROOT / lock).read_text().replace(" \\\n", "\n").rstrip()
    return [[line.strip() for line in entry.splitlines()] for entry in re.split(r"\n(?=\S)", joined)]


def pins_for_this_platform(lock: str) -> dict[str, str]:
    """Name -> version of what the lock installs here."""
    found = (PIN.fullmatch(entry[0]) for entry in lock_entries(lock))
    parts = [pin.groups() for pin in found if pin]
    return {name: version for name, version, marker in parts if not marker or Marker(marker).evaluate()}


def declared(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    more = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in [*project["dependencies"], *more]]


def needed_here(requirements: list[Requirement]) -> Iterator[Requirement]:
    """The requirements and everything they need in turn, according to the installed packages."""
    waiting, seen = list(requirements), set[tuple[str, str]]()
    while waiting:
        requirement = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        yield requirement
        for extra in ["", *requirement.extras]:
            if (requirement.name, extra) not in seen:
                seen.add((requirement.name, extra))
                waiting += needed_by(requirement.name, extra)


def needed_by(package: str, extra: str) -> Iterator[Requirement]:
    for line in metadata.requires(package) or []:
        requirement = Requirement(line)
        if not requirement.marker or requirement.marker.evaluate({"extra": extra}):
            requirement.marker = None
            yield requirement


def files_of_the_clone() -> Iterator[Path]:
    """Every file except those in hidden folders, which hold caches, environments and data."""
    for top in ROOT.iterdir():
        if top.is_file():
            yield top
        elif not top.name.startswith(".") or top.name == ".ci":
            yield from (path for path in top.rglob("*") if path.is_file() and path.suffix != ".pyc")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_an_exact_version_and_hashes_and_no_url(lock: str) -> None:
    for pin, *options in lock_entries(lock):
        assert PIN.fullmatch(pin), pin
        assert options, pin
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", option) for option in options), pin


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_contains_what_the_project_asks_for_and_nothing_else(lock: str) -> None:
    pins, needed = pins_for_this_platform(lock), set()
    for requirement in needed_here(declared(*LOCKS[lock])):
        name = canonicalize_name(requirement.name)
        needed.add(name)
        assert requirement.specifier.contains(pins[name], prereleases=True), requirement
    assert needed == set(pins)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_tests_run_with_the_locked_versions(lock: str) -> None:
    pins = pins_for_this_platform(lock)
    assert {name: metadata.version(name) for name in pins} == pins


def test_each_lock_contains_the_previous_one() -> None:
    bot, sandbox, development = ({tuple(entry) for entry in lock_entries(lock)} for lock in LOCKS)
    assert bot < sandbox < development


def test_no_file_names_a_package_registry_or_a_public_script_host() -> None:
    named = {
        str(path.relative_to(ROOT)): found.group()
        for path in files_of_the_clone()
        if (found := FOREIGN_HOSTS.search(path.read_text(errors="ignore")))
    }
    assert named == {}


def test_every_scope_in_the_manifest_says_what_it_is_for() -> None:
    text = (ROOT / "manifest.yml").read_text()
    scopes = yaml.safe_load(text)["oauth_config"]["scopes"]["bot"]
    assert scopes
    unexplained = [scope for scope in scopes if not re.search(rf"^ *- {scope} +# \S", text, re.MULTILINE)]
    assert unexplained == []


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "a package of its own"


def test_the_domain_imports_nothing_but_pythons_own_library_and_itself() -> None:
    imported = {name for path in (ROOT / "bot" / "domain").rglob("*.py") for name in imported_by(path)}
    strangers = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name for name in strangers if not f"{name}.".startswith("bot.domain.")} == set()


PARTS = {
    ("app.py", "bot", "storage"): [],
    ("sandbox",): ["sandbox"],
    ("tests",): ["sandbox", "dev"],
}
"""Parts of the code with the extras whose packages they may import."""


def imports_of(parts: tuple[str, ...]) -> set[str]:
    """The packages, by their names on the registry, that a part of the code imports."""
    files = (path for part in parts for path in [ROOT / part, *(ROOT / part).rglob("*.py")] if path.is_file())
    names = {name for path in files for name in imported_by(path)}
    ours = {"app", "bot", "sandbox", "storage", "tests"}
    foreign = {name for name in names if name.partition(".")[0] not in ours | sys.stdlib_module_names}
    return set(map(package_of, foreign))


def package_of(name: str) -> str:
    """The package that contains a module; several share the namespace `google`."""
    top, _, rest = name.partition(".")
    found = set(metadata.packages_distributions()[top])
    if len(found) > 1:
        place = f"{top}/{rest.partition('.')[0]}/"
        found = {each for each in found if any(str(file).startswith(place) for file in files_in(each))}
    [package] = found
    return canonicalize_name(package)


def files_in(package: str) -> list[metadata.PackagePath]:
    return metadata.files(package) or []


@pytest.mark.parametrize(("parts", "extras"), PARTS.items())
def test_what_the_code_imports_is_declared(parts: tuple[str, ...], extras: list[str]) -> None:
    names = {canonicalize_name(requirement.name) for requirement in declared(*extras)}
    assert imports_of(parts) - names == set()


def test_what_is_declared_for_the_bot_and_the_sandbox_is_imported() -> None:
    names = {canonicalize_name(requirement.name) for requirement in declared("sandbox")}
    assert names == imports_of(("app.py", "bot", "storage", "sandbox"))


IMPORT_EVERYTHING = """
import pkgutil, sys
sys.modules.update(dict.fromkeys(sys.argv[2:]))
import app, bot, storage
from bot.bootstrap import build
from bot.config import Settings
for package in (bot, storage):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.startswith("storage.migrations"):
            __import__(found.name)
build(Settings(slack_bot_token="x", slack_signing_secret="x", database_url=sys.argv[1]))
"""


def test_the_bot_starts_without_packages_that_only_the_sandbox_needs(tmp_path: Path) -> None:
    bot, sandbox = (set(pins_for_this_platform(lock)) for lock in list(LOCKS)[:2])
    brought = metadata.packages_distributions().items()
    withheld = [name for name, by in brought if {canonicalize_name(each) for each in by} <= sandbox - bot]
    assert "aiohttp" in withheld
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    command = [sys.executable, "-W", "error", "-c", IMPORT_EVERYTHING, url, *withheld]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def set_up_environment(
    folder: Path, path: str, lock: str = "requirements.txt"
) -> subprocess.CompletedProcess[str]:
    """Run the environment script in `folder`, which finds programs only on `path`."""
    command = [str(ROOT / ".ci" / "environment"), lock]
    return subprocess.run(
        command, cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False
    )


def test_an_environment_that_holds_the_lock_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("one==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    shutil.copy(tmp_path / "requirements.txt", tmp_path / ".venv" / "installed-requirements.txt")
    done = set_up_environment(tmp_path, os.environ["PATH"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_environment_with_a_larger_lock_holds_the_smaller_ones_too(tmp_path: Path) -> None:
    for lock in LOCKS:
        (tmp_path / lock).write_text(f"{lock}==1\n")
    programs = tmp_path / "programs"
    for folder in (programs, tmp_path / ".venv" / "bin"):
        folder.mkdir(parents=True)
        for name in ("uv", "python"):
            (folder / name).write_text("#!/bin/sh\n")
            (folder / name).chmod(0o755)
    done = set_up_environment(tmp_path, f"{programs}:{os.environ['PATH']}", "requirements-sandbox.txt")
    assert done.returncode == 0
    held = {path.name for path in (tmp_path / ".venv").glob("installed-*")}
    assert held == {"installed-requirements.txt", "installed-requirements-sandbox.txt"}


def test_without_a_new_enough_python_the_set_up_says_so(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("one==1\n")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("cmp", "rm", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    done = set_up_environment(tmp_path, str(programs))
    assert done.returncode != 0
    assert done.stderr == "Muster needs Python 3.11 or newer, or uv, on the PATH; found neither.\n"


def test_every_line_of_the_sample_for_mutants_names_a_file() -> None:
    sample = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]["only_mutate"]
    assert [pattern for pattern in sample if not any(ROOT.glob(pattern))] == []


def test_every_setting_is_described() -> None:
    described = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [name.upper() for name in Settings.model_fields if f"`{name.upper()}`" not in described]
    assert missing == [], "docs/settings.md has a row for each setting"
