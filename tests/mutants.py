"""Changes the bot's rules in small ways and runs the tests on each change: ``make mutants``.

A change that no test notices is a survivor: write the assertion that is missing, or convince yourself that
the change makes no difference. mutmut makes the changes, picks the tests that run through the changed
function, and stops at the first that fails. ``[tool.mutmut]`` in pyproject.toml lists the files: pure rules
that matter most, and the gate of the operations. On two idle cores, all of them take an hour at most.
CI never runs this.

- ``make mutants ARGS=bot/domain/outbox/retry.py`` tries one file, after a minute or two in which every test
  runs once. Several files are separated by spaces.
- After that, ``.venv/bin/mutmut show NAME`` shows a mutant, ``.venv/bin/mutmut run NAME`` tries it again.
- A mutant that loops forever is stopped and counts as noticed.
- mutmut changes the bodies of functions. It leaves alone properties and everything else that is decorated
  (such as ``@transaction``), and tables outside functions.
- Tests that read the code itself are marked ``reads_code`` and left out, as is PostgreSQL.
"""

from __future__ import annotations

import fnmatch
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
MUTMUT = str(Path(sys.executable).with_name("mutmut"))
COPY = ROOT / "mutants"
"""Where mutmut keeps a copy of the code with all mutants, and the results."""
COLUMNS = {"killed": "killed", "survived": "survived", "timeout": "timed out", "no tests": "not covered"}
"""What mutmut says of a mutant -> the column that counts it."""


def main(files: Sequence[str]) -> int:
    """Try the mutants of these files, or of all, and print what became of them; the exit code."""
    strangers = [file for file in files if not is_in_sample(file)]
    if strangers:
        print(f"{strangers[0]} isn't in the sample: see only_mutate in pyproject.toml.", file=sys.stderr)
        return 2
    # mutmut would keep the verdicts on functions that haven't changed, even if the tests have.
    shutil.rmtree(COPY, ignore_errors=True)
    done = subprocess.run([MUTMUT, "run", *map(pattern, files)], cwd=ROOT, check=False)
    if done.returncode:
        return done.returncode
    verdicts = read_verdicts(mutmut("results", "--all", "true"))
    for survivor in (name for name, verdict in verdicts.items() if verdict == "survived"):
        print(mutmut("show", survivor))
    print(table(verdicts))
    return 0


def is_in_sample(file: str) -> bool:
    """Whether mutmut is configured to change this file."""
    sample = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]["only_mutate"]
    return (ROOT / file).is_file() and any(fnmatch.fnmatch(file, each) for each in sample)


def pattern(file: str) -> str:
    """What the names of a file's mutants look like."""
    return file.removesuffix(".py").replace("/", ".") + ".x*"


def mutmut(*arguments: str) -> str:
    """What mutmut prints."""
    command = [MUTMUT, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def read_verdicts(results: str) -> dict[str, str]:
    """A mutant's name -> what became of it; without those of files that weren't tried."""
    pairs = (line.strip().rpartition(": ") for line in results.splitlines())
    return {name: verdict for name, _, verdict in pairs if name and verdict != "not checked"}


def table(verdicts: Mapping[str, str]) -> str:
    """How many mutants of each module were killed, survived, timed out or are covered by no test."""
    counts: dict[str, Counter[str]] = {}
    for name, verdict in verdicts.items():
        module = name.rpartition(".")[0]
        counts.setdefault(module, Counter())[COLUMNS.get(verdict, "other")] += 1
    columns = [*COLUMNS.values(), "other"]
    rows = {**counts, "together": sum(counts.values(), Counter())}
    head = " " * 40 + "".join(f"{column:>13}" for column in columns)
    lines = [f"{name:40}" + "".join(f"{row[column]:13}" for column in columns) for name, row in rows.items()]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
