"""A company's network: its own certificate authority, and a proxy that is the only way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from requests import Session as LoginSession
from slack_sdk import WebClient

from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import OVERDUE_AFTER
from bot.effects.clients import Web, Webhook
from bot.effects.failures import from_exception
from bot.effects.google import credentials
from bot.effects.google.client import GoogleClient
from bot.effects.google.login_transport import route
from bot.intake.connection import Connection, Hooks
from bot.intake.session import Session
from bot.network import Network, Proxy, in_words
from bot.worker.metrics import Meter
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, BotProcess, calendar, free_port, looked_at, start_here
from tests.support.calendars import event
from tests.support.clocks import MovableClock
from tests.support.company import GOOGLE, HOST, Authority, proxy
from tests.support.examples import NOW
from tests.support.network import NetworkGuard
from tests.support.people import Workspace, eventually


@dataclass(frozen=True)
class Stand:
    """The workspace, and the certificate authority that vouches for it."""

    sandbox: Sandbox
    authority: Authority
    folder: Path

    @property
    def network(self) -> Network:
        """A network that trusts the authority."""
        return Network(str(self.authority.file))


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("company")
    authority = Authority(folder / "own")
    with running(ROOT / "manifest.yml", busy=False, tls=authority.server()) as sandbox:
        yield Stand(sandbox, authority, folder)


def call_the_web_api(stand: Stand, network: Network) -> None:
    Web(network, f"https://{HOST}/api/", 5, stand.sandbox.bot_token).auth_test()


def upload_a_file(stand: Stand, network: Network) -> None:
    given = WebClient(stand.sandbox.bot_token, stand.sandbox.api_url).files_getUploadURLExternal(
        filename="a.txt", length=1
    )
    url = str(given["upload_url"]).replace(stand.sandbox.url, f"https://{HOST}")
    done = Web(network, stand.sandbox.api_url, 5)._upload_file(url=url, data=b"a", timeout=5)
    assert done.status == 200


def use_a_response_url(stand: Stand, network: Network) -> None:
    assert Webhook(network, f"https://{HOST}/response/none", 5).send(text="hello").status_code == 404


def open_a_socket(stand: Stand, network: Network) -> None:
    class Opener:
        """Slack's answer, with a name that only the company's network knows."""

        def __init__(self) -> None:
            self.network = network

        def apps_connections_open(self, *, app_token: str) -> dict[str, str]:
            given = WebClient(base_url=stand.sandbox.api_url).apps_connections_open(app_token=app_token)
            _, _, path = str(given["url"]).removeprefix("ws://").partition("/")
            return {"url": f"wss://{HOST}/{path}"}

    session = Session(stand.sandbox.app_token, cast("Web", Opener()), lambda *_: None, lambda _session: None)
    try:
        session.open()
        assert session._is_greeted
    finally:
        session.close()


def ask_the_calendar(stand: Stand, network: Network) -> None:
    account = credentials.user(str(stand.sandbox.google_token_file(stand.folder / "token.json")))
    url = stand.sandbox.google_url.replace(stand.sandbox.url, f"https://{GOOGLE}")
    # The token itself is refreshed on this machine, which no proxy may see.
    client = GoogleClient(account, "incidents@acme.example", url, lambda: NOW, lambda _: None, network)
    with closing(client):
        assert client.get("0123456789") is None


def refresh_a_token(stand: Stand, network: Network) -> None:
    path = stand.sandbox.google_token_file(stand.folder / "far.json")
    known = json.loads(path.read_text())
    path.write_text(json.dumps({**known, "token_uri": f"https://{GOOGLE}/google/token"}))
    client = GoogleClient(
        credentials.user(str(path)),
        "incidents@acme.example",
        stand.sandbox.google_url,
        lambda: NOW,
        lambda _: None,
        network,
    )
    with closing(client):
        assert client.get("0123456789") is None


def log_in(stand: Stand, network: Network) -> None:
    url = f"https://{GOOGLE}/google/token"
    with LoginSession() as session:
        route(session, url, network)
        assert session.post(url, data={}, timeout=5).status_code == 400


CALLS = [
    (call_the_web_api, HOST),
    (upload_a_file, HOST),
    (use_a_response_url, HOST),
    (open_a_socket, HOST),
    (ask_the_calendar, GOOGLE),
    (refresh_a_token, GOOGLE),
    (log_in, GOOGLE),
]
Call = Callable[[Stand, Network], None]
every_call = pytest.mark.parametrize(("call", "host"), CALLS, ids=[call.__name__ for call, _ in CALLS])


def failure_of(call: Call, host: str, stand: Stand, network: Network) -> Failure:
    """How the call fails."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each library has its own
        call(stand, network)
    return from_exception(raised.value, host.partition(".")[0])


@every_call
def test_everything_goes_through_the_proxy_and_trusts_the_companys_authority(
    stand: Stand, call: Call, host: str
) -> None:
    with proxy(stand.sandbox.tls_port, "ana:p@ss word") as way:
        known = Proxy.parse(f"http://ana:p%40ss%20word@{way.address}")
        call(stand, replace(stand.network, https_proxy=known))
        assert way.seen == [f"{host}:443"]


@every_call
@pytest.mark.parametrize("trusted", ["another", "the usual"])
def test_an_unknown_authority_is_refused_and_the_refusal_is_put_in_words(
    stand: Stand, call: Call, host: str, trusted: str, tmp_path: Path
) -> None:
    ca = str(Authority(tmp_path / "other").file) if trusted == "another" else ""
    with proxy(stand.sandbox.tls_port) as way:
        network = Network(ca, Proxy.parse(way.url))
        failure = failure_of(call, host, stand, network)
    name = {HOST: "Slack", GOOGLE: "Google"}[host]
    assert failure == Failure(FailureKind.BLOCKED, f"{name.lower()}_certificate")
    sentence = f"{name}'s certificate can't be verified; set SSL_CERT_FILE to your company's CA bundle"
    assert in_words(failure.code) == sentence


@every_call
@pytest.mark.parametrize("exempt", [".corp", "*", "localhost, {host}:443"])
def test_what_is_exempt_goes_direct(
    stand: Stand, call: Call, host: str, exempt: str, network_guard: NetworkGuard
) -> None:
    with proxy(stand.sandbox.tls_port) as way:
        known = Proxy.parse(way.url)
        direct = replace(stand.network, https_proxy=known, no_proxy=exempt.format(host=host))
        failure_of(call, host, stand, direct)
        assert way.seen == []
    assert set(network_guard.refused) == {f"socket.getaddrinfo {host}"}
    network_guard.refused.clear()


@every_call
@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (407, FailureKind.BLOCKED, "proxy_407"),
        (403, FailureKind.BLOCKED, "proxy_403"),
        (502, FailureKind.PASSING, "proxy_502"),
    ],
)
def test_a_proxy_that_refuses_is_named(
    stand: Stand, call: Call, host: str, status: int, kind: FailureKind, code: str
) -> None:
    with proxy(stand.sandbox.tls_port, status=status) as way:
        known = Proxy.parse(way.url)
        assert failure_of(call, host, stand, replace(stand.network, https_proxy=known)) == Failure(kind, code)
        assert set(way.seen) == {f"{host}:443"}


@every_call
def test_without_its_proxy_nothing_is_tried_directly(stand: Stand, call: Call, host: str) -> None:
    network = replace(stand.network, https_proxy=Proxy.parse(f"127.0.0.1:{free_port()}"))
    assert failure_of(call, host, stand, network).kind is FailureKind.PASSING


@every_call
def test_the_environment_decides_nothing_behind_our_back(
    stand: Stand, call: Call, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy(stand.sandbox.tls_port) as way, proxy(stand.sandbox.tls_port) as other:
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "*")
        call(stand, replace(stand.network, https_proxy=Proxy.parse(way.url)))
        assert (way.seen, other.seen) == ([f"{host}:443"], [])


def test_a_call_without_tls_is_passed_on_by_the_proxy_as_it_is(stand: Stand) -> None:
    with proxy(int(stand.sandbox.url.rpartition(":")[2])) as way:
        network = Network(http_proxy=Proxy.parse(way.url))
        Web(network, f"http://{HOST}/api/", 5, stand.sandbox.bot_token).auth_test()
        assert way.seen == [f"http://{HOST}/api/auth.test"]


def test_nothing_but_a_server_is_opened(stand: Stand) -> None:
    with pytest.raises(OSError, match="unknown url type"):
        Web(Network(), f"file://{ROOT}/", 5).auth_test()


@pytest.fixture
def bot_behind(stand: Stand, sqlite_url: str, tmp_path: Path) -> Iterator[BotProcess]:
    """The bot in a process of its own, not started yet."""
    stand.sandbox.store.team_url = f"https://{HOST}/"
    process = BotProcess(stand.sandbox, sqlite_url, tmp_path / "bot.log")
    yield process
    process.stop()


def test_a_whole_bot_works_behind_a_proxy_with_a_password(
    stand: Stand, bot_behind: BotProcess, tmp_path: Path
) -> None:
    known = {name.upper(): value for name, value in calendar(stand.sandbox, tmp_path).items()}
    path = Path(known["GOOGLE_TOKEN_FILE"])
    token = json.loads(path.read_text())
    path.write_text(json.dumps({**token, "token_uri": f"https://{GOOGLE}/google/token"}))
    workspace = Workspace(stand.sandbox.url)
    with proxy(stand.sandbox.tls_port, "ana:hush") as way:
        settings: dict[str, Any] = {
            **known,
            "GOOGLE_CALENDAR_API_URL": stand.sandbox.google_url.replace(
                stand.sandbox.url, f"https://{GOOGLE}"
            ),
            "SLACK_API_URL": f"https://{HOST}/api/",
            "SSL_CERT_FILE": str(stand.authority.file),
            "HTTPS_PROXY": way.url,
            "NO_PROXY": "localhost",
            "LOG_LEVEL": "DEBUG",
        }
        bot_behind.start(**settings)
        workspace.declare("Database is slow")
        event(workspace, "Database is slow")
        assert bot_behind.stop() == 0
        assert set(way.seen) == {f"{HOST}:443", f"{GOOGLE}:443"}
    assert "hush" not in bot_behind.log() and way.address not in bot_behind.log()


def test_a_start_with_an_unknown_certificate_says_what_to_do(
    stand: Stand, bot_behind: BotProcess, tmp_path: Path
) -> None:
    port, told = free_port(), "Slack's certificate can't be verified; set SSL_CERT_FILE"
    other = Authority(tmp_path / "other")
    with proxy(stand.sandbox.tls_port) as way:
        bot_behind.start(
            wait=False,
            SLACK_API_URL=f"https://{HOST}/api/",
            SSL_CERT_FILE=str(other.file),
            HTTPS_PROXY=way.url,
            PORT=str(port),
        )
        eventually(lambda: told in bot_behind.log(), 20)
        assert told in eventually(lambda: _red(port))


def _red(port: int) -> str:
    status, text = looked_at(port, "readyz")
    return text if status == 503 and "certificate" in text else ""


def test_a_calendar_with_an_unknown_certificate_is_listed_with_what_to_do(
    stand: Stand, sqlite_url: str, tmp_path: Path, records: list[MutableMapping[str, Any]]
) -> None:
    settings = calendar(stand.sandbox, tmp_path)
    far = f"https://127.0.0.1:{stand.sandbox.tls_port}"
    settings["google_calendar_api_url"] = stand.sandbox.google_url.replace(stand.sandbox.url, far)
    settings["ssl_cert_file"] = str(Authority(tmp_path / "other").file)
    workspace, clock = Workspace(stand.sandbox.url), MovableClock()
    bot = start_here(stand.sandbox, sqlite_url, clock=clock, **settings)
    try:
        workspace.declare("Cache is cold")
        failed = eventually(lambda: next((each for each in records if "advice" in each), None))
        assert (failed["code"], failed["advice"]) == (
            "google_certificate",
            "Google's certificate can't be verified; set SSL_CERT_FILE to your company's CA bundle",
        )
        clock.move(OVERDUE_AFTER)
        told = "(google_certificate: Google's certificate can't be verified; ask whoever runs this bot to set"
        eventually(lambda: told in workspace.command("doctor"))
    finally:
        bot.stop()


def test_a_socket_that_cannot_be_opened_says_what_is_in_the_way(stand: Stand, tmp_path: Path) -> None:
    ca = str(Authority(tmp_path / "other").file)
    url = stand.sandbox.api_url.replace(stand.sandbox.url, f"https://127.0.0.1:{stand.sandbox.tls_port}")
    nobody = cast("Any", None)
    hooks = Hooks(lambda: None, lambda: None)
    connection = Connection(nobody, nobody, "xapp-1", Web(Network(ca), url, 5), Meter(), hooks)
    with pytest.raises(OSError, match="certificate verify failed"):
        connection.open()
    assert (connection.trouble() or "").startswith("Slack's certificate can't be verified; set SSL_CERT_FILE")
    connection.close()
