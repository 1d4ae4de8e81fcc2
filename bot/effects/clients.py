"""Slack's SDK on our network: its clients, which open their connections as :mod:`bot.network` says.

The SDK knows one proxy for all hosts, and reads the environment if it is given none.
"""

from __future__ import annotations

from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.web.file_upload_v2_result import FileUploadV2Result
from slack_sdk.web.slack_response import SlackResponse
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.network import Network


def header(answer: SlackResponse, name: str) -> str:
    """A header of the answer, or an empty text; ``name`` is in lower case."""
    for known, value in dict(answer.headers or {}).items():
        if known.lower() == name:
            return str(value[0] if isinstance(value, list | tuple) else value)
    return ""


def granted_scopes(answer: SlackResponse) -> frozenset[str]:
    """The scopes that the token has; empty if the server doesn't list them.

    https://docs.slack.dev/authentication/installing-with-oauth
    """
    return frozenset(filter(None, (each.strip() for each in header(answer, "x-oauth-scopes").split(","))))


class Web(WebClient):
    """Slack's Web API. It never retries by itself: after a lost connection, that would post twice."""

    def __init__(self, network: Network, base_url: str, timeout: int, token: str | None = None) -> None:
        super().__init__(token, base_url, timeout, retry_handlers=[])
        self.network = network

    def _perform_urllib_http_request_internal(self, _url: str, req: Request) -> dict[str, Any]:
        """Send a request; overrides the SDK's."""
        status, headers, body = _opened(self.network, req, self.timeout)
        return {"status": status, "headers": headers, "body": body}

    def _upload_file(self, *, url: str, data: bytes, timeout: int, **_: Any) -> FileUploadV2Result:
        """Send a file to the URL that Slack has given; overrides the SDK's."""
        status, _headers, body = _opened(self.network, Request(url, data, method="POST"), timeout)  # noqa: S310
        return FileUploadV2Result(status, body)


class Webhook(WebhookClient):
    """A ``response_url``. It never retries by itself."""

    def __init__(self, network: Network, url: str, timeout: int) -> None:
        super().__init__(url, timeout, retry_handlers=[])
        self._network = network

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        """Send a request; overrides the SDK's."""
        status, headers, body = _opened(self._network, req, self.timeout)
        return WebhookResponse(url=url, status_code=status, body=body, headers=headers)


def _opened(network: Network, request: Request, timeout: int) -> tuple[int, Any, str]:
    """The status, headers and text of the answer; raises ``OSError`` (of which ``HTTPError`` is one)."""
    with network.opener.open(request, timeout=timeout) as answer:
        charset = answer.headers.get_content_charset() or "utf-8"
        return answer.status, answer.headers, answer.read().decode(charset)
