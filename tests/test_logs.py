"""No secret gets into the log, wherever in a record it is."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SECRETS = (
    "xoxb-1234-abcd",
    "xoxe.xoxp-1-Mi0y",
    "xapp-1-A1-2-c0ffee",
    "https://hooks.slack.com/commands/T1/2/abc",
    "https://hooks.slack.com/actions/T1/2/abc",
    "http://127.0.0.1:8484/response/abc",
    "wss://wss-primary.slack.com/link/?ticket=abc-def&app_id=1",
    "v0=" + "a2" * 32,
    SIGNING_SECRET,
)


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """Restores the logging configuration after the test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    before = structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.configure(**before)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_gets_into_the_log(secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG", [SIGNING_SECRET])
    log, library = structlog.stdlib.get_logger("ours"), logging.getLogger("theirs")
    log.info("plain", value=secret, nested={"deep": [secret, {"deeper": (secret,)}]})
    log.info("an object", error=ValueError(f'"{secret}"'))
    log.info("in the event: %s", secret)
    library.warning("as an argument: %s", secret)
    for each in (log, library):
        _raise_and_tell(secret, each)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    for record in map(json.loads, lines):
        assert secret not in json.dumps(record)
        assert "[redacted]" in json.dumps(record)


@pytest.mark.parametrize(
    ("url", "logged"),
    [
        ("postgresql://muster:hunter2@db.example/muster", "postgresql://[redacted]@db.example/muster"),
        ("postgres://:hunter2@db.example/muster", "postgres://[redacted]@db.example/muster"),
        ("postgres:///muster?password=hunter2&user=x", "postgres:///muster?password=[redacted]&user=x"),
        ("host=db.example sslpassword=hunter2 user=x", "host=db.example sslpassword=[redacted] user=x"),
    ],
)
def test_the_databases_password_is_not_logged_but_the_rest_of_its_url_is(
    capsys: pytest.CaptureFixture[str], url: str, logged: str
) -> None:
    logs.configure("INFO")
    structlog.stdlib.get_logger("ours").info("x", url=url)
    assert json.loads(capsys.readouterr().err)["url"] == logged


def _raise_and_tell(secret: str, log: Any) -> None:
    try:
        raise RuntimeError(f"no connection to '{secret}'\nnor elsewhere")
    except RuntimeError:
        log.exception("failed")


@pytest.mark.parametrize("library", ["slack_sdk.web.client", "slack_sdk.webhook.client"])
def test_a_failed_call_is_logged_by_its_caller_alone(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO")
    logging.getLogger(library).error("Failed to send a request to Slack API server")
    assert capsys.readouterr().err == ""
