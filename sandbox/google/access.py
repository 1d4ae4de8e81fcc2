"""Who is calling: tokens, the accounts behind them, and what these may do with a calendar."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.google import ACCOUNT, DOMAIN, SERVICE_ACCOUNT, TEAM_CALENDAR
from sandbox.google.errors import GoogleError
from sandbox.workspace.model import Json
from sandbox.workspace.persistence import write_json
from sandbox.workspace.store import Store

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.events.freebusy",
)
"""What the account's owner and the domain's administrator grant, until somebody changes it."""
_LIFETIME = 3599
_AUDIENCE = ["https://oauth2.googleapis.com/token"]
"""The audience of assertions, whatever URL the endpoint has.

https://developers.google.com/identity/protocols/oauth2/service-account
"""
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class RefusedError(Exception):
    """The token endpoint's own kind of error (RFC 6749): a status and a code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Principal:
    """The account that a token belongs to."""

    email: str
    scopes: frozenset[str]
    """What the token may be used for."""
    is_bare_service: bool = False
    """Whether it is a service account that acts for nobody: it can't invite people or create video calls."""


class Access:
    """Tokens in, principals out. Secrets outlive the process if there is a ``data_dir``."""

    def __init__(self, store: Store, data_dir: Path | None) -> None:
        self._store = store
        self._path = data_dir / "google.json" if data_dir else None
        self._secrets = self._load()
        self._save()
        self._tokens: dict[str, tuple[Principal, float]] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._grantable = frozenset(SCOPES)
        self.is_revoked = False

    def token(self, form: Mapping[str, Any]) -> Json:
        """The token endpoint's answer to a form. Raises :class:`RefusedError`."""
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._first_token(form)
        if grant == "refresh_token":
            principal = self._of_user(form)
        elif grant == _JWT:
            principal = self._of_assertion(str(form.get("assertion") or ""))
        else:
            raise RefusedError(400, "unsupported_grant_type")
        return self._new_token(principal)

    def agree(self, query: Mapping[str, str]) -> str:
        """Consent as the account's owner to what an app asks for; returns the URL that informs the app.

        For an app on the owner's own computer. Raises :class:`RefusedError`.
        https://developers.google.com/identity/protocols/oauth2/native-app
        """
        address = urlsplit(query.get("redirect_uri", ""))
        if query.get("client_id") != self._secrets["client_id"]:
            raise RefusedError(401, "invalid_client")
        if address.scheme != "http" or address.hostname not in {"127.0.0.1", "localhost"}:
            raise RefusedError(400, "redirect_uri_mismatch")
        if query.get("response_type") != "code" or query.get("code_challenge_method", "S256") != "S256":
            raise RefusedError(400, "invalid_request")
        granted = _known(query.get("scope")) & self._grantable
        if not granted:
            told = {"error": "access_denied"}
        else:
            code = f"4/sandbox-{secrets.token_hex(16)}"
            told = {"code": code, "scope": _written(granted)}
            self._codes[code] = {**query, "scope": _written(granted)}
        return f"{address.geturl()}?{urlencode({'state': query.get('state', ''), **told})}"

    def grant(self, scopes: Iterable[str]) -> None:
        """Let the app have these scopes and no others, from its next token on.

        This is what the account's owner ticks at a login, and what the administrator delegates.
        """
        self._grantable = frozenset(scopes)
        self._secrets["scope"] = _written(self._grantable)
        self._save()
        self.expire()

    def principal(self, header: str | None) -> Principal:
        """Who sent this ``Authorization`` header. Raises :class:`GoogleError`."""
        if not header:
            raise GoogleError(401, "required", "Login Required.")
        known = self._tokens.get(header.removeprefix("Bearer "))
        if known is None or known[1] <= self._store.clock():
            raise GoogleError(401, "authError", "Invalid Credentials")
        return known[0]

    def expire(self) -> None:
        """Make every access token expire now."""
        self._tokens.clear()

    def revoke(self) -> None:
        """Withdraw the account's consent."""
        self.is_revoked = True
        self.expire()

    def role(self, principal: Principal, calendar: str) -> str:
        """The principal's role: ``owner``, ``writer``, ``reader``, ``freeBusyReader`` or ``none``."""
        shared: str | None = (
            self._store.workspace.google.get("shares", {}).get(calendar, {}).get(principal.email)
        )
        if shared:
            return shared
        if calendar == principal.email:
            return "owner"
        if calendar == TEAM_CALENDAR:
            return "writer" if principal.is_bare_service else "owner"
        is_colleague = calendar.endswith(DOMAIN) and principal.email.endswith(DOMAIN)
        return "freeBusyReader" if is_colleague else "none"

    def write_token_file(self, path: Path, token_url: str) -> None:
        """Write what ``--google-login`` saves once the account has authorised the app."""
        write_json(
            path,
            json.dumps(
                {
                    "type": "authorized_user",
                    "token": None,
                    "refresh_token": self._secrets["refresh_token"],
                    "token_uri": token_url,
                    "client_id": self._secrets["client_id"],
                    "client_secret": self._secrets["client_secret"],
                    "scopes": self._secrets["scope"].split(),
                }
            ),
        )

    def write_client_file(self, path: Path, auth_url: str, token_url: str) -> None:
        """Write the OAuth client in the console's format for an app on one's own computer."""
        secret = {name: self._secrets[name] for name in ("client_id", "client_secret")}
        addresses = {"auth_uri": auth_url, "token_uri": token_url, "redirect_uris": ["http://localhost"]}
        write_json(path, json.dumps({"installed": {**secret, **addresses}}))

    def write_service_account_file(self, path: Path, token_url: str) -> None:
        """Write the service account's key."""
        write_json(
            path,
            json.dumps(
                {
                    "type": "service_account",
                    "project_id": "sandbox",
                    "private_key_id": "1",
                    "private_key": self._key(),
                    "client_email": SERVICE_ACCOUNT,
                    "client_id": self._secrets["client_id"],
                    "token_uri": token_url,
                }
            ),
        )

    def _new_token(self, principal: Principal) -> Json:
        made = f"ya29.sandbox-{secrets.token_hex(16)}"
        self._tokens[made] = (principal, self._store.clock() + _LIFETIME)
        scope = _written(principal.scopes)
        return {"access_token": made, "expires_in": _LIFETIME, "token_type": "Bearer", "scope": scope}

    def _first_token(self, form: Mapping[str, Any]) -> Json:
        """The token for a code, which works once; with a refresh token only for offline access."""
        self._check_client(form)
        asked = self._codes.pop(str(form.get("code")), {})
        verifier = sha256(str(form.get("code_verifier") or "").encode()).digest()
        challenge = urlsafe_b64encode(verifier).decode().rstrip("=")
        if not asked or asked["redirect_uri"] != form.get("redirect_uri"):
            raise RefusedError(400, "invalid_grant")
        if asked.get("code_challenge", challenge) != challenge:
            raise RefusedError(400, "invalid_grant")
        self.is_revoked = False
        self._secrets["scope"] = asked["scope"]
        self._save()
        later = (
            {"refresh_token": self._secrets["refresh_token"]} if asked.get("access_type") == "offline" else {}
        )
        return {**self._new_token(Principal(ACCOUNT, _known(asked["scope"]))), **later}

    def _check_client(self, form: Mapping[str, Any]) -> None:
        if any(form.get(name) != self._secrets[name] for name in ("client_id", "client_secret")):
            raise RefusedError(401, "invalid_client")

    def _of_user(self, form: Mapping[str, Any]) -> Principal:
        self._check_client(form)
        if self.is_revoked or form.get("refresh_token") != self._secrets["refresh_token"]:
            raise RefusedError(400, "invalid_grant")
        granted = _known(self._secrets["scope"])
        # Without scopes, it gets those of the grant, and never more than those (RFC 6749, 6).
        wanted = _known(form["scope"]) if form.get("scope") else granted
        if not wanted <= granted:
            raise RefusedError(400, "invalid_scope")
        return Principal(ACCOUNT, wanted)

    def _of_assertion(self, assertion: str) -> Principal:
        from google.auth import exceptions, jwt  # noqa: PLC0415 - see the package

        try:
            claims = jwt.decode(assertion, certs=self._certificate(), audience=_AUDIENCE)
        except (ValueError, exceptions.GoogleAuthError) as error:
            raise RefusedError(400, "invalid_grant") from error
        if self.is_revoked or claims.get("iss") != SERVICE_ACCOUNT:
            raise RefusedError(400, "invalid_grant")
        wanted, subject = _known(claims.get("scope")), claims.get("sub")
        if not subject or subject == SERVICE_ACCOUNT:
            return Principal(SERVICE_ACCOUNT, wanted, is_bare_service=True)
        # Google compares scopes to the letter, and grants all or nothing.
        # https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
        if not wanted <= self._grantable:
            raise RefusedError(401, "unauthorized_client")
        people = self._store.workspace.people.values()
        if subject != ACCOUNT and not any(each.email == subject and not each.deleted for each in people):
            raise RefusedError(401, "unauthorized_client")
        return Principal(str(subject), wanted)

    def _load(self) -> dict[str, str]:
        found = {
            "client_id": "sandbox.apps.googleusercontent.example",
            "client_secret": f"GOCSPX-{secrets.token_hex(12)}",
            "refresh_token": f"1//sandbox-{secrets.token_hex(16)}",
            "scope": " ".join(SCOPES),
        }
        if self._path is not None and self._path.exists():
            found |= json.loads(self._path.read_text(encoding="utf-8"))
        return found

    def _save(self) -> None:
        if self._path is not None:
            write_json(self._path, json.dumps(self._secrets))

    def _key(self) -> str:
        if "private_key" not in self._secrets:
            from sandbox.google.keys import new_key  # noqa: PLC0415 - see the package

            self._secrets["private_key"], self._secrets["certificate"] = new_key()
            self._save()
        return self._secrets["private_key"]

    def _certificate(self) -> str:
        self._key()
        return self._secrets["certificate"]


def _known(asked: object) -> frozenset[str]:
    """The scopes in a request; raises :class:`RefusedError` if there are none, or Google doesn't know one."""
    from sandbox.google.schema import scopes  # noqa: PLC0415 - see the package

    found = frozenset(str(asked or "").split())
    if not found or not found <= scopes():
        raise RefusedError(400, "invalid_scope")
    return found


def _written(scopes: Iterable[str]) -> str:
    return " ".join(sorted(scopes))
