"""Catching up with a long history is given back between two batches when the bot stops."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from slack_sdk import WebClient

from bot.domain.effects import CatchUp
from bot.domain.outbox import Claimed
from bot.effects.failures import CallFailed
from bot.effects.history import HistoryPerformers
from bot.effects.slack import Slack
from bot.operations.action_items import ActionItemTracker
from bot.operations.deliveries import Deliveries
from bot.operations.timeline import TimelineRecorder
from tests.domain.examples import NOW, incident


def test_a_bot_that_stops_begins_no_other_batch() -> None:
    written = [{"ts": f"1700000000.{n:06}", "user": "U1", "text": "it is down"} for n in range(900)]
    client = Mock(spec=WebClient)
    client.conversations_history.return_value.data = {"messages": written}
    slack = Slack(client, lambda: NOW)
    deliveries = Mock(spec=Deliveries, clock=lambda: NOW)
    deliveries.incident.return_value = incident(channel_id="C1")
    recorder = Mock(spec=TimelineRecorder)
    recorder.catch_up.side_effect = lambda *_: slack.stop()
    history = HistoryPerformers(slack, deliveries, recorder, lambda: None, Mock(spec=ActionItemTracker))
    with pytest.raises(CallFailed) as caught:
        history.catch_up(CatchUp(1), Mock(spec=Claimed))
    assert caught.value.code == "stopping"
    assert recorder.catch_up.call_count == 1
