"""The sandbox as a process: what outlives it, the bot that it runs, and how it starts and stops."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.botprocess import BotProcess
from sandbox.server import Sandbox, running
from sandbox.workspace.persistence import UnreadableError, write_json
from tests.sandbox.conftest import MANIFEST, client_of
from tests.sandbox.peers import People, eventually

BOT = """
import os, signal, sys, time
from slack_sdk import WebClient
import websocket
client = WebClient(base_url=os.environ["SLACK_API_URL"])
url = client.apps_connections_open(app_token=os.environ["SLACK_APP_TOKEN"])["url"]
print("hello from", client.auth_test(token=os.environ["SLACK_BOT_TOKEN"])["user_id"], flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
ws = websocket.create_connection(url)
while True:
    ws.recv()
"""
STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
signal.pause()
"""
ARGV = [sys.executable, "-c", BOT]


def test_workspace_and_tokens_outlive_the_process(tmp_path: Path) -> None:
    with running(MANIFEST, data_dir=tmp_path, post_limit=False) as sandbox:
        tokens = (sandbox.bot_token, sandbox.app_token)
        client = client_of(sandbox)
        channel = client.conversations_create(name="inc-1")["channel"]["id"]
        client.conversations_invite(channel=channel, users=["U0ANA"])
        ts = client.chat_postMessage(
            channel=channel, text="kept", metadata={"event_type": "a", "event_payload": {}}
        )["ts"]
        client.pins_add(channel=channel, timestamp=ts)
        before = client.conversations_history(channel=channel, include_all_metadata=True)["messages"]
    with running(MANIFEST, data_dir=tmp_path, post_limit=False) as sandbox:
        assert (sandbox.bot_token, sandbox.app_token) == tokens
        client = client_of(sandbox)
        assert client.conversations_history(channel=channel, include_all_metadata=True)["messages"] == before
        assert client.conversations_members(channel=channel)["members"] == ["U0ANA", "U0MUSTER"]
        assert client.chat_postMessage(channel=channel, text="later")["ts"] > ts
        assert client.conversations_create(name="inc-2")["channel"]["id"] > channel


def test_changes_are_on_disk_soon_and_readable_by_nobody_else(tmp_path: Path) -> None:
    with running(MANIFEST, data_dir=tmp_path) as sandbox:
        client_of(sandbox).conversations_create(name="inc-1")
        path = tmp_path / "workspace.json"
        eventually(lambda: path.exists() and "inc-1" in path.read_text())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600


def test_two_sandboxes_that_save_at_once_leave_whole_files(tmp_path: Path) -> None:
    """Whatever their names have in common, and whichever process or thread writes them."""
    paths = [tmp_path / "a.json", tmp_path / "a.txt"]

    def save(number: int) -> None:
        for _ in range(50):
            write_json(paths[number % 2], json.dumps(str(number) * 20_000))
            assert len(set(json.loads(paths[number % 2].read_text()))) == 1

    with ThreadPoolExecutor() as hands:
        list(hands.map(save, range(4)))
    assert sorted(tmp_path.iterdir()) == paths


@pytest.mark.parametrize("name", ["workspace.json", "tokens.json"])
@pytest.mark.parametrize("content", ["", "{", "[]", "\0\0"])
def test_an_invalid_file_is_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableError, match=re.escape(name)), running(MANIFEST, data_dir=tmp_path):
        pass


def test_a_reset_restores_the_seed_and_reuses_no_id(sandbox: Sandbox, people: People) -> None:
    client = client_of(sandbox)
    channel = client.conversations_create(name="inc-1")["channel"]["id"]
    ts = client.chat_postMessage(channel=channel, text="x")["ts"]
    people("reset")
    names = [each["name"] for each in client.conversations_list()["channels"]]
    assert names == ["general", "random", "ops-alerts"]
    assert client.conversations_create(name="inc-1")["channel"]["id"] != channel
    assert client.chat_postMessage(channel="C0GENERAL", text="x")["ts"] > ts


@pytest.fixture
def managed(start: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox whose bot is running and connected."""
    sandbox = start(bot=BotProcess(ARGV))
    eventually(lambda: sandbox.store.bot_connected, within=10)
    return sandbox


def test_the_bot_gets_the_urls_and_tokens_of_its_workspace(managed: Sandbox) -> None:
    assert managed.bot is not None
    assert managed.bot.log == ["hello from U0MUSTER"]
    assert managed.bot.state == f"It is running as process {managed.bot.pid}."


def test_the_bot_can_be_killed_and_started_again(managed: Sandbox) -> None:
    people, bot = People(managed), managed.bot
    assert bot is not None
    assert not people("bot", action="kill")["bot"]["running"]
    assert (bot.exit_code, bot.state) == (-signal.SIGKILL, "It was killed by signal 9.")
    eventually(lambda: not managed.store.bot_connected, within=1)
    people("bot", action="start")
    eventually(lambda: managed.store.bot_connected, within=10)


def test_the_bot_can_end_by_itself(managed: Sandbox) -> None:
    assert managed.bot is not None
    People(managed)("bot", action="stop")
    assert (managed.bot.exit_code, managed.bot.state) == (3, "It exited with code 3.")


def test_a_bot_that_does_not_end_by_itself_is_killed() -> None:
    async def scene() -> int | None:
        bot = BotProcess([sys.executable, "-c", STUBBORN])
        await bot.start()
        async with asyncio.timeout(10):
            while not bot.log:  # noqa: ASYNC110 - lines have no event of their own
                await asyncio.sleep(0.01)
        await bot.stop(within=0.2)
        return bot.exit_code

    assert asyncio.run(scene()) == -signal.SIGKILL


RUN = """
import sys
from pathlib import Path
from sandbox.main import run
manifest, data_dir, port, bot = sys.argv[1:]
argv = [sys.executable, "-c", bot]
sys.exit(run(Path(manifest), data_dir=Path(data_dir), port=int(port), bot_argv=argv, bot_env={}))
"""


def in_foreground(data: Path, port: int, bot: str = BOT) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", RUN, str(MANIFEST), str(data), str(port), bot]
    root = MANIFEST.parent
    return subprocess.Popen(
        argv,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_foreground_prints_the_url_first_and_nothing_else_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    with in_foreground(tmp_path / "data", 0) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Muster's sandbox: http://127.0.0.1:")
        eventually(lambda: _is_connected(line.split()[-1]))
        process.send_signal(number)
        rest, errors = process.communicate(timeout=15)
        assert (process.returncode, rest, errors) == (0, "", "")


def _is_connected(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/_control/state") as answer:
        return bool(json.load(answer)["bot"]["connected"])


def test_a_taken_port_gets_a_line_and_exit_code_1(tmp_path: Path, taken_port: int) -> None:
    with in_foreground(tmp_path, taken_port) as process:
        output, errors = process.communicate(timeout=15)
    assert (process.returncode, output) == (1, "")
    taken = f"Port {taken_port} is already in use."
    assert errors == f"{taken} Stop the program that uses it, or set PORT to another number.\n"


def test_a_bot_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with in_foreground(tmp_path, 0, "print('settings are missing'); raise SystemExit(2)") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Muster's sandbox:")
        assert process.stderr is not None
        assert "exited with code 2" in process.stderr.readline()
        process.terminate()
        # Not `communicate`, which would lose what has been read from the pipe together with that line.
        errors = process.stderr.read()
        process.wait(15)
    assert "settings are missing" in errors


def test_an_idle_sandbox_uses_next_to_no_processor_time(managed: Sandbox) -> None:
    before = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - before < 0.2
