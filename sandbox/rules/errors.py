"""The only error that rules raise: what a Web API method answers instead of its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """A refusal with Slack's error ``code`` (e.g. ``invalid_blocks``) and the lines that explain it.

    ``messages`` end up in ``response_metadata.messages``, each already in Slack's format ``[ERROR] must be
    less than 151 characters [json-pointer:/blocks/0/text/text]``. ``extra`` are more top-level fields of the
    answer, such as ``needed`` and ``provided``.
    """

    def __init__(self, code: str, messages: Sequence[str] = (), **extra: Any) -> None:
        super().__init__("; ".join((code, *messages)))
        self.code = code
        self.messages = list(messages)
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON answer, ``{"ok": false, "error": code, …}``."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            answer["errors"] = [line.removeprefix("[ERROR] ") for line in self.messages]
            answer["response_metadata"] = {"messages": self.messages}
        return answer
