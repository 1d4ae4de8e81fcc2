"""The whole sandbox: one aiohttp application with the workspace, its APIs, the page and the bot."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import SSLContext
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web

from sandbox.botprocess import BotProcess
from sandbox.control import add_control
from sandbox.delivery.httpmode import HttpMode
from sandbox.delivery.socketmode import ACK_WITHIN, RETRY_AFTER, SocketMode
from sandbox.faults import Faults
from sandbox.google import TEAM_CALENDAR
from sandbox.google.access import Access
from sandbox.google.api import BASE, Google, add_google
from sandbox.google.people import fill
from sandbox.google.store import Calendars
from sandbox.greeting.watcher import Watcher
from sandbox.interactions import Interactions
from sandbox.log import Log
from sandbox.page.routes import add_page
from sandbox.webapi import WebApi, add_webapi
from sandbox.webapi.limits import PostLimit
from sandbox.workspace.manifest import load_manifest
from sandbox.workspace.persistence import Saver, load, tokens
from sandbox.workspace.store import Store

MAX_REQUEST = 16 * 1024 * 1024
"""Bytes."""


class Sandbox:
    """A local Slack workspace with one app, described by ``manifest``.

    With a ``data_dir``, the workspace and the tokens outlive the process. ``post_limit=False`` switches off
    the limit of one message per second and channel. ``ack_within`` and ``retry_after`` are the seconds that
    Slack waits for acks and between redeliveries of events. ``busy=False`` leaves people's calendars empty.
    With ``greets``, the page shows newcomers their first steps.
    ``declined_scopes`` are optional scopes that weren't granted when the app was installed. With ``tls``, it
    also listens on ``tls_port``. Raises :class:`sandbox.workspace.persistence.UnreadableError`.
    """

    def __init__(  # noqa: PLR0913 - each is an independent switch
        self,
        manifest: Path,
        *,
        data_dir: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        bot: BotProcess | None = None,
        clock: Callable[[], float] = time.time,
        post_limit: bool = True,
        ack_within: float = ACK_WITHIN,
        retry_after: tuple[float, ...] = RETRY_AFTER,
        busy: bool = True,
        greets: bool = False,
        declined_scopes: tuple[str, ...] = (),
        tls: SSLContext | None = None,
    ) -> None:
        self.manifest = load_manifest(manifest, declined_scopes)
        self.bot = bot
        self.bot_token, self.app_token, self.signing_secret = tokens(data_dir)
        path = data_dir / "workspace.json" if data_dir else None
        self.store = Store(self.manifest, clock, load(path) if path else None)
        self._saver = Saver(self.store, path) if path else None
        self.faults = Faults()
        self.log = Log(clock)
        self.google = Google(
            self.store, Access(self.store, data_dir), Calendars(self.store), self.faults, self.log
        )
        self._data_dir, self._busy = data_dir, busy
        self._watcher = Watcher(self.store, bot) if greets else None
        self._own_dir: TemporaryDirectory[str] | None = None
        self.interactions = Interactions(self.store)
        self.http_mode = HttpMode(self.signing_secret, clock, ack_within)
        self.socket_mode = SocketMode(
            self.store, self.faults, self.log, self.http_mode, ack_within=ack_within, retry_after=retry_after
        )
        self.store.transport = self.socket_mode
        self.store.emit = self.socket_mode.send_event
        self._post_limit = PostLimit() if post_limit else None
        self._host, self._port, self._tls = host, port, tls
        self._runner: web.AppRunner | None = None
        self.url = ""
        """``http://127.0.0.1:PORT``, once it has started."""
        self.tls_port = 0

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, with a trailing slash."""
        return f"{self.url}/api/"

    @property
    def google_url(self) -> str:
        """The base URL of the Calendar API, with a trailing slash."""
        return f"{self.url}{BASE}"

    def google_token_file(self, path: Path) -> Path:
        """Write the token of the account that has authorised the app."""
        self.google.access.write_token_file(path, f"{self.url}/google/token")
        return path

    def google_client_file(self, path: Path) -> Path:
        """Write the OAuth client with which an account can be asked to authorise the app."""
        self.google.access.write_client_file(path, f"{self.url}/google/auth", f"{self.url}/google/token")
        return path

    def google_service_account_file(self, path: Path) -> Path:
        """Write the key of the app's service account."""
        self.google.access.write_service_account_file(path, f"{self.url}/google/token")
        return path

    async def start(self) -> None:
        """Listen, then start the bot if there is one. Raises ``OSError`` if the port is taken."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
            if self._tls is not None:
                await web.TCPSite(self._runner, self._host, 0, ssl_context=self._tls).start()
                self.tls_port = self._runner.addresses[1][1]
        except OSError:
            await self._runner.cleanup()
            raise
        self.url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        self.store.team_url = f"{self.url}/"
        if self._busy:
            fill(self.store, self.google.calendars)
        if self._saver is not None:
            self.store.on_change = self._saver.plan
        if self._watcher is not None:
            self._watcher.start()
        if self.bot is not None:
            await self._start_bot(self.bot)

    async def stop(self) -> None:
        """Stop the bot, close all connections, and save."""
        if self.bot is not None:
            await self.bot.stop()
        if self._watcher is not None:
            self._watcher.stop()
        await self.socket_mode.stop()
        self.faults.replace([])
        if self._runner is not None:
            await self._runner.cleanup()
        if self._saver is not None:
            self.store.on_change = lambda: None
            self._saver.save()
        if self._own_dir is not None:
            self._own_dir.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=MAX_REQUEST)
        kinds = {self.bot_token: "bot", self.app_token: "app"}
        api = WebApi(
            self.store, self.interactions, self.socket_mode, self.faults, self.log, kinds, self._post_limit
        )
        add_webapi(app, api)
        app.router.add_get("/link/", self.socket_mode.handle)
        add_google(app, self.google)
        add_control(app, self)
        add_page(app, self.store, self.google.calendars, self.bot, greets=self._watcher is not None)
        return app

    async def _start_bot(self, bot: BotProcess) -> None:
        bot.env |= {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "GOOGLE_CALENDAR_API_URL": self.google_url,
            "GOOGLE_CALENDAR_ID": TEAM_CALENDAR,
            "GOOGLE_TOKEN_FILE": str(self.google_token_file(self._private_dir() / "google_token.json")),
        }
        bot.on_change = lambda: self.store.note(bot=True)
        await bot.start()

    def _private_dir(self) -> Path:
        if self._data_dir is not None:
            return self._data_dir
        self._own_dir = TemporaryDirectory(prefix="sandbox-")
        return Path(self._own_dir.name)


@contextmanager
def running(manifest: Path, **options: Any) -> Iterator[Sandbox]:
    """A started :class:`Sandbox` (same ``options``) on a loop in its own thread, stopped at the end.

    Its attributes may be read from any thread; change them only through its HTTP APIs.
    """
    started: threading.Event = threading.Event()
    outcome: list[Sandbox | BaseException] = []
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        try:
            sandbox = Sandbox(manifest, **options)
            await sandbox.start()
            outcome.append(sandbox)
        except BaseException as error:  # noqa: BLE001 - it is raised where the caller waits
            outcome.append(error)
            return
        finally:
            started.set()
        await stopping.wait()
        await sandbox.stop()

    thread = threading.Thread(target=_run_loop, args=(loop, serve), name="sandbox", daemon=True)
    thread.start()
    started.wait()
    if isinstance(outcome[0], BaseException):
        thread.join()
        raise outcome[0]
    try:
        yield outcome[0]
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()


def _run_loop(loop: asyncio.AbstractEventLoop, main: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
