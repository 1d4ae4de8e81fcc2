"""A script that uses the control API, and a small Bolt app at the other end."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from sandbox.server import Sandbox
from sandbox.workspace.model import Json
from tests.sandbox.peers import AppSocket


class Control:
    """The control API as a script uses it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def call(self, path: str, body: Json | None = None, **headers: str) -> tuple[int, Json]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}/_control/{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def post(self, path: str, **body: Any) -> Json:
        status, answer = self.call(path, body)
        assert status == 200, answer
        return answer

    def get(self, path: str) -> Json:
        status, answer = self.call(path)
        assert status == 200, answer
        return answer

    def refused(self, path: str, **body: Any) -> str:
        status, answer = self.call(path, body)
        assert status in (400, 404), answer
        assert answer["ok"] is False
        assert answer["detail"]
        return str(answer["error"])

    def texts(self, channel: str, user: str = "ana") -> list[str]:
        return [message["text"] for message in self.get(f"messages/{channel}?user={user}")["messages"]]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Form"),
    "submit": plain("Go"),
    "blocks": [
        {
            "type": "input",
            "block_id": "title-block",
            "label": plain("Title"),
            "element": {"type": "plain_text_input", "action_id": "title"},
        },
    ],
}
CARD = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "text": plain("Go"), "value": "1"}],
    }
]


class Peer:
    """A Bolt app: a command with a card, a button that opens a form, a form that repeats what was entered."""

    def __init__(self, server: Sandbox) -> None:
        client = WebClient(server.bot_token, base_url=server.api_url)
        self.app = App(client=client, process_before_response=True)
        self.submitted: list[str] = []
        self.mentioned = Event()
        self.app.command("/incident")(self._command)
        self.app.action("go")(self._click)
        self.app.view("form")(self._submission)
        self.app.event("app_mention")(self._mention)
        self.app.event("message")(lambda ack: ack())
        self._socket = AppSocket(server)
        self._closing = Event()
        self._thread = Thread(target=self._serve, name="bolt", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Disconnect. Bolt's own clients take up to ten seconds for this."""
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                self._answer(self._socket.frame(within=0.05))

    def _answer(self, envelope: Json) -> None:
        answer = self.app.dispatch(BoltRequest(mode="socket_mode", body=envelope["payload"]))
        if answer.status == 200:
            body = answer.body or ""
            self._socket.ack(envelope, json.loads(body) if body.startswith("{") else None)

    def _mention(self, ack: Any) -> None:
        ack()
        self.mentioned.set()

    def _command(self, ack: Any, command: Json) -> None:
        ack(text=f"You said {command['text']}", blocks=CARD)

    def _click(self, ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    def _submission(self, ack: Any, view: Json, body: Json, client: WebClient) -> None:
        title = view["state"]["values"]["title-block"]["title"]["value"]
        if title == "taken":
            ack(response_action="errors", errors={"title-block": "That title is taken."})
            return
        ack()
        self.submitted.append(title)
        client.chat_postMessage(channel=body["user"]["id"], text=f"Got {title}")
