"""Google Meet: video calls that events ask for."""

from __future__ import annotations

import hashlib

from sandbox.google.call import Call
from sandbox.google.errors import invalid
from sandbox.google.store import Calendars
from sandbox.model import Json

_SLOW = 1.0
"""Seconds after which a call that was slow to set up is there, without anybody asking for its event."""


def conference(call: Call, wanted: Json | None, before: Json | None) -> Json | None:
    """The conference that the event is to have; ``before`` is the one that it has.

    Raises what Google answers to a request that it can't fulfil.
    """
    if wanted is None:
        return None
    if before is not None and _is_same(wanted, before):
        return before
    request = wanted.get("createRequest")
    kind = (request or {}).get("conferenceSolutionKey", {}).get("type")
    if request is None or kind != "hangoutsMeet" or call.principal.is_bare_service:
        raise invalid("Invalid conference type value.")
    if not request.get("requestId"):
        raise invalid("Missing conference request id.", "required")
    asked = {"requestId": request["requestId"], "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    pending = {"createRequest": {**asked, "status": {"statusCode": "pending"}}}
    return pending if call.conference_is_slow else _made(pending)


def settle(calendars: Calendars, event: Json, now: float, *, asked_for: bool = False) -> None:
    """A call that was still being set up is there when its event is asked for, or after a while."""
    found = event.get("conferenceData")
    if found is None or "entryPoints" in found or event["status"] == "cancelled":
        return
    if asked_for or now - event["_conference_at"] >= _SLOW:
        calendars.save(event | {"conferenceData": _made(found)})


def _is_same(wanted: Json, before: Json) -> bool:
    """Whether it is the one that is there already, told as it was shown or asked for once more."""
    if "createRequest" in wanted:
        return bool(wanted["createRequest"].get("requestId") == before["createRequest"]["requestId"])
    return "conferenceId" in wanted and wanted["conferenceId"] == before.get("conferenceId")


def _made(pending: Json) -> Json:
    """The same request always leads to the same call."""
    digest = hashlib.sha256(pending["createRequest"]["requestId"].encode()).digest()
    letters = "".join(chr(ord("a") + byte % 26) for byte in digest[:10])
    code = f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
    entry = {"entryPointType": "video", "uri": f"https://meet.google.com/{code}"}
    return {
        "createRequest": {**pending["createRequest"], "status": {"statusCode": "success"}},
        "conferenceId": code,
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "entryPoints": [{**entry, "label": f"meet.google.com/{code}"}],
    }
