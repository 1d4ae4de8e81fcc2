"""Settings from the environment; all problems are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import POOL_SIZE

DEFAULT_PORT = 3000
"""The port in HTTP mode, where the bot has to listen on one, if ``PORT`` isn't set."""


class SettingsError(Exception):
    """The settings can't be used; the text names each problem on its own line."""


class Settings(BaseSettings):
    """The settings that an administrator makes before the start; those a team tunes are in the database."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    slack_bot_token: str = Field(repr=False, min_length=1)
    slack_signing_secret: str = Field(default="", repr=False)
    slack_app_token: str = Field(default="", repr=False, validate_default=True)
    port: int | None = Field(default=None, ge=1, le=65535, validate_default=True)
    """The port that the bot listens on; optional in Socket Mode, where it serves only health and metrics."""
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """A separate port for health and metrics, so that Slack's port doesn't serve them."""
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = "sqlite:///muster.db"
    database_pool_size: int = Field(default=POOL_SIZE, ge=2, le=100)
    """How many connections to PostgreSQL this process may open; starting takes two."""
    incidents_channel: str = "incidents"
    default_timezone: str = "UTC"
    """For people whose time zone Slack doesn't know, and for the digest in the announcements channel."""
    google_service_account_file: str = ""
    google_subject: str = ""
    """The person that the service account impersonates, if the domain allows it."""
    google_calendar_id: str = Field(default="", validate_default=True)
    """The calendar for incidents, due dates and meetings."""
    google_token_file: str = Field(default="", validate_default=True)
    google_calendar_api_url: str = "https://www.googleapis.com/calendar/v3/"
    log_level: str = "INFO"

    @property
    def is_http(self) -> bool:
        """Whether Slack posts requests to the bot; otherwise they come over Socket Mode."""
        return not self.slack_app_token

    @field_validator("slack_app_token")
    @classmethod
    def _one_way_in(cls, token: str, info: ValidationInfo) -> str:
        if not token and not info.data.get("slack_signing_secret"):
            raise PydanticCustomError("missing", "no way for Slack to reach the bot")
        return token

    @field_validator("port")
    @classmethod
    def _where_slack_posts(cls, port: int | None, info: ValidationInfo) -> int | None:
        is_http = bool(info.data.get("slack_signing_secret")) and not info.data.get("slack_app_token")
        return DEFAULT_PORT if port is None and is_http else port

    @field_validator("metrics_port")
    @classmethod
    def _another_port(cls, metrics_port: int | None, info: ValidationInfo) -> int | None:
        if metrics_port and metrics_port == info.data.get("port"):
            raise ValueError("the same")
        return metrics_port

    @property
    def calendar(self) -> str:
        """The module of the connected calendar, or the one that makes files if none is connected."""
        return next((module for name, module in CALENDARS.items() if getattr(self, name)), FILES)

    @field_validator("google_calendar_id")
    @classmethod
    def _that_people_see(cls, calendar: str, info: ValidationInfo) -> str:
        known = info.data
        if not calendar and known.get("google_service_account_file") and not known.get("google_subject"):
            raise PydanticCustomError("missing", "nobody sees a service account's own calendar")
        return calendar or "primary"

    @field_validator("google_token_file")
    @classmethod
    def _one_account(cls, path: str, info: ValidationInfo) -> str:
        if path and info.data.get("google_service_account_file"):
            raise ValueError("one of the two")
        return path

    @field_validator("slack_api_url", "google_calendar_api_url")
    @classmethod
    def _with_slash(cls, url: str) -> str:
        return url.rstrip("/") + "/"

    @field_validator("incidents_channel")
    @classmethod
    def _without_hash(cls, name: str) -> str:
        return name.strip().lstrip("#")

    @field_validator("default_timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("a zone such as Europe/Berlin")
        return name

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, level: str) -> str:
        if level.upper() not in _LEVELS:
            raise ValueError(f"one of {', '.join(_LEVELS)}")
        return level.upper()


CALENDARS: Mapping[str, str] = {
    "google_service_account_file": "bot.effects.google.calendar",
    "google_token_file": "bot.effects.google.calendar",
}
"""Setting that connects a calendar -> the module that makes it, loaded by ``bot.effects.calendars``."""
FILES = "bot.effects.calendar_files"

_APP = "at api.slack.com/apps, in your app, under"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_WHERE: Mapping[str, str] = {
    "slack_bot_token": f"it is the Bot User OAuth Token (xoxb-…) {_APP} OAuth & Permissions",
    "slack_app_token": f"create an app-level token (xapp-…) with the scope connections:write {_APP} "
    "Basic Information; or, for HTTP mode, set SLACK_SIGNING_SECRET instead, from the same page",
    "port": "choose a number from 1 to 65535",
    "metrics_port": "choose a number from 1 to 65535 that differs from PORT",
    "database_pool_size": "choose a number from 2 to 100",
    "google_calendar_id": "set it to the ID of a calendar that is shared with the service account",
    "google_token_file": "set either it or GOOGLE_SERVICE_ACCOUNT_FILE, not both",
    "default_timezone": "use a name such as Europe/Berlin",
    "log_level": "choose one of " + ", ".join(_LEVELS),
}


def load() -> Settings:
    """The settings from the environment; raises :class:`SettingsError`."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        # Never show the values: they may be secrets.
        lines = [_line(str(problem["loc"][0]), problem["type"] == "missing") for problem in error.errors()]
        raise SettingsError("\n".join(lines)) from None


def _line(field: str, is_missing: bool) -> str:
    problem = "is not set" if is_missing else "can't be used"
    return f"{field.upper()} {problem}: {_WHERE.get(field, 'see README.md')}"
