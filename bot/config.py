"""Settings from the environment; all problems are reported at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeVar
from zoneinfo import available_timezones

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import places, secret_files
from bot.domain.incidents.names import named_channel
from bot.network import Network, Proxy, trusting
from bot.settings_file import file as settings_file
from bot.settings_file.nodes import Unusable
from storage import urls
from storage.database import POOL_SIZE

_Model = TypeVar("_Model", bound=BaseSettings)
SLACK = "https://slack.com/api/"
SLACK_STATUS = "https://slack-status.com/api/v2.0.0/current"
DEFAULT_PORT = 3000
"""The port in HTTP mode, where the bot has to listen on one, if ``PORT`` isn't set."""


class SettingsError(Exception):
    """The settings can't be used; the text names each problem on its own line."""


class NetworkSettings(BaseSettings):
    """How the bot reaches other hosts, in variables that other programs read, too."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, str_strip_whitespace=True
    )

    ssl_cert_file: str = ""
    """The certificate authorities to trust instead of the usual ones."""
    requests_ca_bundle: str = ""
    """The same; counts only without ``ssl_cert_file``."""
    https_proxy: str = Field(default="", repr=False)
    http_proxy: str = Field(default="", repr=False)
    """Counts for ``https://``, too, if there is no ``https_proxy``."""
    no_proxy: str = ""

    @property
    def network(self) -> Network:
        """The network that these settings describe."""
        ca, http = self.ssl_cert_file or self.requests_ca_bundle, Proxy.parse(self.http_proxy)
        return Network(ca, Proxy.parse(self.https_proxy) or http, http, self.no_proxy)

    @field_validator("ssl_cert_file", "requests_ca_bundle")
    @classmethod
    def _with_certificates(cls, path: str, info: ValidationInfo) -> str:
        if path and not info.data.get("ssl_cert_file"):
            try:
                trusting(path)
            except OSError as error:
                raise ValueError("no certificates") from error
        return path

    @field_validator("https_proxy", "http_proxy")
    @classmethod
    def _reachable(cls, url: str) -> str:
        Proxy.parse(url)
        return url


class Settings(NetworkSettings):
    """The settings that an administrator makes before the start; those a team tunes are in the database.

    Fields with ``repr=False`` are secrets: each may also come from a file (see :data:`SECRETS`).
    """

    slack_bot_token: str = Field(repr=False, min_length=1)
    slack_signing_secret: str = Field(default="", repr=False)
    slack_app_token: str = Field(default="", repr=False, validate_default=True)
    port: int | None = Field(default=None, ge=1, le=65535, validate_default=True)
    """The port that the bot listens on; optional in Socket Mode, where it serves only health and metrics."""
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """A separate port for health and metrics, so that Slack's port doesn't serve them."""
    slack_api_url: str = SLACK
    slack_status_url: str = ""
    """Where the doctor asks how Slack itself is doing; see :attr:`status_url`."""
    database_url: str = Field(
        default_factory=lambda: f"sqlite:///{places.folder() / 'muster.db'}",
        repr=False,
        validate_default=True,
    )
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
    keep_days: int = Field(default=7, ge=7, le=3650)
    """How long finished effects and handled requests are kept. A week at least: a digest comes once a week,
    even if the person's time zone changes after it."""
    log_level: str = "INFO"
    muster_settings: str = ""
    """The file with those of the team's settings that can't be changed in Slack."""

    @property
    def secrets(self) -> list[str]:
        """The values that must never be in a log."""
        return [getattr(self, name) for name in SECRETS]

    @property
    def is_http(self) -> bool:
        """Whether Slack posts requests to the bot; otherwise they come over Socket Mode."""
        return not self.slack_app_token

    @property
    def status_url(self) -> str:
        """Where to ask how Slack is doing; empty to ask nobody, the default for any server but Slack's."""
        if self.slack_status_url:
            return "" if self.slack_status_url == "off" else self.slack_status_url
        return SLACK_STATUS if self.slack_api_url == SLACK else ""

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

    @field_validator("database_url")
    @classmethod
    def _usable_database(cls, url: str) -> str:
        if problem := urls.problem(url):
            raise PydanticCustomError(_SAID, "{problem}", {"problem": problem})
        return url

    @field_validator("slack_api_url", "google_calendar_api_url")
    @classmethod
    def _with_slash(cls, url: str) -> str:
        return url.rstrip("/") + "/"

    @field_validator("incidents_channel")
    @classmethod
    def _that_slack_accepts(cls, typed: str) -> str:
        name = named_channel(typed)
        if not name:
            raise ValueError("a name such as incidents")
        return name

    @field_validator("default_timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("a zone such as Europe/Berlin")
        return name

    @field_validator("muster_settings")
    @classmethod
    def _usable_file(cls, path: str) -> str:
        try:
            settings_file.load(path)
        except Unusable as error:
            more = len(error.problems) - 1
            said = f"{error.problems[0]}{f' (and {more} more, see --check-settings)' if more else ''}"
            raise PydanticCustomError(_SAID, "{said}", {"said": said}) from error
        return path

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

_SAID = "said"
"""The type of an error that says itself what is wrong, without the value."""
_APP = "at api.slack.com/apps, in your app, under"
_CERTIFICATES = "set it to a file with the certificates of the authorities to trust, in PEM format"
_PROXY = "write it as http://host:port or http://user:password@host:port"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_WHERE: Mapping[str, str] = {
    "slack_bot_token": f"set it to the Bot User OAuth Token (xoxb-…), {_APP} OAuth & Permissions",
    "slack_app_token": f"create an app-level token (xapp-…) with the scope connections:write {_APP} "
    "Basic Information; or, for HTTP mode, set SLACK_SIGNING_SECRET instead, from the same page",
    "port": "choose a number from 1 to 65535",
    "metrics_port": "choose a number from 1 to 65535 that differs from PORT",
    "database_pool_size": "choose a number from 2 to 100",
    "google_calendar_id": "set it to the ID of a calendar that is shared with the service account",
    "google_token_file": "set either it or GOOGLE_SERVICE_ACCOUNT_FILE, not both",
    "ssl_cert_file": _CERTIFICATES,
    "requests_ca_bundle": _CERTIFICATES,
    "https_proxy": _PROXY,
    "http_proxy": _PROXY,
    "incidents_channel": "use a channel's name of at most 80 letters, digits, hyphens and underscores, "
    "such as incidents, or its ID",
    "default_timezone": "use a name such as Europe/Berlin",
    "keep_days": "choose a number of days from 7 to 3650",
    "log_level": "choose one of " + ", ".join(_LEVELS),
}


def _secrets_of(model: type[BaseSettings]) -> tuple[str, ...]:
    return tuple(name for name, field in model.model_fields.items() if not field.repr)


SECRETS = _secrets_of(Settings)
"""The fields that hold secrets; each may be in a file, which the setting of that name with _FILE names."""

TUNING = frozenset({"incidents_channel", "default_timezone", "keep_days", "log_level", "muster_settings"})
"""The fields that connect the bot to nobody. The sandbox leaves them alone; it has its own of all others."""
_UNUSED = {name: "unused" for name in SECRETS if name.startswith("slack_")}


def load() -> Settings:
    """The settings from the environment and the files it names; raises :class:`SettingsError`."""
    return _load(Settings)


def load_network() -> Network:
    """The network as the environment describes it, from its settings alone; raises :class:`SettingsError`."""
    return _load(NetworkSettings).network


def load_without_slack() -> Settings:
    """Settings without Slack's tokens, for commands that don't need them; raises :class:`SettingsError`."""
    return _load(Settings, **_UNUSED, muster_settings="")


def load_for_settings() -> Settings:
    """Like :func:`load_without_slack`, but with the team's settings file, for commands about it."""
    return _load(Settings, **_UNUSED)


def _load(model: type[_Model], **unused: str) -> _Model:
    names = [name for name in _secrets_of(model) if name not in unused]
    secrets, problems = secret_files.read(names, os.environ)
    try:
        # Some value for each secret that can't be read, so that only its file is reported.
        settings = model.model_validate({**secrets, **unused, **dict.fromkeys(problems, "unread")})
    except ValidationError as error:
        problems = {**dict(map(_problem, error.errors())), **problems}
    if problems:
        raise SettingsError("\n".join(problems[name] for name in model.model_fields if name in problems))
    return settings


def _problem(error: ErrorDetails) -> tuple[str, str]:
    """The field, and the sentence about it. It never shows the value, which may be a secret."""
    field = str(error["loc"][0])
    problem = "is not set" if error["type"] == "missing" else "can't be used"
    where = error["msg"] if error["type"] == _SAID else _WHERE.get(field, "see docs/settings.md")
    return field, f"{field.upper()} {problem}: {where}"
