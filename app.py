"""Starts Muster or, with --sandbox, a local Slack workspace with Muster in it."""

from __future__ import annotations

import argparse
import gc
import getpass
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SANDBOX_PORT, MAX_PORT = 8484, 65535
HEEDED_WITHIN = 0.5
"""Seconds within which the bot reacts to a signal."""


def main() -> int:
    """Do what the command line asks for; returns the exit code."""
    if sys.platform == "win32":
        # This comes before anything is imported that Windows doesn't have.
        print("Muster doesn't run on Windows. Use Linux, macOS, WSL or a container.", file=sys.stderr)
        return 2
    from bot.cli.arguments import parser

    options = parser(__doc__)
    asked = options.parse_args()
    if asked.yes and not asked.erase_person:
        options.error("--yes needs --erase-person")
    if asked.sandbox:
        # The sandbox has its own workspace, whatever a file says about another one.
        os.environ["MUSTER_ENV_FILE"] = ""
    try:
        return _run(asked)
    except (EOFError, KeyboardInterrupt):
        print("\nStopped.", file=sys.stderr)
        return 1


def _run(asked: argparse.Namespace) -> int:
    from bot.cli.arguments import heading
    from bot.config import SettingsError

    try:
        if asked.manifest is not None:
            return print_manifest(asked.manifest)
        if asked.check_settings is not None:
            return check_settings(asked.check_settings)
        read_env_file(is_optional=asked.setup is not None)
        if asked.yes:
            return run_command("erase_person", asked.erase_person, is_sure=True)
        for name, run in COMMANDS.items():
            # An empty argument, as from a variable that isn't set, mustn't start the bot.
            if (argument := getattr(asked, name)) not in (None, False):
                return run(argument)
        return run_sandbox() if asked.sandbox else run_bot()
    except SettingsError as error:
        print(f"{heading(asked)}:\n{error}", file=sys.stderr)
        return 2


def run_command(name: str, argument: str | list[str], *, is_sure: bool = False) -> int:
    """Run a command on stored data and print what it did; returns the exit code. Raises ``SettingsError``."""
    from bot.cli import backups, personal_data, upgrades
    from bot.domain.kit.errors import BotError
    from bot.views.kit.errors import plain_sentence

    ask = None if is_sure else Terminal().ask
    commands: dict[str, Callable[..., str]] = {
        "backup": backups.backup,
        "restore": backups.restore,
        "restored": backups.restored,
        "migrate": lambda _asked: upgrades.migrate(),
        "export_incident": personal_data.export_incident,
        "export_person": personal_data.export_person,
        "erase_person": partial(personal_data.erase_person, ask=ask),
    }
    try:
        print(commands[name](*(argument if isinstance(argument, list) else [argument])))
    except BotError as error:
        print(plain_sentence(error), file=sys.stderr)
        return 1
    return 0


def read_env_file(*, is_optional: bool) -> None:
    """Add the settings in ``.env`` to the environment; raises ``SettingsError`` if it can't be read.

    If it is optional, the file may be missing.
    """
    from bot import env_file
    from bot.config import SettingsError

    try:
        warning = env_file.read(os.environ, is_optional=is_optional)
    except env_file.Unreadable as error:
        raise SettingsError(str(error)) from error
    if warning:
        print(warning, file=sys.stderr)


class Terminal:
    """Asks in the terminal in which the command was typed."""

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, flush=True)

    def ask(self, question: str) -> str:
        """Ask for a line."""
        return input(question).strip()

    def ask_secret(self, question: str) -> str:
        """Ask for a line that isn't shown; if it is piped in, there is nothing to hide."""
        return (getpass.getpass(question) if sys.stdin.isatty() else input(question)).strip()


def print_manifest(url: str) -> int:
    """Print the manifest; returns the exit code."""
    from bot.cli import manifest
    from bot.cli.arguments import SOCKET_MODE
    from bot.domain.surface.tokens import address_in
    from bot.views.setup import NO_ADDRESS

    address = address_in(url)
    if url != SOCKET_MODE and not address:
        print(NO_ADDRESS, file=sys.stderr)
        return 2
    print(manifest.text(f"{address}/slack/events" if address else ""), end="")
    return 0


def check_settings(path: str) -> int:
    """Say what is wrong with a settings file; the exit code is 1 if something is."""
    from bot.cli import team_settings

    said, is_usable = team_settings.check(path)
    print(said)
    return 0 if is_usable else 1


def print_settings(_asked: bool) -> int:
    """Print the team's settings as a file; returns the exit code. Raises ``SettingsError``."""
    from bot.cli import team_settings

    print(team_settings.show(), end="")
    return 0


def set_up(url: str) -> int:
    """Connect a workspace; returns the exit code. Raises ``SettingsError``."""
    from bot import env_file, places
    from bot.cli import setup
    from bot.cli.arguments import SOCKET_MODE

    file = env_file.path(os.environ) or places.folder() / ".env"
    # If the folder can't be made, the file can't be written either, and that is reported.
    with suppress(OSError):
        places.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    if url != SOCKET_MODE:
        return setup.run_http(Terminal(), file, url)
    return setup.run(Terminal(), file)


def examine(_asked: bool) -> int:
    """Check everything that the bot needs; the exit code is 1 if something is red."""
    from bot.cli import doctor

    report, is_ill = doctor.examine()
    print(report)
    return int(is_ill)


def log_in_to_google(client_secret: str) -> int:
    """Log in to Google in a browser and save the token; returns the exit code. Raises ``SettingsError``."""
    from bot.cli import google

    said, has_worked = google.log_in_in_browser(client_secret)
    print(said, file=sys.stdout if has_worked else sys.stderr)
    return 0 if has_worked else 2


def run_bot() -> int:
    """Run in the workspace that the environment names; returns the exit code. Raises ``SettingsError``."""
    from bot import config, logs
    from bot.bootstrap import build
    from bot.domain.kit.errors import BotError, DatabaseUnusable
    from bot.views.kit.errors import plain_sentence

    settings = config.load()
    logs.configure(settings.log_level, settings.secrets)
    bot = build(settings)
    # Everything loaded so far stays in memory. A full collection spent 50 ms on it, which delayed acks.
    gc.collect()
    gc.freeze()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bot.ended.set())
    try:
        bot.start()
    except BotError as error:
        print(plain_sentence(error), file=sys.stderr)
        bot.database.close()
        return 2 if isinstance(error, DatabaseUnusable) else 1
    while not bot.ended.wait(HEEDED_WITHIN):
        # A signal's handler runs on this thread, but doesn't wake it if another thread received the signal.
        pass
    bot.stop()
    if isinstance(bot.failure, BotError):
        print(plain_sentence(bot.failure), file=sys.stderr)
        return 2
    if bot.failure:
        raise bot.failure
    if bot.refusal:
        print(
            f"Slack rejects SLACK_BOT_TOKEN or SLACK_APP_TOKEN ({bot.refusal}). "
            "Check both tokens, and that the app is installed.",
            file=sys.stderr,
        )
        return 2
    return 0


def run_sandbox() -> int:
    """Run the sandbox, which runs this file as its bot; returns the exit code. Raises ``SettingsError``."""
    from bot.config import SECRETS, TUNING, Settings, SettingsError

    try:
        import sandbox.main
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"the sandbox needs {error.name}, which isn't installed: run pip install 'muster[sandbox]'"
        ) from error
    port = os.environ.get("PORT") or str(SANDBOX_PORT)
    if not port.isdecimal() or not 1 <= int(port) <= MAX_PORT:
        raise SettingsError(f"PORT can't be used: choose a number from 1 to {MAX_PORT}")
    elsewhere = [each for each in os.environ if each.lower() in set(Settings.model_fields) - TUNING]
    manifest, data = sandbox_files()
    return sandbox.main.run(
        manifest,
        data_dir=data,
        port=int(port),
        bot_argv=[sys.executable, str(HERE / "app.py")],
        bot_env={
            # The sandbox sets its own secrets, and its bot reaches nobody else.
            **dict.fromkeys(elsewhere, ""),
            **{f"{name.upper()}_FILE": "" for name in SECRETS},
            "DATABASE_URL": f"sqlite:///{data / 'muster.db'}",
            # The sandbox's page uses this port; the bot doesn't listen on any.
            "PORT": "",
        },
    )


def sandbox_files() -> tuple[Path, Path]:
    """The manifest for the sandbox, and the folder that keeps its data. Raises ``SettingsError``."""
    from bot import places
    from bot.config import SettingsError

    if places.IS_CHECKOUT:
        return HERE / "manifest.yml", HERE / ".sandbox"
    from bot.cli import manifest

    data = places.folder() / "sandbox"
    file = data / "manifest.yml"
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(manifest.text(), "utf-8")
    except OSError as error:
        raise SettingsError(f"{file} can't be written ({error.strerror})") from error
    return file, data


COMMANDS: Mapping[str, Callable[[Any], int]] = {
    "setup": set_up,
    "backup": partial(run_command, "backup"),
    "restore": partial(run_command, "restore"),
    "restored": partial(run_command, "restored"),
    "migrate": partial(run_command, "migrate"),
    "export_incident": partial(run_command, "export_incident"),
    "export_person": partial(run_command, "export_person"),
    "erase_person": partial(run_command, "erase_person"),
    "doctor": examine,
    "print_settings": print_settings,
    "google_login": log_in_to_google,
}
"""Argument -> what it runs, which returns the exit code."""


if __name__ == "__main__":
    sys.exit(main())
