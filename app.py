"""Starts Muster or, with --sandbox, a local Slack workspace with Muster in it."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from pathlib import Path

HERE = Path(__file__).parent
SANDBOX_DATA = HERE / ".sandbox"
SANDBOX_PORT, MAX_PORT = 8484, 65535
HEEDED_WITHIN = 0.5
"""Seconds within which the bot reacts to a signal."""


def main() -> int:
    """Run until asked to stop; the exit code."""
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
    asked = parser.parse_args()
    if asked.google_login:
        return log_in_to_google(asked.google_login)
    return run_sandbox() if asked.sandbox else run_bot()


def log_in_to_google(client_secret: str) -> int:
    """Log in to Google in a browser and save the token; the exit code."""
    from bot.effects.google.credentials import CredentialsUnusable, log_in

    path = os.environ.get("GOOGLE_TOKEN_FILE", "")
    if not path:
        print(
            "GOOGLE_TOKEN_FILE is not set. Set it to the file in which to save the token.",
            file=sys.stderr,
        )
        return 2
    try:
        log_in(client_secret, path)
    except CredentialsUnusable as error:
        print(f"Login failed: {error}.", file=sys.stderr)
        return 2
    print(f"Logged in. The token is in {path}, which only you can read.")
    return 0


def run_bot() -> int:
    """Run in the workspace that the environment names; the exit code."""
    from bot import config, logs
    from bot.bootstrap import build
    from bot.domain.kit.errors import AlreadyRunning, BotError, PortTaken
    from bot.views.kit.errors import plain_sentence

    try:
        settings = config.load()
        logs.configure(settings.log_level, [settings.slack_signing_secret])
        bot = build(settings)
    except config.SettingsError as error:
        print(f"Muster can't start:\n{error}", file=sys.stderr)
        return 2
    # Everything loaded so far stays in memory. A full collection took 50 ms to go through it, which delayed
    # acks.
    gc.collect()
    gc.freeze()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bot.ended.set())
    try:
        bot.start()
    except (AlreadyRunning, PortTaken) as error:
        print(plain_sentence(error), file=sys.stderr)
        bot.database.close()
        return 1
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
    """Run the sandbox, which runs this file again as the bot; the exit code."""
    import sandbox.main

    port = os.environ.get("PORT") or str(SANDBOX_PORT)
    if not port.isdecimal() or not 1 <= int(port) <= MAX_PORT:
        print(f"PORT={port} isn't a port. Choose a number from 1 to {MAX_PORT}.", file=sys.stderr)
        return 2
    return sandbox.main.run(
        HERE / "manifest.yml",
        data_dir=SANDBOX_DATA,
        port=int(port),
        bot_argv=[sys.executable, str(HERE / "app.py")],
        # The sandbox's page uses this port; the bot doesn't listen on any.
        bot_env={"DATABASE_URL": f"sqlite:///{SANDBOX_DATA / 'muster.db'}", "PORT": ""},
    )


if __name__ == "__main__":
    sys.exit(main())
