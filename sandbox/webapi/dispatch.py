"""POST /api/<method>: the checks that every call goes through, in Slack's order, and its entry in the log."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from sandbox.delivery.socketmode import SocketMode
from sandbox.faults import Faults
from sandbox.interactions.context import Interactions
from sandbox.log import Log, masked
from sandbox.rules import SlackError
from sandbox.webapi import (
    bookmarks,
    canvases,
    chat,
    conversations,
    files,
    history,
    identity,
    members,
    pins,
    reactions,
    striking,
    usergroups,
    users,
    views,
)
from sandbox.webapi.call import Call, Method
from sandbox.webapi.limits import PostLimit
from sandbox.webapi.request import arguments, token
from sandbox.workspace.model import Json
from sandbox.workspace.store import Store

_NOUNS = (
    identity,
    chat,
    conversations,
    history,
    members,
    usergroups,
    users,
    views,
    pins,
    reactions,
    bookmarks,
    canvases,
    files,
)

METHODS: dict[str, Method] = {name: method for noun in _NOUNS for name, method in noun.METHODS.items()}
"""Every method that the sandbox supports; any other is an ``unknown_method``."""

_CHANNEL_ARGUMENTS = ("channel", "channel_id", "channels", "name")


class _TooFastError(Exception):
    """The channel has had its share of messages."""


@dataclass(slots=True)
class WebApi:
    """Slack's Web API for the one app of this workspace; ``tokens`` maps each token to its kind."""

    store: Store
    interactions: Interactions
    socket_mode: SocketMode
    faults: Faults
    log: Log
    tokens: dict[str, str]
    post_limit: PostLimit | None

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call: 200 with ``ok`` true or false, 429 if it posts too fast, or what a fault says."""
        name = request.match_info["method"]
        entry = self.log.begin("call", name)
        try:
            args = await arguments(request)
        except SlackError as error:
            return self._logged(entry, _answer(error.body()), error.code)
        except ConnectionError:
            # The app disconnected before it had sent the whole request.
            entry["fault"] = "client_gone"
            return self._logged(entry, web.Response(status=400), "client_gone")
        given = token(request, args)
        entry["request"] = masked(args)
        fault = self.faults.for_call(name, self._concerned(args))
        if fault is None:
            return self._apply(name, args, given, request, entry)
        entry["fault"] = fault["effect"]
        instead = await striking.before(fault, self.faults, request)
        if instead is None:
            response = self._apply(name, args, given, request, entry)
            instead = await striking.after(fault, self.faults, request)
            if instead is None:
                return response
            entry["applied"] = entry["ok"]
        return self._logged(entry, instead, str(fault["effect"]))

    def _apply(self, name: str, args: Json, given: str, request: web.Request, entry: Json) -> web.Response:
        try:
            body = {"ok": True, **self.result(name, args, given, f"{request.scheme}://{request.host}")}
        except SlackError as error:
            return self._logged(entry, _answer(error.body()), error.code)
        except _TooFastError:
            headers = {"Retry-After": "1"}
            response = web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            return self._logged(entry, response, "ratelimited")
        if "ts" in body or "message_ts" in body:
            entry["ts"] = body.get("ts", body.get("message_ts"))
        response = _answer(body)
        if self.tokens.get(given) == "bot":
            response.headers["x-oauth-scopes"] = ",".join(sorted(self.store.manifest.scopes))
        return self._logged(entry, response, None)

    def result(self, name: str, args: Json, given: str, base_url: str) -> Json:
        """What the call returns; raises :class:`SlackError`, or another error for one post too many."""
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        call = Call(self.store, self.interactions, self.socket_mode, base_url, args)
        if method.caller != "anyone":
            self._authenticate(method, given)
        if method.scopes:
            call.need(*method.scopes)
        if name == "chat.postMessage" and not self._may_post(call.text("channel")):
            raise _TooFastError
        return method.handler(call)

    def _authenticate(self, method: Method, given: str) -> None:
        if not given:
            raise SlackError("not_authed")
        kind = self.tokens.get(given)
        if kind is None:
            raise SlackError("invalid_auth")
        if kind != method.caller:
            raise SlackError("not_allowed_token_type")

    def _may_post(self, channel: str) -> bool:
        return self.post_limit is None or self.post_limit.take(channel)

    def _concerned(self, args: Json) -> set[str]:
        """Ids and names of the channels that the call names, for faults that strike only there."""
        named = {str(args[name]).removeprefix("#") for name in _CHANNEL_ARGUMENTS if args.get(name)}
        channels = self.store.workspace.channels
        return named | {channels[each].name for each in named if each in channels}

    def _logged(self, entry: Json, response: web.Response, error: str | None) -> web.Response:
        self.log.end(entry, ok=error is None, error=error, status=response.status)
        return response


def _answer(body: Json) -> web.Response:
    return web.json_response(body)
