"""A Slack-compatible server that isn't the sandbox and supports little.

It sends no greeting on the socket and has no people, pins, topics, invites, bookmarks, history or direct
messages. It answers whatever it lacks with a 404 page, as such servers do.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]
ANN = {"id": "U1", "name": "ann", "real_name": "Ann"}


class LesserSlack:
    """The server, and what one person does on it; get it from :func:`running`."""

    def __init__(self) -> None:
        self.url = ""
        self.channels: dict[str, str] = {}
        self.posted: list[tuple[str, str]] = []
        self.forms: list[Json] = []
        self._numbers = count(1)
        self._loop = asyncio.new_event_loop()
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._socket: web.WebSocketResponse | None = None
        self._methods: dict[str, Callable[[Json], Json]] = {
            "auth.test": lambda _: {"user_id": "UBOT", "team_id": "T1", "url": self.url},
            "apps.connections.open": lambda _: {"url": f"{self.url}/socket".replace("http", "ws", 1)},
            "users.info": lambda asked: {"user": {**ANN, "id": asked["user"]}},
            "conversations.create": self._create,
            "chat.postMessage": self._post,
            "chat.update": lambda asked: {"ts": asked["ts"], "channel": asked["channel"]},
            "views.open": self._open_form,
        }

    def send(self, kind: str, payload: Json) -> Json | None:
        """Send an envelope to the app; returns the body of its ack, which must come within three seconds."""
        waiting = asyncio.run_coroutine_threadsafe(self._send(kind, payload), self._loop)
        return waiting.result(5).get("payload")

    def command(self, text: str, channel: str = "C0") -> str:
        """Type `/incident …` as Ann; returns the text of the answer."""
        trigger = f"trigger-{next(self._numbers)}"
        asked = {"command": "/incident", "text": text, "user_id": "U1", "channel_id": channel}
        answer = self.send("slash_commands", {**asked, "trigger_id": trigger, "team_id": "T1"})
        return json.dumps(answer, ensure_ascii=False) if answer else ""

    async def _send(self, kind: str, payload: Json) -> Json:
        assert self._socket
        envelope = f"envelope-{next(self._numbers)}"
        self._acks[envelope] = self._loop.create_future()
        await self._socket.send_json({"envelope_id": envelope, "type": kind, "payload": payload})
        return await asyncio.wait_for(self._acks[envelope], 3)

    def _create(self, asked: Json) -> Json:
        self.channels[asked["name"]] = channel = f"C{len(self.channels) + 1}"
        return {"channel": {"id": channel, "name": asked["name"]}}

    def _post(self, asked: Json) -> Json:
        self.posted.append((asked["channel"], asked["text"]))
        return {"ts": f"1764000000.{next(self._numbers):06}", "channel": asked["channel"]}

    def _open_form(self, asked: Json) -> Json:
        view = asked["view"]
        self.forms.append(json.loads(view) if isinstance(view, str) else view)
        return {"view": {"id": "V1"}}

    async def _api(self, request: web.Request) -> web.Response:
        method = self._methods.get(request.match_info["method"])
        if method is None:
            return web.Response(status=404, text="<h1>Not here</h1>", content_type="text/html")
        # The SDK sends a call without arguments as an empty body that is marked as JSON.
        is_json = request.content_type == "application/json"
        asked = json.loads(await request.read() or "{}") if is_json else dict(await request.post())
        return web.json_response({"ok": True, **method(asked)})

    async def _listen(self, request: web.Request) -> web.WebSocketResponse:
        self._socket = socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                answer = json.loads(frame.data)
                self._acks[answer["envelope_id"]].set_result(answer)
        return socket

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/api/{method}", self._api)
        app.router.add_get("/socket", self._listen)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()


@contextmanager
def running() -> Iterator[LesserSlack]:
    """The server, in a thread of its own."""
    server, started = LesserSlack(), threading.Event()
    thread = threading.Thread(target=server._run, args=(started,))
    thread.start()
    started.wait()
    yield server
    server._loop.call_soon_threadsafe(server._loop.stop)
    thread.join()
