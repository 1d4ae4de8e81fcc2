"""Who calls: tokens, the accounts behind them, and what these may do with a calendar."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.google import ACCOUNT, DOMAIN, SERVICE_ACCOUNT, TEAM_CALENDAR
from sandbox.google.credentials import (
    KEY_ID,
    SCOPE,
    Secrets,
    write_authorized_user,
    write_service_account,
)
from sandbox.google.errors import GoogleError
from sandbox.google.store import Calendars
from sandbox.model import Json
from sandbox.store import Store

LIFETIME = 3599
"""Seconds for which an access token is good."""
_LONGEST_ASSERTION = 3600
_GOOGLES_OWN = "https://oauth2.googleapis.com/token"
"""What Google's library puts into every assertion, wherever it sends it."""
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class RefusedError(Exception):
    """The token endpoint's own kind of error (RFC 6749): a status and a word."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a token stands for."""

    email: str

    @property
    def is_bare_service(self) -> bool:
        """A service account that acts for nobody: it may invite nobody, and makes no video calls."""
        return self.email == SERVICE_ACCOUNT


class Access:
    """Tokens in, principals out; access tokens are worth nothing after a restart of the sandbox."""

    def __init__(self, store: Store, calendars: Calendars, data_dir: Path | None) -> None:
        self._store, self._calendars = store, calendars
        self._secrets = Secrets(data_dir)
        self._tokens: dict[str, tuple[Principal, float]] = {}

    def token(self, form: Mapping[str, Any], token_url: str) -> Json:
        """Answer the token endpoint; raises :class:`RefusedError`."""
        grant = form.get("grant_type")
        if grant == "refresh_token":
            principal = self._of_user(form)
        elif grant == _JWT:
            principal = self._of_assertion(str(form.get("assertion", "")), token_url)
        else:
            raise RefusedError(400, "unsupported_grant_type")
        made = self._issued(principal)
        return {"access_token": made, "expires_in": LIFETIME, "token_type": "Bearer", "scope": SCOPE}

    def principal(self, header: str | None) -> Principal:
        """Who sends this ``Authorization``; raises :class:`GoogleError`."""
        if not header:
            raise GoogleError(401, "required", "Login Required.")
        scheme, _, token = header.partition(" ")
        known = self._tokens.get(token) if scheme == "Bearer" else None
        if known is None or known[1] <= self._store.clock():
            raise GoogleError(401, "authError", "Invalid Credentials")
        return known[0]

    def expire(self) -> None:
        """Every access token is too old from now on."""
        self._tokens.clear()

    def revoke(self) -> None:
        """The account takes its consent back, and whoever gave the service account its key that key."""
        self._calendars.kept["is_revoked"] = True
        self.expire()

    def role(self, principal: Principal, calendar: str) -> str:
        """``owner``, ``writer``, ``freeBusyReader`` or ``none``."""
        if calendar == principal.email:
            return "owner"
        shared: str | None = self._calendars.kept["shares"].get(calendar, {}).get(principal.email)
        if shared:
            return shared
        if calendar == TEAM_CALENDAR:
            return "writer" if principal.is_bare_service else "owner"
        is_colleague = calendar.endswith(DOMAIN) and principal.email.endswith(DOMAIN)
        return "freeBusyReader" if is_colleague else "none"

    def write_token_file(self, path: Path, token_uri: str) -> None:
        """What is left of the account's consent; after it was taken back the account agrees once more."""
        kept = self._calendars.kept
        if kept["is_revoked"]:
            kept["is_revoked"] = False
            kept["grant"] += 1
        write_authorized_user(
            path,
            token=self._issued(Principal(ACCOUNT)),
            refresh_token=self._secrets.refresh_token(kept["grant"]),
            client=self._secrets.client,
            token_uri=token_uri,
            expires=self._store.clock() + LIFETIME,
        )

    def write_service_account_file(self, path: Path, token_uri: str) -> None:
        """The key of the service account."""
        write_service_account(path, private_key=self._secrets.private_key(), token_uri=token_uri)

    def _issued(self, principal: Principal) -> str:
        made = f"ya29.sandbox-{secrets.token_hex(16)}"
        self._tokens[made] = (principal, self._store.clock() + LIFETIME)
        return made

    def _of_user(self, form: Mapping[str, Any]) -> Principal:
        if (form.get("client_id"), form.get("client_secret")) != self._secrets.client:
            raise RefusedError(401, "invalid_client")
        kept = self._calendars.kept
        if kept["is_revoked"] or form.get("refresh_token") != self._secrets.refresh_token(kept["grant"]):
            raise RefusedError(400, "invalid_grant")
        if "scope" in form and form["scope"] != SCOPE:
            raise RefusedError(400, "invalid_scope")
        return Principal(ACCOUNT)

    def _of_assertion(self, assertion: str, token_url: str) -> Principal:
        from sandbox.google.keys import claims  # noqa: PLC0415 - see the package

        try:
            told = claims(assertion, self._secrets.private_key(), KEY_ID)
            _check_claims(told, token_url)
        except (ValueError, TypeError) as error:
            raise RefusedError(400, "invalid_grant") from error
        if self._calendars.kept["is_revoked"]:
            raise RefusedError(400, "invalid_grant")
        if SCOPE not in str(told.get("scope", "")).split():
            raise RefusedError(400, "invalid_scope")
        subject = str(told.get("sub") or SERVICE_ACCOUNT).lower()
        if subject not in (SERVICE_ACCOUNT, ACCOUNT) and self._calendars.owner(subject) is None:
            raise RefusedError(401, "unauthorized_client")
        return Principal(subject)


def _check_claims(told: Mapping[str, Any], token_url: str) -> None:
    """Raise ``ValueError`` for an assertion of somebody else, for somebody else, or of another time.

    Its time is real time, not the store's clock: it is the library that writes it, whatever a test thinks.
    """
    issued, expires = float(told.get("iat", 0)), float(told.get("exp", 0))
    if told.get("iss") != SERVICE_ACCOUNT or told.get("aud") not in (token_url, _GOOGLES_OWN):
        raise ValueError("it is from, or for, somebody else")
    if not issued <= time.time() + 60 or not time.time() < expires <= issued + _LONGEST_ASSERTION:
        raise ValueError("it is too old, too long or too early")
