"""`python app.py …` as people type it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_app(*argv: str, database_url: str) -> subprocess.CompletedProcess[str]:
    """Run it with nothing else in the environment but the database."""
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *argv],
        env={**known, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
