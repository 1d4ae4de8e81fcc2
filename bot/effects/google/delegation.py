"""A service account that acts for a person, as far as an administrator lets it."""

from __future__ import annotations

import structlog
from google.auth.exceptions import RefreshError
from google.auth.transport import Request
from google.oauth2.service_account import Credentials

from bot.effects.google.scopes import EVENTS, FREE_BUSY, WIDE, shortcoming

log = structlog.get_logger(__name__)

WAYS = ((EVENTS, FREE_BUSY), (WIDE,), (EVENTS,))
"""The scopes to ask for, one set after the other, until one is granted in full.

Google compares scopes to the letter, and refuses a request as a whole if one of its scopes isn't granted:
https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
Earlier versions needed the wide one. Often somebody else administers Google, so an upgrade must not take the
calendar away until they have granted the new ones; from then on, the wide one isn't used.
"""


class Delegated(Credentials):
    """Credentials with the least rights that suffice, among those that were granted."""

    def refresh(self, request: Request) -> None:
        """Get a token; raises ``RefreshError`` if no set of scopes is granted."""
        refused = None
        for scopes in WAYS:
            tried = self.with_scopes(list(scopes))
            try:
                super(Delegated, tried).refresh(request)  # type: ignore[no-untyped-call]
            except RefreshError as error:
                if "unauthorized_client" not in str(error.args[:1]):
                    raise
                refused = refused or error
                continue
            self.token, self.expiry = tried.token, tried.expiry
            if problem := shortcoming(scopes):
                log.warning(
                    "delegation not as needed", problem=problem, remedy="grant the scopes in README.md"
                )
            return
        assert refused  # noqa: S101 - there is at least one way
        raise refused
