"""The sandbox as a whole: one aiohttp application with the workspace, its APIs, the page and the bot."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from sandbox.manifest import load_manifest
from sandbox.store import Store


class Sandbox:
    """A local Slack workspace."""

    def __init__(
        self,
        manifest: Path,
        *,
        data_dir: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.manifest = load_manifest(manifest)
        self.data_dir = data_dir
        self.store = Store(self.manifest, clock)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self.url = ""

    @property
    def api_url(self) -> str:
        """The base address of the Web API, with its trailing slash."""
        return f"{self.url}/api/"

    async def start(self) -> None:
        """Listen; ``OSError`` when the port is taken."""
        app = web.Application()
        for module, function in (("sandbox.control", "add_control"), ("sandbox.page.routes", "add_page")):
            try:
                getattr(importlib.import_module(module), function)(app, self)
            except ModuleNotFoundError:
                continue
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._host}:{port}"
        self.store.team_url = f"{self.url}/"

    async def stop(self) -> None:
        """Stop listening and close what is open."""
        if self._runner is not None:
            await self._runner.cleanup()
