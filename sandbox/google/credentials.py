"""The files with which an app proves who it is to the sandbox's Google, and the secrets in them."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.google import SERVICE_ACCOUNT
from sandbox.persistence import write_json

SCOPE = "https://www.googleapis.com/auth/calendar"
KEY_ID = "sandbox-key-1"


class Secrets:
    """What the sandbox's Google alone knows; the same after a restart where there is a ``data_dir``.

    The private key is made when somebody first wants it, as that takes a while.
    """

    def __init__(self, data_dir: Path | None) -> None:
        self._path = data_dir / "google.json" if data_dir else None
        self._kept = {
            "client_id": "sandbox.apps.googleusercontent.example",
            "client_secret": f"GOCSPX-sandbox-{secrets.token_hex(12)}",
            "refresh_token": f"1//sandbox-{secrets.token_hex(16)}",
        }
        if self._path is not None and self._path.exists():
            self._kept |= json.loads(self._path.read_text(encoding="utf-8"))
        self._keep()

    @property
    def client(self) -> tuple[str, str]:
        """Id and secret of the app's OAuth client."""
        return self._kept["client_id"], self._kept["client_secret"]

    def refresh_token(self, grant: int) -> str:
        """The one that the account gave when it agreed for that time."""
        return f"{self._kept['refresh_token']}-{grant}"

    def private_key(self) -> str:
        """The service account's, as PEM."""
        if "private_key" not in self._kept:
            from sandbox.google.keys import new_key  # noqa: PLC0415 - see the package

            self._kept["private_key"] = new_key()
            self._keep()
        return self._kept["private_key"]

    def _keep(self) -> None:
        if self._path is not None:
            write_json(self._path, json.dumps(self._kept))


def write_authorized_user(  # noqa: PLR0913 - each is a field of the file
    path: Path, *, token: str, refresh_token: str, client: tuple[str, str], token_uri: str, expires: float
) -> None:
    """What an app keeps once the account has agreed to it, readable by its owner only.

    ``expires`` is when the access token ``token`` runs out, in seconds since 1970.
    """
    content = {
        "type": "authorized_user",
        "token": token,
        "refresh_token": refresh_token,
        "token_uri": token_uri,
        "client_id": client[0],
        "client_secret": client[1],
        "scopes": [SCOPE],
        "expiry": f"{datetime.fromtimestamp(expires, UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    _write(path, content)


def write_service_account(path: Path, *, private_key: str, token_uri: str) -> None:
    """The key of the service account as Google's console gives it out, readable by its owner only."""
    content = {
        "type": "service_account",
        "project_id": "sandbox",
        "private_key_id": KEY_ID,
        "private_key": private_key,
        "client_email": SERVICE_ACCOUNT,
        "client_id": "100000000000000000000",
        "token_uri": token_uri,
    }
    _write(path, content)


def _write(path: Path, content: dict[str, Any]) -> None:
    write_json(path, json.dumps(content, indent=2))
