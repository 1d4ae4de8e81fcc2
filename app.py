"""Starts Muster, or with --sandbox a local Slack workspace with Muster in it."""

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
"""Seconds after which the bot has noticed a signal at the latest."""


def main() -> int:
    """Run until asked to stop; the exit code."""
    parser = argparse.ArgumentParser(prog="app.py", description=__doc__)
    parser.add_argument("--sandbox", action="store_true", help="a local workspace to try it in")
    parser.add_argument(
        "--google-login",
        metavar="CLIENT",
        nargs="?",
        const="client_secret.json",
        help="let an ordinary Google account agree to the OAuth client in the file CLIENT "
        "(client_secret.json), and keep its token in GOOGLE_TOKEN_FILE",
    )
    asked = parser.parse_args()
    if asked.google_login:
        return log_in_to_google(asked.google_login)
    return run_sandbox() if asked.sandbox else run_bot()


def log_in_to_google(client_secret: str) -> int:
    """Keep the token of whoever agrees in a browser."""
    from bot.effects.google.credentials import CredentialsUnusable, log_in

    path = os.environ.get("GOOGLE_TOKEN_FILE", "")
    if not path:
        print("GOOGLE_TOKEN_FILE is not set: the file to keep the token in.", file=sys.stderr)
        return 2
    try:
        log_in(client_secret, path)
    except CredentialsUnusable as error:
        print(f"Not logged in: {error}.", file=sys.stderr)
        return 2
    print(f"Logged in. The token is in {path}, readable by you only.")
    return 0


def run_bot() -> int:
    """Run against the workspace that the environment names."""
    from bot import config, logs
    from bot.bootstrap import build
    from bot.domain.kit.errors import AlreadyRunning, PortTaken
    from bot.views.kit.errors import plain_sentence

    try:
        settings = config.load()
        logs.configure(settings.log_level, [settings.slack_signing_secret])
        bot = build(settings)
    except config.SettingsError as error:
        print(f"Muster can't start:\n{error}", file=sys.stderr)
        return 2
    # What is loaded by now stays: going through it took each full collection 50 ms, and acks waited for that.
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
        # A signal that reached another thread doesn't wake this one, on which alone its handler runs.
        pass
    bot.stop()
    if bot.failure:
        raise bot.failure
    if bot.refusal:
        print(
            f"Slack refuses SLACK_BOT_TOKEN or SLACK_APP_TOKEN ({bot.refusal}): "
            "check both, and that the app is installed.",
            file=sys.stderr,
        )
        return 2
    return 0


def run_sandbox() -> int:
    """Run the sandbox, which runs this file once more as the bot."""
    import sandbox.main

    port = os.environ.get("PORT") or str(SANDBOX_PORT)
    if not port.isdecimal() or int(port) > MAX_PORT:
        print(f"PORT={port} is no port: take a number from 1 to {MAX_PORT}.", file=sys.stderr)
        return 2
    return sandbox.main.run(
        HERE / "manifest.yml",
        data_dir=SANDBOX_DATA,
        port=int(port),
        bot_argv=[sys.executable, str(HERE / "app.py")],
        # The port is the page's: the bot listens on none of its own.
        bot_env={"DATABASE_URL": f"sqlite:///{SANDBOX_DATA / 'muster.db'}", "PORT": ""},
    )


if __name__ == "__main__":
    sys.exit(main())
