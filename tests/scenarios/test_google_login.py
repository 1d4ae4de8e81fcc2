"""Logging in to Google on your own computer, and starting with credentials that can't be used."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.effects.google import credentials as google_credentials
from bot.effects.google.client import GoogleClient
from bot.effects.google.scopes import EVENTS, FREE_BUSY
from bot.network import Network
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT
from tests.support.company import GOOGLE, Authority, proxy
from tests.support.examples import NOW
from tests.support.people import Workspace

BROWSER = """
import re, sys, urllib.request
from html import unescape
with urllib.request.urlopen(sys.argv[1]) as page:
    [allow] = re.findall('href="(.*?)" data-test="allow"', page.read().decode())
with urllib.request.urlopen(unescape(allow)) as done:
    done.read()
"""
"""A browser whose user opens the page and agrees."""
REFUSER = """
import sys, urllib.request
from urllib.parse import parse_qs, urlsplit
[back], [state] = map(parse_qs(urlsplit(sys.argv[1]).query).get, ("redirect_uri", "state"))
with urllib.request.urlopen(f"{back}?error=access_denied&state={state}") as done:
    done.read()
"""
"""A browser whose user opens the page and declines."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(ROOT / "manifest.yml", busy=False) as found:
        yield found


def run(
    folder: Path, *argv: str, browser: str = BROWSER, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python app.py …`` with nothing else in the environment."""
    script = folder / "browser.py"
    script.write_text(browser)
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    known |= {"BROWSER": f"{sys.executable} {script} %s &", "OAUTHLIB_INSECURE_TRANSPORT": "1"}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *argv],
        cwd=folder,
        env={**known, **environment},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_after_agreeing_once_nobody_is_asked_again(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.google_client_file(tmp_path / "client_secret.json")
    kept = tmp_path / "token.json"
    done = run(tmp_path, "--google-login", GOOGLE_TOKEN_FILE=str(kept))
    assert (done.returncode, str(kept) in done.stdout) == (0, True), done.stderr
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["refresh_token"] not in done.stdout + done.stderr
    google = GoogleClient(
        google_credentials.user(str(kept)),
        "incidents@acme.example",
        sandbox.google_url,
        lambda: NOW,
        lambda credentials: google_credentials.keep(str(kept), credentials),
        Network(),
    )
    assert google.get("0123456789") is None
    google.close()


@pytest.mark.parametrize(
    ("ticked", "exit_code", "said"),
    [
        ([EVENTS], 0, "no right to see when people are busy"),
        ([FREE_BUSY], 2, "the right to change events"),
    ],
)
def test_a_login_says_what_was_not_allowed_on_googles_page(
    sandbox: Sandbox, tmp_path: Path, ticked: list[str], exit_code: int, said: str
) -> None:
    client, kept = sandbox.google_client_file(tmp_path / "client.json"), tmp_path / "token.json"
    people = Workspace(sandbox.url)
    people.post("google-grant", scopes=ticked)
    done = run(tmp_path, "--google-login", str(client), GOOGLE_TOKEN_FILE=str(kept))
    people.post("google-grant", scopes=[EVENTS, FREE_BUSY])
    assert (done.returncode, "Traceback" in done.stderr) == (exit_code, False)
    assert said in done.stdout + done.stderr
    assert kept.exists() == (exit_code == 0)
    assert not kept.exists() or json.loads(kept.read_text())["scopes"] == ticked


def test_after_declining_the_login_can_be_repeated(sandbox: Sandbox, tmp_path: Path) -> None:
    client = sandbox.google_client_file(tmp_path / "client.json")
    asked = ("--google-login", str(client))
    done = run(tmp_path, *asked, browser=REFUSER, GOOGLE_TOKEN_FILE="token.json")
    assert (done.returncode, "access_denied" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    nowhere = run(tmp_path, *asked, GOOGLE_TOKEN_FILE="no/such/folder/token.json")
    assert (nowhere.returncode, "can't be written" in nowhere.stderr) == (2, True)


def test_behind_a_companys_proxy_the_login_trusts_its_authority_and_no_other(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "own")
    with (
        running(ROOT / "manifest.yml", busy=False, tls=authority.server()) as sandbox,
        proxy(sandbox.tls_port, "ana:hush") as way,
    ):
        client = sandbox.google_client_file(tmp_path / "client.json")
        known = json.loads(client.read_text())
        known["installed"]["token_uri"] = f"https://{GOOGLE}/google/token"
        client.write_text(json.dumps(known))
        asked = ("--google-login", str(client))
        behind = {"GOOGLE_TOKEN_FILE": "token.json", "HTTPS_PROXY": way.url}
        refused = run(tmp_path, *asked, **behind)
        told = "Login failed: Google's certificate can't be verified; set SSL_CERT_FILE to your company's CA"
        assert (refused.returncode, told in refused.stderr) == (2, True), refused.stderr
        done = run(tmp_path, *asked, **behind, SSL_CERT_FILE=str(authority.file))
        assert (done.returncode, set(way.seen)) == (0, {f"{GOOGLE}:443"}), done.stderr
        missing = run(tmp_path, *asked, **behind, SSL_CERT_FILE="/no/such/file")
        assert (missing.returncode, "SSL_CERT_FILE can't be used" in missing.stderr) == (2, True)


def test_a_login_says_what_it_needs(tmp_path: Path) -> None:
    nowhere = run(tmp_path, "--google-login")
    assert (nowhere.returncode, "GOOGLE_TOKEN_FILE is not set" in nowhere.stderr) == (2, True)
    missing = run(tmp_path, "--google-login", "client.json", GOOGLE_TOKEN_FILE="token.json")
    assert missing.returncode == 2
    assert "client.json isn't an OAuth client of the type “Desktop app”" in missing.stderr
    assert "Traceback" not in missing.stderr + nowhere.stderr


@pytest.mark.parametrize(
    ("content", "setting", "sentence"),
    [
        ("{", "GOOGLE_TOKEN_FILE", "isn't valid JSON"),
        ('{"refresh_token": "1//hush"}', "GOOGLE_TOKEN_FILE", "has no client_id, client_secret"),
        ('{"type": "authorized_user"}', "GOOGLE_SERVICE_ACCOUNT_FILE", "has no client_email"),
        (
            '{"type": "service_account", "client_email": "a@b", "private_key": "hush", "token_uri": "x"}',
            "GOOGLE_SERVICE_ACCOUNT_FILE",
            "the private_key in",
        ),
    ],
)
def test_a_start_with_unusable_credentials_says_why_and_reveals_no_secret(
    tmp_path: Path, content: str, setting: str, sentence: str
) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(content)
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "GOOGLE_CALENDAR_ID": "team"}
    done = run(tmp_path, **slack, **{setting: str(path)})
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "hush" not in done.stderr and "Traceback" not in done.stderr


def test_contradictory_calendar_settings_are_named(tmp_path: Path) -> None:
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    both = run(tmp_path, **slack, GOOGLE_TOKEN_FILE="a", GOOGLE_SERVICE_ACCOUNT_FILE="b")
    assert (both.returncode, "not both" in both.stderr) == (2, True)
    alone = run(tmp_path, **slack, GOOGLE_SERVICE_ACCOUNT_FILE="b")
    assert (alone.returncode, "GOOGLE_CALENDAR_ID" in alone.stderr) == (2, True)
