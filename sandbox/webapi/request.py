"""A Web API request's token and arguments, in any of the encodings that Slack accepts."""

from __future__ import annotations

import json

from aiohttp import web
from multidict import MultiMapping

from sandbox.rules import SlackError
from sandbox.workspace.model import Json

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def arguments(request: web.Request) -> Json:
    """The arguments of query and body together; a file in a multipart body is represented by its name.

    Raises :class:`SlackError` with ``invalid_json``, ``json_not_object`` or ``invalid_form_data``. For a call
    without arguments, Slack's own SDK sends an empty body marked as JSON.
    """
    found = _fields(request.query)
    if request.content_type == "application/json":
        found |= _json(await request.text())
    elif request.content_type in _FORMS:
        try:
            found |= _fields(await request.post())
        except ValueError:
            raise SlackError("invalid_form_data") from None
    return found


def token(request: web.Request, args: Json) -> str:
    """The token from the ``Authorization`` header, or else from ``args``; removes it from ``args``."""
    given = args.pop("token", "")
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" and value.strip() else str(given)


def _fields(fields: MultiMapping[str | web.FileField | bytes | bytearray]) -> Json:
    return {
        name: value if isinstance(value, str) else getattr(value, "filename", "")
        for name, value in fields.items()
    }


def _json(body: str) -> Json:
    if not body.strip():
        return {}
    try:
        parsed = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed
