"""Google's real client, as the app uses it, for tests of the sandbox's Google Calendar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httplib2
import pytest
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from sandbox.google.access import SCOPES
from sandbox.server import Sandbox

TEAM = "incidents@acme.example"


class Clients:
    """A test's Google clients, closed when it ends."""

    def __init__(self) -> None:
        self._open: list[Any] = []

    def user(self, sandbox: Sandbox, folder: Path) -> Any:
        """The API for the account that has agreed."""
        info = json.loads(sandbox.google_token_file(folder / "token.json").read_text())
        names = ("token", "refresh_token", "token_uri", "client_id", "client_secret")
        return self._client(sandbox, Credentials(**{name: info[name] for name in names}))

    def service(self, sandbox: Sandbox, folder: Path, subject: str | None = None) -> Any:
        """The API for the service account, acting as `subject` if there is one."""
        info = json.loads(sandbox.google_service_account_file(folder / "key.json").read_text())
        made = service_account.Credentials.from_service_account_info(info, scopes=SCOPES, subject=subject)
        return self._client(sandbox, made)

    def bare(self) -> httplib2.Http:
        """A plain HTTP client, without the API."""
        made = httplib2.Http(timeout=5)
        self._open.append(made)
        return made

    def close(self) -> None:
        """Close them all."""
        for each in self._open:
            each.close()

    def _client(self, sandbox: Sandbox, credentials: Any) -> Any:
        http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=5))
        options = {"api_endpoint": sandbox.google_url}
        made = build(
            "calendar", "v3", http=http, static_discovery=True, cache_discovery=False, client_options=options
        )
        self._open.append(made)
        return made


def event(**values: Any) -> dict[str, Any]:
    """An event on a Tuesday morning."""
    plain = {
        "summary": "Postmortem",
        "start": {"dateTime": "2026-12-01T10:00:00+00:00"},
        "end": {"dateTime": "2026-12-01T10:30:00+00:00"},
    }
    return {**plain, **values}


@contextmanager
def refused(status: int, reason: str) -> Iterator[None]:
    """Check that Google refuses what is done in the block."""
    with pytest.raises(HttpError) as told:
        yield
    found = json.loads(told.value.content)["error"]["errors"][0]["reason"]
    assert (told.value.resp.status, found) == (status, reason)
