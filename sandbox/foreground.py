"""``make sandbox``: runs the workspace and the bot in the foreground until somebody presses Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from sandbox.botprocess import BotProcess

if TYPE_CHECKING:
    from sandbox.server import Sandbox

CONNECT_WITHIN = 30.0
"""Seconds that the bot gets to connect before we say that it hasn't."""


async def serve(sandbox: Sandbox, bot: BotProcess) -> None:
    """Start, print the page's URL, and run until SIGINT, SIGTERM or SIGHUP.

    Raises ``OSError`` if it can't start.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    try:
        await sandbox.start()
        print(f"{sandbox.manifest.name}'s sandbox: {sandbox.url}", flush=True)
        await _wait_for_bot(sandbox, bot, stopping)
        if not stopping.is_set():
            _report(sandbox, bot)
        await stopping.wait()
    finally:
        await sandbox.stop()


async def _wait_for_bot(sandbox: Sandbox, bot: BotProcess, stopping: asyncio.Event) -> None:
    """Wait until the bot is connected, has ended, or has taken too long."""
    notices = sandbox.store.subscribe()
    deadline = asyncio.get_running_loop().time() + CONNECT_WITHIN
    interrupted = asyncio.create_task(stopping.wait())
    while bot.running and not sandbox.store.bot_connected and not stopping.is_set():
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            break
        changed = asyncio.create_task(notices.get())
        await asyncio.wait([changed, interrupted], timeout=left, return_when=asyncio.FIRST_COMPLETED)
        changed.cancel()
    interrupted.cancel()
    if not bot.running:
        # The bot's last output may arrive after it has ended.
        await bot.ended()
    sandbox.store.unsubscribe(notices)


def _report(sandbox: Sandbox, bot: BotProcess) -> None:
    """Say what is wrong with the bot, if anything is."""
    name = sandbox.manifest.name
    if not bot.running:
        print(f"{name} itself exited with code {bot.exit_code}. Its last log lines:", file=sys.stderr)
        print("\n".join(list(bot.last_lines)[-10:]), file=sys.stderr)
    elif not sandbox.store.bot_connected:
        print(f"{name} itself isn't connected yet. The page shows its log.", file=sys.stderr)
