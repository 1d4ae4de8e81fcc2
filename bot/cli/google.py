"""``python app.py --google-login``: logs in to an ordinary Google account."""

from __future__ import annotations

import os

from bot import config
from bot.effects.google.credentials import CredentialsUnusable, log_in


def log_in_in_browser(client_secret: str) -> tuple[str, bool]:
    """Log in to Google in a browser and save the token; returns what to print, and whether it worked.

    Raises ``SettingsError`` if no setting says where to save it.
    """
    path = os.environ.get("GOOGLE_TOKEN_FILE", "")
    if not path:
        raise config.SettingsError(
            "GOOGLE_TOKEN_FILE is not set: set it to the file in which to save the token"
        )
    try:
        problem = log_in(client_secret, path, config.load_network())
    except CredentialsUnusable as error:
        return f"Login failed: {error}.", False
    told = f"Logged in. The token is in {path}, which only you can read."
    if problem:
        told += f"\nIt has {problem}. To change that, log in again, and allow what Google's page asks for."
    return told, True
