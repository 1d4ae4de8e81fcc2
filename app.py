"""Starts Muster or, with --sandbox, a local Slack workspace with Muster in it."""

from __future__ import annotations

import argparse
import gc
import getpass
import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SANDBOX_DATA = HERE / ".sandbox"
SANDBOX_PORT, MAX_PORT = 8484, 65535
SOCKET_MODE = "socket"
"""Stands for no URL."""
HEEDED_WITHIN = 0.5
"""Seconds within which the bot reacts to a signal."""


def main() -> int:
    """Run until asked to stop; the exit code."""
    if sys.platform == "win32":
        # Before anything is imported that Windows doesn't have.
        print("Muster doesn't run on Windows. Use Linux, macOS, WSL or a container.", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog="app.py", description=__doc__)
    parser.add_argument("--sandbox", action="store_true", help="run a local Slack workspace to try Muster in")
    parser.add_argument(
        "--google-login",
        metavar="CLIENT",
        nargs="?",
        const="client_secret.json",
        help="log in to a Google account with the OAuth client in the file CLIENT "
        "(client_secret.json by default), and save its token to GOOGLE_TOKEN_FILE",
    )
    parser.add_argument("--backup", metavar="FILE", help="save the database to FILE; the bot may be running")
    parser.add_argument("--restore", metavar="FILE", help="restore a backup into an empty database")
    parser.add_argument(
        "--restored",
        nargs="?",
        const="list",
        choices=("list", "send", "drop"),
        help="list what a restored backup may have been about to do, or have all of it done, or none",
    )
    parser.add_argument(
        "--setup",
        metavar="URL",
        nargs="?",
        const=SOCKET_MODE,
        help="connect a workspace: asks for the tokens, checks and saves them; with the URL at which Slack "
        "reaches the bot, for HTTP mode",
    )
    parser.add_argument(
        "--manifest", metavar="URL", help="print the Slack app's manifest for HTTP mode, with that URL"
    )
    parser.add_argument(
        "--doctor",
        action="store_true",
        help="check settings, database, Slack and calendar; also while it runs",
    )
    asked = parser.parse_args()
    if asked.sandbox:
        # The sandbox has its own workspace, whatever a file says about another one.
        os.environ["MUSTER_ENV_FILE"] = ""
    return _run(asked)


def _run(asked: argparse.Namespace) -> int:
    from bot.config import SettingsError

    try:
        if asked.manifest:
            return print_manifest(asked.manifest)
        read_env_file(is_optional=bool(asked.setup))
        for name, run in COMMANDS.items():
            if argument := getattr(asked, name):
                return run(argument)
        return run_sandbox() if asked.sandbox else run_bot()
    except SettingsError as error:
        print(f"Muster can't start:\n{error}", file=sys.stderr)
        return 2


def run_command(name: str, argument: str) -> int:
    """Do something about backups and say what; the exit code. Raises ``SettingsError``."""
    from bot import backups
    from bot.domain.kit.errors import BotError
    from bot.views.kit.errors import plain_sentence

    commands = {"backup": backups.backup, "restore": backups.restore, "restored": backups.restored}
    try:
        print(commands[name](argument))
    except BotError as error:
        print(plain_sentence(error), file=sys.stderr)
        return 1
    return 0


def read_env_file(*, is_optional: bool) -> None:
    """Add the settings in ``.env`` to the environment; raises ``SettingsError`` if it can't be read.

    If it is optional, a file that isn't there yet is none.
    """
    from bot import env_file
    from bot.config import SettingsError

    file = env_file.path(os.environ)
    if is_optional and file and not file.exists():
        return
    try:
        warning = env_file.read(os.environ)
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
    """Print the manifest for HTTP mode; the exit code."""
    from bot import manifest
    from bot.domain.surface.tokens import address_in
    from bot.views.setup import NO_ADDRESS

    address = address_in(url)
    if not address:
        print(NO_ADDRESS, file=sys.stderr)
        return 2
    print(manifest.text(f"{address}/slack/events"), end="")
    return 0


def set_up(url: str) -> int:
    """Connect a workspace; the exit code. Raises ``SettingsError``."""
    from bot import env_file, setup

    file = env_file.path(os.environ) or Path(".env")
    try:
        if url != SOCKET_MODE:
            return setup.run_http(Terminal(), file, url)
        return setup.run(Terminal(), file)
    except (EOFError, KeyboardInterrupt):
        print("\nStopped.", file=sys.stderr)
        return 1


def examine(_asked: bool) -> int:
    """Check everything that the bot needs; the exit code is 1 if something is red."""
    from bot import doctor

    report, is_ill = doctor.examine()
    print(report)
    return int(is_ill)


def log_in_to_google(client_secret: str) -> int:
    """Log in to Google in a browser and save the token; the exit code. Raises ``SettingsError``."""
    from bot import config
    from bot.effects.google.credentials import CredentialsUnusable, log_in

    path = os.environ.get("GOOGLE_TOKEN_FILE", "")
    if not path:
        raise config.SettingsError(
            "GOOGLE_TOKEN_FILE is not set: set it to the file in which to save the token"
        )
    try:
        problem = log_in(client_secret, path, config.load_network())
    except CredentialsUnusable as error:
        print(f"Login failed: {error}.", file=sys.stderr)
        return 2
    print(f"Logged in. The token is in {path}, which only you can read.")
    if problem:
        print(f"It has {problem}. To change that, log in again, and allow what Google's page asks for.")
    return 0


def run_bot() -> int:
    """Run in the workspace that the environment names; the exit code. Raises ``SettingsError``."""
    from bot import config, logs
    from bot.bootstrap import build
    from bot.domain.kit.errors import BotError, DatabaseUnusable
    from bot.views.kit.errors import plain_sentence

    settings = config.load()
    logs.configure(settings.log_level, settings.secrets)
    bot = build(settings)
    # Everything loaded so far stays in memory. A full collection took 50 ms to go through it, which delayed
    # acks.
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
    """Run the sandbox, which runs this file again as the bot; the exit code. Raises ``SettingsError``."""
    import sandbox.main
    from bot.config import SECRETS, NetworkSettings, SettingsError

    port = os.environ.get("PORT") or str(SANDBOX_PORT)
    if not port.isdecimal() or not 1 <= int(port) <= MAX_PORT:
        raise SettingsError(f"PORT can't be used: choose a number from 1 to {MAX_PORT}")
    elsewhere = [each for each in os.environ if each.lower() in NetworkSettings.model_fields]
    return sandbox.main.run(
        HERE / "manifest.yml",
        data_dir=SANDBOX_DATA,
        port=int(port),
        bot_argv=[sys.executable, str(HERE / "app.py")],
        bot_env={
            # The sandbox sets its own secrets, and its bot reaches nobody else.
            **dict.fromkeys(elsewhere, ""),
            **{f"{name.upper()}_FILE": "" for name in SECRETS},
            "DATABASE_URL": f"sqlite:///{SANDBOX_DATA / 'muster.db'}",
            # The sandbox's page uses this port; the bot doesn't listen on any.
            "PORT": "",
        },
    )


COMMANDS: Mapping[str, Callable[[Any], int]] = {
    "setup": set_up,
    "backup": partial(run_command, "backup"),
    "restore": partial(run_command, "restore"),
    "restored": partial(run_command, "restored"),
    "doctor": examine,
    "google_login": log_in_to_google,
}
"""Argument -> what it runs, which returns the exit code."""


if __name__ == "__main__":
    sys.exit(main())
