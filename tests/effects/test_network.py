"""Which proxy a call goes through, and which certificates are trusted."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from bot import config
from bot.effects.google.transport import Http
from bot.network import Network, Proxy, in_words, is_loopback, trusting
from tests.support.company import Authority

WAY, PLAIN = Proxy("proxy.corp", 3128), Proxy("plain.corp", 8080)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("proxy.corp:3128", WAY),
        ("http://proxy.corp:3128", WAY),
        ("http://proxy.corp:3128/", WAY),
        ("http://proxy.corp", Proxy("proxy.corp", 80)),
        ("http://[fd00::1]:3128", Proxy("fd00::1", 3128)),
        ("http://ana:p%40ss%3Aword@proxy.corp:3128", Proxy("proxy.corp", 3128, "ana:p@ss:word")),
        ("http://ana@proxy.corp:3128", Proxy("proxy.corp", 3128, "ana:")),
        ("", None),
    ],
)
def test_a_proxy_is_read_from_its_url(url: str, proxy: Proxy | None) -> None:
    assert Proxy.parse(url) == proxy
    assert proxy is None or Proxy.parse(proxy.url) == proxy


@pytest.mark.parametrize(
    "url", ["socks5://proxy.corp:1080", "https://proxy.corp", "http://", "http://a/b", "http://a:b"]
)
def test_another_kind_of_proxy_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"http://|Port"):
        Proxy.parse(url)


def test_a_proxys_password_is_never_shown() -> None:
    assert "hush" not in repr(Network(https_proxy=Proxy.parse("http://ana:hush@proxy.corp:1")))


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_direct"),
    [
        ("", "https://slack.com/api/", False),
        ("*", "https://slack.com/api/", True),
        (".corp", "https://slack.corp/", True),
        ("corp", "https://slack.corp/", True),
        ("*.corp", "https://slack.corp/", True),
        (".CORP", "https://Slack.Corp/", True),
        ("slack.corp", "https://slack.corp./", True),
        ("slack.corp", "https://slack.corp/", True),
        ("slack.corp", "https://a.slack.corp/", True),
        (".corp", "https://notcorp/", False),
        ("slack.corp", "https://notslack.corp/", False),
        ("a.com,.corp", "wss://slack.corp/link", True),
        ("a.com .corp", "wss://slack.corp/link", True),
        ("slack.corp:443", "https://slack.corp/", True),
        ("slack.corp:443", "wss://slack.corp/", True),
        ("slack.corp:443", "https://slack.corp:8443/", False),
        ("*:8443", "https://slack.corp:8443/", True),
        ("10.0.0.0/8", "https://10.1.2.3/", True),
        ("10.1.2.3", "https://10.1.2.3/", True),
        ("10.1.2.3/8", "https://10.9.9.9/", True),
        ("10.0.0.0/8", "https://11.1.2.3/", False),
        ("10.0.0.0/8", "https://slack.corp/", False),
        ("fd00::/8", "https://[fd00::7]/", True),
        ("[fd00::7]:443", "https://[fd00::7]/", True),
        (".", "https://slack.corp/", False),
        (",", "https://slack.corp/", False),
    ],
)
def test_what_no_proxy_means(no_proxy: str, url: str, is_direct: bool) -> None:
    network = Network(https_proxy=WAY, http_proxy=PLAIN, no_proxy=no_proxy)
    assert network.proxy_for(url) == (None if is_direct else WAY)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "a.localhost", "[::1]", "[::ffff:127.0.0.1]"],
)
@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
def test_this_machine_is_never_behind_a_proxy(host: str, scheme: str) -> None:
    network = Network(https_proxy=WAY, http_proxy=PLAIN, no_proxy="slack.com")
    assert network.proxy_for(f"{scheme}://{host}:8484/api/") is None


@pytest.mark.parametrize("host", ["10.0.0.1", "slack.com", "localhost.corp", "::2", ""])
def test_other_machines_are_not_this_one(host: str) -> None:
    assert not is_loopback(host)


def test_each_scheme_has_its_proxy() -> None:
    network = Network(https_proxy=WAY, http_proxy=PLAIN)
    assert [network.proxy_for(f"{scheme}://slack.com/") for scheme in ("https", "wss")] == [WAY, WAY]
    assert [network.proxy_for(f"{scheme}://slack.com/") for scheme in ("http", "ws")] == [PLAIN, PLAIN]


NAMES = ("ssl_cert_file", "requests_ca_bundle", "https_proxy", "http_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        for each in (name, name.upper()):
            monkeypatch.delenv(each, raising=False)


def test_without_settings_there_is_no_proxy_and_the_usual_authorities_are_trusted() -> None:
    assert config.load_network() == Network()
    assert trusting("").cert_store_stats()["x509_ca"] > 50


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
def test_either_proxy_serves_for_calls_over_tls(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://proxy.corp:3128")
    assert config.load_network().proxy_for("https://slack.com/") == WAY


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_companys_authorities_are_trusted_instead_of_the_usual_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    file = Authority(tmp_path / "own").file
    monkeypatch.setenv(name, str(file))
    network = config.load_network()
    assert network.ca == str(file)
    [known] = network.tls.get_ca_certs()
    assert known["subject"] == ((("commonName", "Acme CA"),),)
    assert network.tls.verify_mode is ssl.CERT_REQUIRED and network.tls.check_hostname


def test_the_file_comes_before_the_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path / "own").file))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    assert config.load_network().ca.endswith("own/ca.pem")


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, "", "no certificate", "folder"])
def test_authorities_that_cannot_be_read_are_named_with_the_other_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: str | None
) -> None:
    path = tmp_path / "ca"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    for each, value in {name: str(path), "SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "xapp-1"}.items():
        monkeypatch.setenv(each, value)
    with pytest.raises(config.SettingsError) as refused:
        config.load()
    told = f"{name} can't be used: set it to a file with the certificates of the authorities to trust"
    authorities, token = str(refused.value).splitlines()
    assert authorities.startswith(told)
    assert token.startswith("SLACK_BOT_TOKEN is not set")


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "HTTP_PROXY"])
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "socks5://ana:hush@proxy.corp:1080")
    with pytest.raises(config.SettingsError) as refused:
        config.load_network()
    told = "write it as http://host:port or http://user:password@host:port"
    assert str(refused.value) == f"{name} can't be used: {told}"


def test_only_failures_that_somebody_has_to_mend_come_with_advice() -> None:
    assert "HTTPS_PROXY" in in_words("proxy_407")
    assert in_words("connection_refused") == in_words("channel_not_found") == ""


def test_a_refused_certificate_is_refused_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Authority(tmp_path / "own").server()

        def serve() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                with suppress(OSError), peer, server.wrap_socket(peer, server_side=True):
                    pass

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        http = Http(Network(str(Authority(tmp_path / "other").file)), 5)
        for _ in range(3):
            with pytest.raises(ssl.SSLCertVerificationError):
                http.request(url)
        http.close()
        listening.shutdown(socket.SHUT_RDWR)
