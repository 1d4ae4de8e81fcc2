"""Runs the sandbox in the foreground: the workspace, its page, and the bot."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.botprocess import BotProcess
from sandbox.foreground import serve
from sandbox.server import Sandbox
from sandbox.workspace.persistence import UnreadableError


def run(
    manifest: Path, *, data_dir: Path, port: int, bot_argv: Sequence[str], bot_env: Mapping[str, str]
) -> int:
    """Run the workspace and the bot in the foreground; prints the page's URL as soon as it works.

    Returns 0 after SIGINT, SIGTERM or SIGHUP, and 1, with a line that says why, if it can't start.
    """
    bot = BotProcess(bot_argv, bot_env)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        sandbox = Sandbox(manifest, data_dir=data_dir, port=port, bot=bot, greets=True)
        asyncio.run(serve(sandbox, bot))
    except UnreadableError as error:
        return _fail(str(error))
    except OSError as error:
        way_out = "Stop the program that uses it, or set PORT to another number."
        taken = f"Port {port} is already in use. {way_out}"
        return _fail(taken if error.errno == errno.EADDRINUSE else str(error))
    return 0


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
