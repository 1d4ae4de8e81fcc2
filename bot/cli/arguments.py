"""The options of ``app.py``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

SOCKET_MODE = "socket"
"""Stands for no URL."""

Add = Callable[..., argparse.Action]
"""Adds an option."""


def parser(description: str | None) -> argparse.ArgumentParser:
    """The parser for what was typed after the command."""
    whole = argparse.ArgumentParser(description=description)
    # One at a time: nobody could rely on the order in which several are done.
    made = whole.add_mutually_exclusive_group()
    made.add_argument("--sandbox", action="store_true", help="run a local Slack workspace to try Muster in")
    made.add_argument(
        "--google-login",
        metavar="CLIENT",
        nargs="?",
        const="client_secret.json",
        help="log in to a Google account with the OAuth client in the file CLIENT "
        "(client_secret.json by default), and save its token to GOOGLE_TOKEN_FILE",
    )
    made.add_argument("--backup", metavar="FILE", help="save the database to FILE; the bot may be running")
    made.add_argument("--restore", metavar="FILE", help="restore a backup into an empty database")
    made.add_argument(
        "--restored",
        nargs="?",
        const="list",
        choices=("list", "send", "drop"),
        help="after --restore: list what the backup still had to do, let the bot do it (send), "
        "or discard it (drop)",
    )
    made.add_argument(
        "--migrate", action="store_true", help="bring the database's tables up to date, without starting"
    )
    made.add_argument(
        "--doctor",
        action="store_true",
        help="check settings, database, Slack and calendar; the bot may be running",
    )
    _about_a_workspace(made.add_argument)
    _about_settings(made.add_argument)
    _about_stored_data(made.add_argument)
    whole.add_argument("--yes", action="store_true", help="with --erase-person: don't ask")
    return whole


def heading(asked: argparse.Namespace) -> str:
    """The words above what is wrong with the settings: they keep Muster, or a command, from running."""
    commands = [value for name, value in vars(asked).items() if name != "sandbox"]
    return "Check the settings" if any(commands) else "Muster can't start"


def _about_a_workspace(add: Add) -> None:
    add(
        "--setup",
        metavar="URL",
        nargs="?",
        const=SOCKET_MODE,
        help="connect a workspace: asks for the tokens, checks and saves them; with the URL at which Slack "
        "reaches the bot, for HTTP mode",
    )
    add(
        "--manifest",
        metavar="URL",
        nargs="?",
        const=SOCKET_MODE,
        help="print the Slack app's manifest; with the URL at which Slack reaches the bot, for HTTP mode",
    )


def _about_settings(add: Add) -> None:
    add("--check-settings", metavar="FILE", help="say whether FILE can be used as MUSTER_SETTINGS")
    add(
        "--print-settings",
        action="store_true",
        help="print the team's current settings, as a file for MUSTER_SETTINGS",
    )


def _about_stored_data(add: Add) -> None:
    add(
        "--export-incident",
        nargs=2,
        metavar=("REF", "FILE"),
        help="write everything about an incident to FILE, as JSON",
    )
    add(
        "--export-person",
        nargs=2,
        metavar=("WHO", "FILE"),
        help="write everything about a person (a member ID or an e-mail address) to FILE, as JSON",
    )
    add(
        "--erase-person",
        metavar="WHO",
        help="erase a person's name and words from the database; the bot may be running",
    )
