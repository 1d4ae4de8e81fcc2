"""Google's errors (https://developers.google.com/workspace/calendar/api/guides/errors)."""

from __future__ import annotations

from typing import Any


class GoogleError(Exception):
    """An answer other than 2xx: its status, and Google's code and sentence for it."""

    def __init__(self, status: int, reason: str, message: str, domain: str = "global") -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.domain = status, reason, message, domain

    def body(self) -> dict[str, Any]:
        """The error as Google's JSON."""
        one = {"domain": self.domain, "reason": self.reason, "message": self.message}
        return {"error": {"code": self.status, "message": self.message, "errors": [one]}}


class ScopeError(GoogleError):
    """The error for a token that has none of the scopes that the method needs."""

    def __init__(self, method: str) -> None:
        super().__init__(403, "insufficientPermissions", "Insufficient Permission")
        self._method = ".".join(part[0].upper() + part[1:] for part in method.split("."))

    def body(self) -> dict[str, Any]:
        """The error as Google's JSON, which here says the same thing in both of its formats."""
        [one] = super().body()["error"]["errors"]
        about = {"service": "calendar-json.googleapis.com", "method": f"calendar.v3.{self._method}"}
        detail = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": about,
        }
        return {
            "error": {
                "code": self.status,
                "message": "Request had insufficient authentication scopes.",
                "errors": [one],
                "status": "PERMISSION_DENIED",
                "details": [detail],
            }
        }


def not_found() -> GoogleError:
    """The error for what doesn't exist, or what the caller may not see."""
    return GoogleError(404, "notFound", "Not Found")


def invalid(message: str, reason: str = "invalid") -> GoogleError:
    """The error for an invalid request."""
    return GoogleError(400, reason, message)
