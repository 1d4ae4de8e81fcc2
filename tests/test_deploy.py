"""What deploys Muster fits it: settings, files, users, and the time that it needs to stop."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from googleapiclient import discovery_cache
from googleapiclient.discovery import build

from bot import process
from bot.config import SECRETS, Settings

ROOT = Path(__file__).parent.parent
KUBERNETES = ROOT / "deploy" / "kubernetes"
IMAGE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
STOPS_WITHIN = 15
SETTINGS = {name.upper() for name in Settings.model_fields} | {f"{name.upper()}_FILE" for name in SECRETS}
OF_OTHERS = {"HOME", "PATH", "PGPASSWORD", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "XDG_DATA_HOME"}


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text())["services"])


def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(ROOT / "deploy" / "systemd" / "muster.service")
    return parser["Service"]


def manifest(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((KUBERNETES / f"{name}.yaml").read_text()))


def pod_of(name: str) -> dict[str, Any]:
    return dict(manifest(name)["spec"]["template"]["spec"])


def environment_of(pod: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in pod["containers"][0]["env"]}


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", IMAGE, re.MULTILINE)


def test_nobody_kills_the_bot_while_it_stops() -> None:
    pod = pod_of("deployment")
    before = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert process.STOPPING_SECONDS < STOPS_WITHIN
    assert seconds(compose()["muster"]["stop_grace_period"]) > STOPS_WITHIN
    assert int(unit()["TimeoutStopSec"]) > STOPS_WITHIN
    assert pod["terminationGracePeriodSeconds"] > before + STOPS_WITHIN


def named_settings() -> Iterator[str]:
    yield from compose()["muster"]["environment"]
    yield from re.findall(r"(\w+)=", unit()["Environment"])
    for name in ("deployment", "migrate"):
        yield from environment_of(pod_of(name))
    for each in instructions("ENV"):
        yield from re.findall(r"(\w+)=", re.sub(r"#[^\n]*", "", each))


def test_every_setting_that_is_set_exists() -> None:
    named = {name for name in named_settings() if not name.startswith("PIP_")}
    assert {"DATABASE_URL", "METRICS_PORT", "SLACK_BOT_TOKEN_FILE"} <= named
    assert named - SETTINGS - OF_OTHERS == set()


@pytest.mark.parametrize("name", ["deployment", "migrate"])
def test_the_files_that_the_settings_name_come_from_the_secret(name: str) -> None:
    pod = pod_of(name)
    [secrets] = [each["secret"] for each in pod["volumes"] if "secret" in each]
    [mount] = [each for each in pod["containers"][0]["volumeMounts"] if each["name"] == "secrets"]
    files = {f"{mount['mountPath']}/{each['path']}" for each in secrets["items"]}
    assert files == {value for key, value in environment_of(pod).items() if key.endswith("_FILE")}
    example = manifest("secret.example")
    assert example["metadata"]["name"] == secrets["secretName"]
    assert {each["key"] for each in secrets["items"]} <= set(example["stringData"])
    assert set(example["stringData"].values()) == {""}, "an example holds no secret"


def test_each_selector_finds_the_pods_of_the_bot_and_not_those_of_the_migration() -> None:
    deployment, service = manifest("deployment"), manifest("service")
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        manifest("disruptions")["spec"]["selector"]["matchLabels"],
        deployment["spec"]["template"]["spec"]["topologySpreadConstraints"][0]["labelSelector"][
            "matchLabels"
        ],
    ]
    bot, job = (
        manifest(name)["spec"]["template"]["metadata"]["labels"] for name in ("deployment", "migrate")
    )
    for each in selectors:
        assert each.items() <= bot.items()
        assert not each.items() <= job.items()


def test_probes_and_ports_are_those_that_the_bot_listens_on() -> None:
    [container] = pod_of("deployment")["containers"]
    ports = {each["name"]: str(each["containerPort"]) for each in container["ports"]}
    known = environment_of(pod_of("deployment"))
    assert ports == {"slack": known["PORT"], "metrics": known["METRICS_PORT"]}
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("liveness", "readiness")}
    assert {name: each["path"] for name, each in probes.items()} == {
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    assert {each["port"] for each in probes.values()} == {"metrics"}
    assert manifest("service")["spec"]["ports"][0]["targetPort"] == "slack"


def test_the_same_user_that_is_not_root_runs_everywhere() -> None:
    [user] = instructions("USER")
    number, group = map(int, user.split(":"))
    for name in ("deployment", "migrate"):
        pod = pod_of(name)
        assert pod["securityContext"]["runAsNonRoot"]
        assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["fsGroup"]) == (number, group)
        assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert number > 0
    assert re.search(r"^ENV .*\bHOME=/data\b", IMAGE, re.MULTILINE | re.DOTALL), "a number has no home"
    assert f"--owner {number} --group {group} --mode 755 /data" in IMAGE
    assert all(each["read_only"] and each["cap_drop"] == ["ALL"] for each in compose().values())


def test_manifests_and_unit_start_what_there_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert Path(unit()["ExecStart"]).name in project["scripts"]
    images = {pod_of(name)["containers"][0]["image"] for name in ("deployment", "migrate")}
    assert images == {f"{project['name']}:{project['version']}"}


def test_the_image_gets_exactly_what_is_copied() -> None:
    lines = [each.split() for each in instructions("COPY") if not each.startswith("--from")]
    copied = {each for line in lines for each in line[:-1]}
    sent = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert copied == set(sent)
    assert all((ROOT / each).exists() for each in copied)


def test_the_calendar_needs_none_of_the_descriptions_that_the_image_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "venv" / "googleapiclient" / "discovery_cache" / "documents"
    folder.mkdir(parents=True)
    whole = Path(discovery_cache.DISCOVERY_DOC_DIR)
    names = [each.name for each in whole.glob("c*.json")]
    for each in names:
        (folder / each).write_bytes((whole / each).read_bytes())
    [stripping] = re.findall(r"find venv [^&\n]*-delete", IMAGE)
    subprocess.run(shlex.split(stripping), cwd=tmp_path, check=True)
    assert len(names) > 1
    assert [each.name for each in folder.iterdir()] == ["calendar.v3.json"]
    monkeypatch.setattr(discovery_cache, "DISCOVERY_DOC_DIR", str(folder))
    service = build("calendar", "v3", static_discovery=True, cache_discovery=False, developerKey="x")
    assert (
        service.events().list(calendarId="primary").uri.startswith("https://www.googleapis.com/calendar/v3/")
    )
    service.close()


def test_the_health_check_asks_the_port_of_the_image_without_a_proxy() -> None:
    [check] = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", IMAGE, re.MULTILINE)
    python, _, program = json.loads(check)
    assert python == "python"
    compile(program, "HEALTHCHECK", "exec")
    assert re.search(r"^ENV .*METRICS_PORT=\d+", IMAGE, re.MULTILINE | re.DOTALL)
