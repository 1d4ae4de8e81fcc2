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
    change that any of them has seen. A file that can't be used changes nothing. One that counts on a role
    that isn't set in Slack is used once it is.
    """

    def __init__(
        self, path: str, settings: WorkspaceSettings, timer: Callable[[], float] = monotonic
    ) -> None:
        """``path`` is empty if there is no file."""
        self._path, self._settings, self._timer = path, settings, timer
        self._seen: bytes | str | None = None
        """The file's content, or why it can't be read, when it was last looked at."""
        self._waiting: file.FileSettings | None = None
        """What has been read, until it's stored."""
        self._said: list[str] = []
        """What the log says is wrong with it."""
        self._next_at = timer()

    def __call__(self) -> None:
        """Look at the file if it's time; raises ``NotSaved``, and the next call tries again then."""
        if self._path and self._timer() >= self._next_at:
            self.look()
            self._next_at = self._timer() + LOOK_EVERY

    def look(self) -> None:
        """Store what the file sets if it has changed since the last look; without a file, store that."""
        content = self._content()
        if content != self._seen:
            self._seen, self._said = content, []
            self._waiting = self._read(content)
        if self._waiting is not None:
            self._use(self._waiting)

    def _read(self, content: bytes | str) -> file.FileSettings | None:
        if isinstance(content, str):
            self._warn([content])
            return None
        try:
            return file.parsed(self._path, content) if self._path else file.FileSettings()
        except Unusable as error:
            self._warn([str(each) for each in error.problems])
            return None

    def _use(self, found: file.FileSettings) -> None:
        if lacking := self._lacking(found):
            self._warn(lacking)
            return
        if self._settings.use_file(found.name, found.digest, found.values):
            log.info("settings from the file", file=found.name or None, settings=len(found.values))
        self._waiting = None

    def _lacking(self, found: file.FileSettings) -> list[str]:
        """Which roles Slack lacks for it; once it's in force, it stays so."""
        if not found.roles:
            return []
        team = self._settings.of_team()
        return [] if file.is_in_force(found, team) else [str(each) for each in file.lacking(found, team)]

    def _warn(self, problems: list[str]) -> None:
        if problems != self._said:
            log.warning("the settings file can't be used", problems=problems)
        self._said = problems

    def _content(self) -> bytes | str:
        try:
            return file.content_of(self._path) if self._path else b""
        except Unusable as error:
            return str(error)
