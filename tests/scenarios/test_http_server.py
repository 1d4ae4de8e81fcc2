"""The server itself: how much a connection or a slow check may use, and how it answers HEAD requests."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING

import pytest

from bot.intake.health import Health
from bot.intake.http import wiring
from bot.intake.http.connections import Limits, affordable
from bot.intake.http.metrics import Metrics
from bot.intake.http.server import Server
from bot.intake.http.site import Response, Routes, Site
from tests.support.bots import free_port
from tests.support.halves import PAUSE, SENT, half_open, is_closed
from tests.support.people import eventually

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

SHORT = Limits(connections=40, whole=2 * PAUSE, idle=20.0, newcomers=0.05)
LARGE = "x" * 20_000_000


class Gate:
    """Holds threads until it is opened, and counts them as they arrive."""

    def __init__(self) -> None:
        self.came = threading.Semaphore(0)
        self._open = threading.Event()

    def open(self) -> None:
        """Let everybody through."""
        self._open.set()

    def wait(self) -> None:
        """Arrive, and wait."""
        self.came.release()
        assert self._open.wait(20)


class SlowHealth(Health):
    """A health check whose database answers when the gate is opened."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def report(self) -> dict[str, str]:
        """Report that everything is well, once the gate is open."""
        self._gate.wait()
        return {"database": "ok"}


class SlowMetrics(Metrics):
    """Metrics that can be read when the gate is opened."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def page(self) -> str:
        """Return no metrics, once the gate is open."""
        self._gate.wait()
        return ""


@contextmanager
def serving(routes: Routes, limits: Limits = SHORT, threads: int = 4) -> Iterator[tuple[int, Server]]:
    """The port of a server with these routes, and the server."""
    port = free_port()
    server = Server(Site(routes), port, threads, limits)
    server.start()
    try:
        yield port, server
    finally:
        server.close()


def quick(_environ: WSGIEnvironment) -> Response:
    """An immediate answer."""
    return Response(200, "here")


def connected(port: int) -> closing[HTTPConnection]:
    """A client that keeps its connection."""
    return closing(HTTPConnection("127.0.0.1", port, timeout=20))


def ask(connection: HTTPConnection, path: str = "/", method: str = "GET") -> HTTPResponse:
    """The answer, with its body still unread."""
    connection.request(method, path)
    return connection.getresponse()


def status_of(port: int, path: str = "/", method: str = "GET") -> int:
    """The status of the answer, on a connection of its own."""
    with connected(port) as connection:
        return ask(connection, path, method).status


def exchanged(port: int, path: str, method: str) -> tuple[list[str], bytes]:
    """The lines of an answer's head without the date, and everything that follows, whatever the head says."""
    with socket.create_connection(("127.0.0.1", port), 10) as client, client.makefile("rb") as answer:
        client.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head, _, body = answer.read().partition(b"\r\n\r\n")
    return [line for line in head.decode().split("\r\n") if not line.startswith("Date")], body


@pytest.mark.parametrize("kind", [kind for kind in SENT if kind != "an answer unread"])
def test_a_connection_whose_request_is_never_completed_is_closed(kind: str) -> None:
    with serving({"/": ("GET", quick)}) as (port, _), half_open(port, 10, kind) as opened:
        eventually(lambda: all(is_closed(each) for each in opened), 5)


def test_a_connection_that_has_been_answered_is_kept_for_the_next_request() -> None:
    with serving({"/": ("GET", quick)}) as (port, _), connected(port) as kept:
        assert ask(kept).read() == b"here"
        before = kept.sock
        with half_open(port, 1, "nothing") as [silent]:
            eventually(lambda: is_closed(silent), 5)
        assert ask(kept).read() == b"here"
        assert kept.sock is before


def test_an_idle_connection_is_closed_when_its_time_is_over() -> None:
    with serving({"/": ("GET", quick)}, Limits(idle=0.2)) as (port, _), connected(port) as kept:
        assert ask(kept).read() == b"here"
        eventually(lambda: is_closed(kept.sock), 5)


def test_a_request_being_answered_is_never_closed() -> None:
    gate = Gate()

    def slow(_environ: WSGIEnvironment) -> Response:
        gate.wait()
        return Response(200, "at last")

    routes: Routes = {"/": ("GET", quick), "/slow": ("GET", slow)}
    with serving(routes) as (port, _), connected(port) as asked:
        asked.request("GET", "/slow")
        assert gate.came.acquire(timeout=10)
        with half_open(port, 3 * SHORT.connections, "half a head") as opened:
            # The first ones had to make room, and the last ones are late: they are closed for different
            # reasons.
            eventually(lambda: all(is_closed(each) for each in opened), 10)
        gate.open()
        assert asked.getresponse().read() == b"at last"


def test_whole_requests_that_come_faster_than_they_are_read_are_all_answered() -> None:
    # A connection needs that moment between being opened and its request.
    gate, narrow = Gate(), Limits(connections=10, newcomers=0.1)

    def slow(_environ: WSGIEnvironment) -> Response:
        gate.wait()
        return Response(200, "here")

    with serving({"/": ("GET", slow)}, narrow, threads=10) as (port, _), ExitStack() as stack:
        clients = [stack.enter_context(connected(port)) for _ in range(60)]
        for client in clients:
            client.request("GET", "/")
        for _ in range(narrow.connections):
            assert gate.came.acquire(timeout=10)
        # All others wait to be accepted, and the system holds their requests.
        gate.open()
        assert [client.getresponse().read() for client in clients] == [b"here"] * 60


def test_an_answer_that_nobody_reads_is_abandoned() -> None:
    def large(_environ: WSGIEnvironment) -> Response:
        return Response(200, LARGE)

    with serving({"/": ("GET", large)}) as (port, server), ExitStack() as stack:
        for _ in range(3):
            deaf = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: len(server._server.active_channels) == 3, 5)
        eventually(lambda: not server._server.active_channels, 5)


def test_when_there_are_too_many_connections_the_longest_waiting_ones_make_room() -> None:
    patient = Limits(connections=20, whole=30.0, newcomers=0.05)
    with serving({"/": ("GET", quick)}, patient) as (port, _), ExitStack() as stack:
        older = stack.enter_context(half_open(port, 10, "half a body"))
        eventually(lambda: status_of(port) == 200)
        time.sleep(2 * patient.newcomers)
        newer = stack.enter_context(half_open(port, 9, "half a body"))
        time.sleep(2 * patient.newcomers)
        assert [status_of(port) for _ in range(3)] == [200] * 3
        eventually(lambda: any(is_closed(each) for each in older), 5)
        assert not any(is_closed(each) for each in newer)


def test_slow_checks_leave_slack_its_threads_and_extra_ones_get_503_at_once() -> None:
    gate, port = Gate(), free_port()
    looks = wiring.looks(SlowHealth(gate), SlowMetrics(gate), lambda: False)
    [server] = wiring.servers(port, None, {"/slack/events": ("POST", quick)}, looks)
    server.start()
    paths = ["/metrics", "/readyz"] * 20
    with ThreadPoolExecutor(len(paths)) as pool:
        waiting = [pool.submit(status_of, port, path) for path in paths]
        try:
            eventually(lambda: len([each for each in waiting if each.done()]) == 36)
            assert {each.result() for each in waiting if each.done()} == {503}
            assert status_of(port, "/slack/events", "POST") == 200
            assert status_of(port, "/healthz") == 200
        finally:
            gate.open()
        assert [each.result() for each in waiting].count(200) == 4
    assert status_of(port, "/metrics") == 200
    server.close()


def test_a_503_says_when_to_retry_and_ends_the_connection() -> None:
    def busy(_environ: WSGIEnvironment) -> Response:
        return Response(503, "Busy")

    with serving({"/": ("GET", quick), "/busy": ("GET", busy)}) as (port, _):
        with connected(port) as connection:
            assert ask(connection).headers["Connection"] is None
        with connected(port) as connection:
            headers = ask(connection, "/busy").headers
        assert (headers["Retry-After"], headers["Connection"]) == ("1", "close")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/posted", "/busy"])
def test_a_head_request_is_answered_like_a_get_without_the_body(path: str) -> None:
    routes: Routes = {
        "/": ("GET", quick),
        "/busy": ("GET", lambda _environ: Response(503, json.dumps({"slack": "away"}))),
        "/posted": ("POST", quick),
    }
    with serving(routes) as (port, _):
        [got, body], [head, nothing] = (exchanged(port, path, method) for method in ("GET", "HEAD"))
    assert (head, nothing) == (got, b"")
    assert f"Content-Length: {len(body)}" in head


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [("/", "POST", "GET, HEAD"), ("/", "OPTIONS", "GET, HEAD"), ("/posted", "GET", "POST")],
)
def test_another_method_is_refused_with_a_list_of_the_allowed_ones(
    path: str, method: str, allowed: str
) -> None:
    with serving({"/": ("GET", quick), "/posted": ("POST", quick)}) as (port, _), connected(port) as client:
        answer = ask(client, path, method)
    assert (answer.status, answer.headers["Allow"]) == (405, allowed)


def test_a_process_with_few_files_takes_fewer_connections() -> None:
    resource = pytest.importorskip("resource")
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, most))
    try:
        assert affordable(Limits()).connections == 256
        assert affordable(Limits(connections=100)).connections == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
