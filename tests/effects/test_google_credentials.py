"""Files with credentials: errors say what is wrong without quoting the content, and our files are private."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from google.auth.transport import Response
from google.oauth2.credentials import Credentials as UserCredentials
from google.oauth2.service_account import Credentials as ServiceCredentials

from bot.effects.google.credentials import (
    CredentialsUnusable,
    keep,
    log_in,
    replace,
    service_account,
    user,
)
from bot.effects.google.scopes import SCOPES
from bot.network import Network
from sandbox.google.keys import new_key
from tests.support.bots import ROOT

Json = dict[str, Any]
Reader = Callable[[str], object]

USER: Json = {
    "type": "authorized_user",
    "token": "ya29.secret-token",
    "refresh_token": "1//secret-refresh",
    "token_uri": "http://127.0.0.1:9/token",
    "client_id": "secret-client.example",
    "client_secret": "GOCSPX-secret",
}


@pytest.fixture(scope="module")
def service() -> Json:
    """The content of a service account's file."""
    return {
        "type": "service_account",
        "project_id": "secret-project",
        "private_key_id": "secret-id",
        "private_key": new_key()[0],
        "client_email": "secret-bot@example.iam",
        "client_id": "secret-number",
        "token_uri": "http://127.0.0.1:9/token",
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the file."""
    return tmp_path / "credentials.json"


def written(path: Path, content: object) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def without(content: Json, *names: str) -> Json:
    return {name: value for name, value in content.items() if name not in names}


def as_nobody(path: str) -> object:
    return service_account(path, "")


def refused(read: Reader, path: str) -> str:
    """The error about the file."""
    with pytest.raises(CredentialsUnusable) as told:
        read(path)
    return str(told.value)


readers = pytest.mark.parametrize("read", [user, as_nobody], ids=["user", "service_account"])


def test_a_missing_key_file_is_named(path: Path) -> None:
    assert refused(as_nobody, str(path)) == f"{path} doesn't exist"


def test_without_a_token_file_the_error_says_how_to_log_in(path: Path) -> None:
    said = f"{path} doesn't exist: run Muster with `--google-login client_secret.json`"
    assert refused(user, str(path)) == said


@readers
def test_a_folder_is_not_a_file(read: Reader, tmp_path: Path) -> None:
    assert refused(read, str(tmp_path)) == f"{tmp_path} can't be read: Is a directory"


@readers
@pytest.mark.parametrize("content", ["", "secret", '{"refresh_token": "secret"', "\ufeff{}", "'secret': 1"])
def test_invalid_json_is_reported(read: Reader, path: Path, content: str) -> None:
    assert refused(read, written(path, content)) == f"{path} isn't valid JSON"


@readers
def test_bytes_that_are_not_text_are_not_json(read: Reader, path: Path) -> None:
    path.write_bytes(b'{"refresh_token": "\xff\xfe"}')
    assert refused(read, str(path)) == f"{path} isn't valid JSON"


@readers
@pytest.mark.parametrize("content", [["secret"], "null", '"secret"', 12])
def test_json_that_is_not_an_object_has_no_credentials(read: Reader, path: Path, content: object) -> None:
    assert refused(read, written(path, content)) == f"{path} contains no credentials"


@pytest.mark.parametrize(
    ("lacks", "named"),
    [
        (["refresh_token"], "refresh_token"),
        (["client_id"], "client_id"),
        (["client_secret", "refresh_token"], "refresh_token, client_secret"),
    ],
)
def test_missing_fields_of_an_account_are_named(path: Path, lacks: list[str], named: str) -> None:
    assert refused(user, written(path, without(USER, *lacks))) == f"{path} has no {named}"


@pytest.mark.parametrize(
    ("lacks", "named"),
    [
        (["private_key"], "private_key"),
        (["client_email"], "client_email"),
        (["token_uri", "private_key", "client_email"], "client_email, private_key, token_uri"),
    ],
)
def test_missing_fields_of_a_key_are_named(path: Path, service: Json, lacks: list[str], named: str) -> None:
    assert refused(as_nobody, written(path, without(service, *lacks))) == f"{path} has no {named}"


@pytest.mark.parametrize("value", ["", None, 12, ["secret"], {"secret": "secret"}])
def test_a_field_that_is_not_text_counts_as_missing(path: Path, service: Json, value: object) -> None:
    assert refused(user, written(path, {**USER, "client_id": value})) == f"{path} has no client_id"
    written(path, {**service, "private_key": value})
    assert refused(as_nobody, str(path)) == f"{path} has no private_key"


@pytest.mark.parametrize("kind", ["authorized_user", "external_account", None, ["service_account"]])
def test_a_file_of_another_type_is_not_a_key(path: Path, service: Json, kind: object) -> None:
    said = f"{path} isn't the key of a service account"
    assert refused(as_nobody, written(path, {**service, "type": kind})) == said


def encrypted(pem: str) -> str:
    key = serialization.load_pem_private_key(pem.encode(), None)
    kind, locked = serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    return key.private_bytes(serialization.Encoding.PEM, kind, locked).decode()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _key: "secret",
        lambda key: key[:200],
        lambda key: key.replace("PRIVATE KEY", "CERTIFICATE"),
        lambda _key: new_key()[1],
        encrypted,
    ],
    ids=["no PEM", "cut off", "a certificate", "a public one", "encrypted"],
)
def test_an_unreadable_private_key_is_named(path: Path, service: Json, spoil: Callable[[str], str]) -> None:
    spoilt = {**service, "private_key": spoil(service["private_key"])}
    assert refused(as_nobody, written(path, spoilt)) == f"the private_key in {path} can't be read"


def test_no_error_about_a_file_contains_its_secrets(path: Path, service: Json) -> None:
    spoilt = {**service, "private_key": "secret-key"}
    for read, content in (
        (user, without(USER, "client_id")),
        (user, [USER]),
        (user, json.dumps(USER)[:-1]),
        (as_nobody, {**service, "type": "secret-type"}),
        (as_nobody, spoilt),
        (as_nobody, without(service, "client_email")),
        (as_nobody, json.dumps(service) + "secret"),
    ):
        whole = refused(read, written(path, content))
        said = whole.replace(str(path), "")
        assert said != whole
        assert "secret" not in said and "BEGIN" not in said


def test_an_account_renews_its_token_where_its_file_says(path: Path) -> None:
    made = user(written(path, USER))()
    assert isinstance(made, UserCredentials)
    assert {
        "token": made.token,
        "refresh_token": made.refresh_token,
        "token_uri": made.token_uri,
        "client_id": made.client_id,
        "client_secret": made.client_secret,
        "scopes": made.scopes,
    } == {**without(USER, "type"), "scopes": None}


class TokenEndpoint:
    """Answers every request for a token, and remembers its URL."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sent: list[bytes] = []

    def __call__(self, url: str, body: bytes = b"", **_more: object) -> Response:
        self.asked.append(url)
        self.sent.append(body)
        return Granted()


class Granted(Response):
    """A new token."""

    status = 200
    headers: Json = {}  # noqa: RUF012 - as the class that it stands for has it
    data = json.dumps({"access_token": "ya29.new", "expires_in": 3599}).encode()


def test_a_refresh_asks_for_no_scopes_since_google_refuses_those_that_were_not_granted(path: Path) -> None:
    endpoint, made = TokenEndpoint(), user(written(path, {**USER, "scopes": ["https://x/old"]}))()
    made.refresh(endpoint)
    assert b"grant_type=refresh_token" in endpoint.sent[0] and b"scope" not in endpoint.sent[0]


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({}, "http://127.0.0.1:9/token"),
        ({"token_uri": None}, "https://oauth2.googleapis.com/token"),
        ({"token_uri": ""}, "https://oauth2.googleapis.com/token"),
    ],
)
def test_a_token_is_requested_from_the_files_url_or_from_googles(path: Path, told: Json, asked: str) -> None:
    endpoint, made = TokenEndpoint(), user(written(path, {**USER, **told}))()
    made.refresh(endpoint)
    assert (endpoint.asked, made.token) == ([asked], "ya29.new")


def test_each_thread_reads_the_latest_tokens(path: Path) -> None:
    make = user(written(path, USER))
    written(path, {**USER, "token": "ya29.renewed"})
    one, other = make(), make()
    assert one is not other
    assert one.token == other.token == "ya29.renewed"
    path.unlink()
    with pytest.raises(CredentialsUnusable):
        make()


@pytest.mark.parametrize(("subject", "acts_as"), [("", None), ("ana@acme.example", "ana@acme.example")])
def test_a_service_account_acts_as_its_subject(
    path: Path, service: Json, subject: str, acts_as: str | None
) -> None:
    make = service_account(written(path, service), subject)
    one, other = make(), make()
    assert one is not other
    assert isinstance(one, ServiceCredentials)
    assert (one.service_account_email, one._subject, one.scopes, one._token_uri) == (
        service["client_email"],
        acts_as,
        list(SCOPES),
        service["token_uri"],
    )


class Tokens:
    """Credentials as the library keeps them, as far as saving them needs it."""

    def __init__(self, **values: str) -> None:
        self._content = {**USER, **values}
        self.refresh_token = self._content["refresh_token"]
        self.granted_scopes: list[str] | None = None

    def to_json(self) -> str:
        return json.dumps(self._content)


class Broken(Tokens):
    """Credentials that can't be serialized."""

    def to_json(self) -> str:
        raise RuntimeError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_tokens_are_readable_only_by_their_owner_and_can_be_used(path: Path) -> None:
    keep(str(path), Tokens())
    assert (mode(path), json.loads(path.read_text())) == (0o600, USER)
    keep(str(path), user(str(path))())
    again = user(str(path))()
    assert isinstance(again, UserCredentials)
    assert (again.token, again.token_uri) == (USER["token"], USER["token_uri"])


def test_a_file_readable_by_everybody_is_replaced_by_a_private_one(path: Path) -> None:
    path.write_text("old")
    path.chmod(0o644)
    keep(str(path), Tokens())
    assert (mode(path), json.loads(path.read_text())) == (0o600, USER)


def test_tokens_are_replaced_in_one_step(path: Path) -> None:
    """A reader that has the old file open still reads all of it; nothing else is left in the folder."""
    path.write_text("the old tokens")
    with path.open() as file:
        keep(str(path), Tokens())
        assert file.read() == "the old tokens"
    assert list(path.parent.iterdir()) == [path]


WRITER = """
import json, sys
from pathlib import Path
from bot.effects.google import credentials
class Tokens:
    granted_scopes = None
    def to_json(self):
        return json.dumps({"token": sys.argv[2] * 20_000})
credentials.os.getpid = lambda: 7
for _ in range(60):
    credentials.replace(sys.argv[1], Tokens())
    assert len(set(json.loads(Path(sys.argv[1]).read_text())["token"])) == 1
"""


def test_two_containers_with_the_same_process_id_leave_one_whole_file(path: Path) -> None:
    """They share a volume, and in each of them the bot is the first process."""
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, letter], cwd=ROOT) for letter in "ab"]
    assert [each.wait(50) for each in writers] == [0, 0]
    assert json.loads(path.read_text())["token"] in {"a" * 20_000, "b" * 20_000}
    assert (mode(path), list(path.parent.iterdir())) == (0o600, [path])


def test_a_draft_that_another_process_has_left_half_written_is_never_used_and_is_removed_later(
    path: Path,
) -> None:
    dead, busy = (path.with_name(f"{path.name}.{name}.new") for name in ("1", "zzz"))
    for each in (dead, busy):
        each.write_text('{"token": "ya29')
    os.utime(dead, (1, 1))
    keep(str(path), Tokens())
    assert json.loads(path.read_text()) == USER
    assert sorted(path.parent.iterdir()) == [path, busy]


def test_a_renewed_token_replaces_the_one_before(path: Path) -> None:
    for token in ("ya29.one", "ya29.two"):
        keep(str(path), Tokens(token=token))
        assert json.loads(path.read_text()) == {**USER, "token": token}


def test_a_token_renewed_meanwhile_does_not_overwrite_a_new_login(path: Path) -> None:
    replace(str(path), Tokens())
    replace(str(path), Tokens(refresh_token="1//another"))
    keep(str(path), Tokens(token="ya29.late"))
    assert json.loads(path.read_text()) == {**USER, "refresh_token": "1//another"}
    assert mode(path) == 0o600


def test_tokens_that_cannot_be_saved_leave_the_old_ones(path: Path) -> None:
    path.write_text("the old tokens")
    with pytest.raises(RuntimeError):
        keep(str(path), Broken())
    assert path.read_text() == "the old tokens"


def test_a_full_disk_leaves_the_old_tokens_and_no_draft(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    keep(str(path), Tokens())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        keep(str(path), Tokens(token="ya29.new"))
    assert json.loads(path.read_text()) == USER
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "secret",
        "[]",
        "{}",
        json.dumps(USER),
        json.dumps({"installed": {"client_secret": "secret"}}),
    ],
)
def test_a_file_that_is_not_a_desktop_apps_client_is_refused_before_a_browser_opens(
    path: Path, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        written(path, content)
    kept = tmp_path / "token.json"
    said = refused(lambda client: log_in(client, str(kept), Network()), str(path))
    assert said.startswith(f"{path} isn't an OAuth client of the type “Desktop app”")
    assert "secret" not in said and not kept.exists()
