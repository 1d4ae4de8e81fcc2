"""The wheel holds all that Muster needs, and runs away from any clone, in the user's data folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.bots import free_port
from tests.support.people import Workspace, eventually

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "sandbox", "storage")
NO_AIOHTTP = (
    "import sys; sys.modules['aiohttp'] = None; sys.argv = ['muster', '--sandbox']; import app; app.main()"
)


def build(folder: Path) -> Path:
    """The wheel, made offline from a copy of the sources."""
    source = folder / "source"
    for each in PACKAGES:
        shutil.copytree(ROOT / each, source / each, ignore=shutil.ignore_patterns("__pycache__"))
    for each in ("app.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / each, source)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = folder.glob("*.whl")
    return wheel


class Installed:
    """An environment with the wheel and what it depends on, and somebody with an empty home who runs it."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.home, self.current, place = folder / "home", folder / "current", folder / "environment"
        for each in (self.home, self.current):
            each.mkdir()
        venv.create(place)
        self.bin = place / "bin"
        # The dependencies are those that are installed for the tests.
        [packages] = place.glob("lib/python*/site-packages")
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
        install = [str(self.bin / "python"), "-m", "installer", "--no-compile-bytecode", str(wheel)]
        subprocess.run(install, check=True, env=self.environment())

    def environment(self, **settings: str) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], **settings}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.current,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    @contextmanager
    def sandbox(self) -> Iterator[Workspace]:
        port = free_port()
        running = subprocess.Popen(
            [str(self.bin / "muster"), "--sandbox"], cwd=self.current, env=self.environment(PORT=str(port))
        )
        try:
            workspace = Workspace(f"http://127.0.0.1:{port}")
            eventually(lambda: _is_connected(workspace), 20)
            yield workspace
        finally:
            running.terminate()
            running.wait(20)
        assert running.returncode == 0


def _is_connected(workspace: Workspace) -> bool:
    try:
        return bool(workspace.state()["bot"]["connected"])
    except OSError:
        return False


def assert_complete(wheel: Path) -> None:
    """Every file of the packages is in it, and nothing else of this clone."""
    files = {path for each in PACKAGES for path in (ROOT / each).rglob("*") if path.is_file()}
    expected = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {*expected, "app.py"}


def assert_in_its_folder(muster: Installed) -> Path:
    """Set-up, database and settings share one private folder, which is returned."""
    stopped = muster.run("muster", "--setup")
    assert (stopped.returncode, stopped.stderr) == (1, "\nStopped.\n")
    [folder] = [each for each in muster.home.rglob("muster") if each.is_dir()]
    assert folder.stat().st_mode & 0o077 == 0, "others can look into the folder"

    made = muster.run("muster", "--migrate")
    assert (made.returncode, made.stderr) == (0, "")
    assert f"Made the tables in {folder / 'muster.db'}" in made.stdout

    settings = folder / ".env"
    settings.write_text("LOG_LEVEL=LOUD\n")
    settings.chmod(0o600)
    examined = muster.run("muster", "--doctor")
    assert (examined.returncode, examined.stderr) == (1, "")
    assert "setting SLACK_BOT_TOKEN" in examined.stdout
    assert "setting LOG_LEVEL" in examined.stdout, "the .env next to the database isn't read"
    return folder


def test_the_wheel_is_complete_and_runs_anywhere(tmp_path: Path) -> None:
    """One walk, because building and installing takes seconds."""
    wheel = build(tmp_path)
    assert_complete(wheel)
    muster = Installed(wheel, tmp_path)
    asked = muster.run("muster", "--help")
    assert (asked.returncode, asked.stdout.split()[:2]) == (0, ["usage:", "muster"]), asked.stderr
    assert muster.run("muster", "--manifest").stdout == (ROOT / "manifest.yml").read_text()
    folder = assert_in_its_folder(muster)
    with muster.sandbox() as workspace:
        assert "No open incidents" in workspace.command("list")
    assert (folder / "sandbox" / "muster.db").exists()
    lacking = muster.run("python", "-c", NO_AIOHTTP)
    remedy = "the sandbox needs aiohttp, which isn't installed: run pip install 'muster[sandbox]'"
    assert remedy in lacking.stderr
    assert list(muster.current.iterdir()) == []
