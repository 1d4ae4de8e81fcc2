"""The app as a child process, which may be killed at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence

LINES_KEPT = 200
STOP_WITHIN = 10.0
"""Seconds that the app gets to exit by itself."""


class BotProcess:
    """A command that can be started, stopped and killed; ``env`` is added to our own environment."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._argv = list(argv)
        self.env = dict(env or {})
        self.on_change: Callable[[], object] = lambda: None
        self.last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        """The last lines that it printed, to either stream."""
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """Its process id; ``None`` before the first start."""
        return self._process.pid if self._process else None

    @property
    def was_killed(self) -> bool:
        """Whether it isn't running because it was killed."""
        return self.exit_code == -signal.SIGKILL

    @property
    def exit_code(self) -> int | None:
        """Its exit code (negative: killed by that signal); ``None`` while it runs or hasn't been started."""
        return self._process.returncode if self._process else None

    @property
    def state(self) -> str:
        """A sentence for people about what the process is doing."""
        if self._process is None:
            return "It hasn't been started."
        if self.running:
            return f"It is running as process {self.pid}."
        code = self._process.returncode or 0
        return f"It was killed by signal {-code}." if code < 0 else f"It exited with code {code}."

    @property
    def log(self) -> list[str]:
        """A copy of ``last_lines``, oldest first."""
        return list(self.last_lines)

    async def start(self) -> None:
        """Start it unless it is already running. Raises ``OSError`` if the command can't be run."""
        if self.running:
            return
        self.last_lines.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._argv,
            env={**os.environ, **self.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        self._watcher = asyncio.create_task(self._watch(self._process))
        self.on_change()

    def strike(self) -> None:
        """Kill it at once, without a chance to clean up (``kill -9``)."""
        self._signal(signal.SIGKILL)

    async def kill(self) -> None:
        """Kill it at once, and wait until it has ended."""
        self.strike()
        await self.ended()

    async def stop(self, within: float = STOP_WITHIN) -> None:
        """Ask it to exit (SIGTERM), kill it if it doesn't ``within`` seconds, and wait until it has ended."""
        self._signal(signal.SIGTERM)
        if self._watcher is not None:
            await asyncio.wait([self._watcher], timeout=within)
        await self.kill()

    async def ended(self) -> None:
        """Wait until it has ended and its last output is read; return at once if it was never started."""
        if self._watcher is not None:
            await asyncio.wait([self._watcher])

    def _signal(self, number: signal.Signals) -> None:
        """Signal its whole session, so that none of its child processes are left behind."""
        if self.running and self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        reader = asyncio.create_task(self._read(process.stdout))
        await process.wait()
        await asyncio.wait([reader], timeout=1.0)
        reader.cancel()
        self.on_change()

    async def _read(self, stream: asyncio.StreamReader | None) -> None:
        while stream is not None:
            try:
                line = await stream.readline()
            except ValueError:
                self.last_lines.append("(a line too long to show)")
                continue
            if not line:
                return
            self.last_lines.append(line.decode(errors="replace").rstrip())
