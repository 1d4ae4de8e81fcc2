"""What listeners may use: the operations, and a way to open forms. Wired in :mod:`bot.bootstrap`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from slack_bolt import BoltContext

from bot.domain.surface.answers import Answer
from bot.domain.surface.forms import FormStart
from bot.operations.action_items import ActionItemTracker
from bot.operations.answers import Answers
from bot.operations.channels import Channels
from bot.operations.deliveries import Deliveries
from bot.operations.duties import PostmortemDuties
from bot.operations.five_whys import FiveWhysFacilitator
from bot.operations.incidents import IncidentManager
from bot.operations.meetings import PostmortemMeetings
from bot.operations.people import People
from bot.operations.postmortems import PostmortemManager
from bot.operations.privacy import ChannelPrivacy
from bot.operations.reminding import Reminders
from bot.operations.settings import WorkspaceSettings
from bot.operations.time_blocks import TimeBlocks
from bot.operations.timeline import TimelineRecorder

AFTER_ACK = "after_ack"


class Forms(Protocol):
    """Opens forms and turns pages, soon and on other threads."""

    def open(self, trigger_id: str, start: FormStart, *, user_id: str, channel_id: str) -> None:
        """Open the form, or send a button that opens it."""

    def replace(self, response_url: str, answer: Answer, *, user_id: str) -> None:
        """Show somebody another answer in place of the one with the clicked button."""

    def close(self) -> None:
        """Finish what has begun."""


@dataclass(frozen=True, slots=True)
class Services:
    """All of it."""

    incidents: IncidentManager
    items: ActionItemTracker
    whys: FiveWhysFacilitator
    postmortems: PostmortemManager
    duties: PostmortemDuties
    meetings: PostmortemMeetings
    blocks: TimeBlocks
    settings: WorkspaceSettings
    reminders: Reminders
    channels: Channels
    privacy: ChannelPrivacy
    recorder: TimelineRecorder
    answers: Answers
    people: People
    deliveries: Deliveries
    forms: Forms


def after_ack(context: BoltContext, work: Callable[[], None]) -> None:
    """Have ``work`` done once Slack has its ack: nothing touches the network before."""
    context.setdefault(AFTER_ACK, []).append(work)
