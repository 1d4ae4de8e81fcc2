"""What the guide lists is what the code has: log lines, metrics, and alerts about them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.outbox.rows import Depth, Figures
from bot.intake.http.metrics import Metrics
from bot.listeners.commands import COMMANDS
from bot.operations.outbox import Outbox
from tests.guide.pages import DOCS, ROOT, table

CODE = (ROOT / "app.py", *(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py"))
ALARMING = {"warning", "error", "exception", "critical"}


def events() -> Iterator[str]:
    """The event of each warning and error that the code logs."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ALARMING
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"log", "logger"}
            ):
                event = node.args[0]
                assert isinstance(event, ast.Constant), f"{path}:{node.lineno} logs an event that varies"
                yield str(event.value)


def test_the_runbooks_list_each_warning_and_error_in_the_log() -> None:
    page = (DOCS / "runbooks.md").read_text("utf-8").partition("\n## By log line\n")[2]
    listed = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == set(events())


class OneOfEach:
    """An outbox with a row and an incident."""

    def figures(self) -> Figures:
        return Figures((Depth("ShowCard", "dead", 1, self.clock()),), {"open": 1})

    def clock(self) -> datetime:
        return datetime(2026, 10, 20, tzinfo=UTC)


def families() -> dict[str, Any]:
    """Name -> what `/metrics` serves once everything has happened."""
    metrics = Metrics(cast("Outbox", OneOfEach()), lambda: True)
    metrics.answered("slash_commands", 200, 0.1)
    metrics.performed("ShowCard", "given up")
    metrics.reconnected()
    return {each.name: each for each in text_string_to_metric_families(metrics.page())}


def test_the_page_about_monitoring_lists_each_metric_with_its_labels() -> None:
    listed = {
        re.findall(r"`(\w+)`", name)[0].removesuffix("_total"): set(re.findall(r"`(\w+)`", labels))
        for name, labels, _ in table("monitoring.md", "Metrics")
    }
    served = {
        name: {label for sample in each.samples for label in sample.labels} - {"le"}
        for name, each in families().items()
        # The library adds when each counter began.
        if not name.endswith("_created")
    }
    assert listed == served


def test_each_alert_asks_for_metrics_and_labels_that_exist() -> None:
    page = (DOCS / "monitoring.md").read_text("utf-8")
    rules = yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0])["groups"][0]["rules"]
    samples = [sample for each in families().values() for sample in each.samples]
    labels = {name: set(each.labels) for each in samples for name in [each.name]}
    for rule in rules:
        for name, wanted in re.findall(r"(muster_\w+)(?:\{(\w+))?", rule["expr"]):
            assert name in labels, rule["alert"]
            assert not wanted or wanted in labels[name], rule["alert"]


def test_every_command_is_on_the_page_of_commands() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?) \| ", page, re.MULTILINE)
    listed = {span.split()[0] for row in rows for span in re.findall(r"`(\w[^`]*)`", row)}
    assert {each.name for each in COMMANDS if each.name} <= listed
