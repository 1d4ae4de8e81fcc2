"""The yardstick: a Bolt app with default settings whose handlers do nothing. Takes URL and transport."""

from __future__ import annotations

import sys
from importlib import import_module

from slack_bolt import Ack, App
from slack_sdk import WebClient

TRANSPORTS = {
    "builtin": "slack_bolt.adapter.socket_mode.builtin",
    "websocket_client": "slack_bolt.adapter.socket_mode.websocket_client",
}


def main(base_url: str, transport: str) -> None:
    """Serve until killed."""
    client = WebClient(token="xoxb-bench", base_url=base_url)
    app = App(client=client)

    @app.command("/incident")
    def command(ack: Ack) -> None:
        ack()

    @app.view("declare")
    def submitted(ack: Ack) -> None:
        ack()

    @app.event("message")
    def message() -> None:
        pass

    handler = import_module(TRANSPORTS[transport]).SocketModeHandler
    handler(app, "xapp-bench", web_client=client).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
