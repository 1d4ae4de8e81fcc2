"""Notices when the settings file changes, without a restart."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import structlog

from bot.operations.settings import WorkspaceSettings
from bot.settings_file import file
from bot.settings_file.nodes import Unusable

log = structlog.get_logger(__name__)

LOOK_EVERY = 20.0
"""Seconds between two looks at the file. Kubernetes takes up to a minute to update one that is mounted."""


class SettingsWatch:
    """Stores what the file sets whenever that changes; to be called every few seconds.

    Every replica reads its own copy of the file, and what one has read counts for all: they follow the last
    change that any of them has seen. A file that can't be used changes nothing.
    """

    def __init__(
        self, path: str, settings: WorkspaceSettings, timer: Callable[[], float] = monotonic
    ) -> None:
        """``path`` is empty if there is no file."""
        self._path, self._settings, self._timer = path, settings, timer
        self._seen: bytes | str | None = None
        """The file's content, or why it can't be read, when it was last looked at."""
        self._next_at = timer()

    def __call__(self) -> None:
        """Look at the file if it's time; raises ``NotSaved``, and the next call tries again then."""
        if self._path and self._timer() >= self._next_at:
            self.look()
            self._next_at = self._timer() + LOOK_EVERY

    def look(self) -> None:
        """Store what the file sets if it has changed since the last look; without a file, store that."""
        content = self._content()
        if content == self._seen:
            return
        try:
            if isinstance(content, str):
                raise Unusable
            found = file.parsed(self._path, content) if self._path else file.FileSettings()
        except Unusable as error:
            problems = [content] if isinstance(content, str) else [str(each) for each in error.problems]
            log.warning("the settings file can't be used", problems=problems)
        else:
            if self._settings.use_file(found.name, found.digest, found.values):
                log.info("settings from the file", file=found.name or None, settings=len(found.values))
        self._seen = content

    def _content(self) -> bytes | str:
        try:
            return file.content_of(self._path) if self._path else b""
        except Unusable as error:
            return str(error)
