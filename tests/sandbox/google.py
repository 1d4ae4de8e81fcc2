"""The real client, as the app uses it, for tests of the sandbox's Google Calendar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httplib2
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from sandbox.google.access import SCOPE
from sandbox.server import Sandbox

TEAM = "incidents@acme.example"


def user(sandbox: Sandbox, folder: Path) -> Any:
    """The API for the account that has agreed."""
    info = json.loads(sandbox.google_token_file(folder / "token.json").read_text())
    names = ("token", "refresh_token", "token_uri", "client_id", "client_secret")
    return client(sandbox, Credentials(**{name: info[name] for name in names}))


def service(sandbox: Sandbox, folder: Path, subject: str | None = None) -> Any:
    """The API for the service account, acting as somebody or not."""
    info = json.loads(sandbox.google_service_account_file(folder / "key.json").read_text())
    make = service_account.Credentials.from_service_account_info
    return client(sandbox, make(info, scopes=[SCOPE], subject=subject))


def client(sandbox: Sandbox, credentials: Any) -> Any:
    """The API with such credentials."""
    http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=5))
    options = {"api_endpoint": sandbox.google_url}
    return build(
        "calendar", "v3", http=http, static_discovery=True, cache_discovery=False, client_options=options
    )


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
    """Google refuses what is done within."""
    try:
        yield
    except HttpError as error:
        found = json.loads(error.content)["error"]["errors"][0]["reason"]
        assert (error.resp.status, found) == (status, reason)
    else:
        raise AssertionError(f"not refused with {status} {reason}")
