"""`python app.py …` as people type it, in a process of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import app
from tests.support.forks import FORKS

SECONDS = 50


@dataclass(frozen=True)
class Finished:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


def run_app(*argv: str, **settings: str) -> Finished:
    """Run it with nothing in the environment but these settings, in lower case."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = FORKS.Process(target=_main, args=(argv, settings, str(out), str(err)))
        process.start()
        process.join(SECONDS)
        assert process.exitcode is not None, "it doesn't end"
        return Finished(process.exitcode, out.read_text(), err.read_text())


def _main(argv: tuple[str, ...], settings: dict[str, str], *streams: str) -> None:
    for number, stream in enumerate(streams, start=1):
        os.dup2(os.open(stream, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ["MUSTER_ENV_FILE"] = ""
    os.environ.update({name.upper(): value for name, value in settings.items()})
    sys.argv = ["app.py", *argv]
    sys.exit(app.main())
