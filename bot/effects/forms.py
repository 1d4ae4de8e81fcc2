"""Opening forms and turning pages: what somebody waits for right after a click, and a next click can repeat.

Nothing is lost when one of these fails, so they are no outbox rows; they run on a small pool of their own,
after the ack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.webhook import WebhookClient

from bot.codec import form_to_json
from bot.domain.action_items.model import ActionItem
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import BotError, NoPostmortem
from bot.domain.postmortems.model import Section
from bot.domain.surface.answers import Answer, FormOffer, Sentence
from bot.domain.surface.forms import (
    ActionStart,
    CompleteStart,
    CurateStart,
    DeclareStart,
    EditItemStart,
    EditStart,
    FiveWhysStart,
    FormStart,
    HandOverStart,
    ItemStart,
    LessonStart,
    MeetingForm,
    MeetingStart,
    PickTimeStart,
    PostmortemForm,
    PostmortemOwnerStart,
    PostmortemTextStart,
    ReassignStart,
    RedateStart,
    ReopenStart,
    SettingsStart,
    SnoozeStart,
    WaiveStart,
    WhysForm,
)
from bot.effects.failures import CallFailed
from bot.effects.slack import Slack
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.answers import Answers
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.deliveries import Deliveries
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.postmortems.manage import PostmortemManager
from bot.operations.settings import WorkspaceSettings
from bot.views.action_items.forms import action_form, edit_item_form, reassign_form, redate_form, snooze_form
from bot.views.answers import render, sentence_message
from bot.views.calendar.meeting_forms import meeting_form, pick_form
from bot.views.five_whys.forms import hand_over_form, whys_form
from bot.views.incidents.forms import declare_form, edit_form, reopen_form
from bot.views.kit.errors import sentence
from bot.views.kit.message import Block
from bot.views.postmortems.forms import (
    complete_form,
    curate_form,
    lesson_form,
    owner_form,
    text_form,
    waive_form,
)
from bot.views.settings import settings_form

log = structlog.get_logger(__name__)
_POOL_SIZE = 8
_TIMEOUT = 5


_OF_ITEM: Mapping[type[ItemStart], Callable[[ActionItem], Block]] = {
    EditItemStart: edit_item_form,
    ReassignStart: reassign_form,
    RedateStart: redate_form,
    SnoozeStart: snooze_form,
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What forms are filled from."""

    items: ActionItemTracker
    whys: FiveWhysFacilitator
    postmortems: PostmortemManager
    settings: WorkspaceSettings
    meetings: PostmortemMeetings


class Forms:
    """Opens forms and replaces answers in place."""

    def __init__(
        self,
        slack: Slack,
        deliveries: Deliveries,
        answers: Answers,
        sources: Sources,
    ) -> None:
        self._slack, self._settings = slack, sources.settings
        self._items, self._whys = sources.items, sources.whys
        self._postmortems, self._meetings = sources.postmortems, sources.meetings
        self._deliveries = deliveries
        self._answers = answers
        self._pool = ThreadPoolExecutor(_POOL_SIZE, thread_name_prefix="forms")

    def open(self, trigger_id: str, start: FormStart, *, user_id: str, channel_id: str) -> None:
        """Open the form soon; where the trigger has expired, a button that opens it is sent instead."""
        self._pool.submit(self._guarded, self._open, trigger_id, start, user_id, channel_id)

    def replace(self, response_url: str, answer: Answer, *, user_id: str) -> None:
        """Show somebody another answer in place of the one with the clicked button."""
        self._pool.submit(self._guarded, self._replace, response_url, answer, user_id)

    def close(self) -> None:
        """Finish what has begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _open(self, trigger_id: str, start: FormStart, user_id: str, channel_id: str) -> None:
        try:
            self._slack.call("views.open", trigger_id=trigger_id, view=self._view(start, user_id))
        except CallFailed as error:
            log.info("form not opened", code=error.code)
            instead: Answer = FormOffer(*form_to_json(start))
        except BotError as error:
            instead = Sentence(sentence(error))
        else:
            return
        self._answers.send(
            instead, to=user_id, channel_id=channel_id, thread_ts=None, key=f"form/{trigger_id}"
        )

    def _view(self, start: FormStart, user_id: str) -> Block:  # noqa: PLR0911 - a return for each form
        match start:
            case DeclareStart():
                return declare_form(start)
            case EditStart():
                return edit_form(self._incident(start.incident_id, user_id))
            case ReopenStart():
                return reopen_form(self._incident(start.incident_id, user_id))
            case ActionStart():
                self._incident(start.incident_id, user_id)
                return action_form(start)
            case SettingsStart():
                return settings_form(self._settings.get(by=user_id))
            case (
                PostmortemTextStart()
                | LessonStart()
                | CurateStart()
                | PostmortemOwnerStart()
                | CompleteStart()
                | WaiveStart()
            ):
                return self._postmortem_view(start, user_id)
            case MeetingStart() | PickTimeStart():
                return self._meeting_view(start, user_id)
            case FiveWhysStart() | HandOverStart():
                return self._whys_view(start, user_id)
            case EditItemStart() | ReassignStart() | RedateStart() | SnoozeStart():
                item = self._items.get_action_item(start.item_id, viewer=user_id)
                return _OF_ITEM[type(start)](item)

    def _meeting_view(self, start: MeetingForm, user_id: str) -> Block:
        if isinstance(start, PickTimeStart):
            return pick_form(self._meetings.get_meeting(start.meeting_id, viewer=user_id))
        return meeting_form(self._meetings.defaults(start.incident_id, viewer=user_id))

    def _whys_view(self, start: WhysForm, user_id: str) -> Block:
        if isinstance(start, HandOverStart):
            return hand_over_form(self._whys.get_analysis(start.analysis_id, viewer=user_id))
        return whys_form(start, self._incident(start.incident_id, user_id), user_id)

    def _postmortem_view(self, start: PostmortemForm, user_id: str) -> Block:
        incident = self._incident(start.incident_id, user_id)
        found = self._postmortems.get_postmortem(incident.id, viewer=user_id)
        if isinstance(start, PostmortemOwnerStart):
            return owner_form(incident, found)
        if isinstance(start, WaiveStart):
            return waive_form(incident)
        if found is None:
            raise NoPostmortem(ref=incident.ref)
        if isinstance(start, LessonStart):
            return lesson_form(start, found)
        if isinstance(start, CurateStart):
            return curate_form(incident)
        if isinstance(start, CompleteStart):
            return complete_form(incident, self._postmortems.missing(incident.id, viewer=user_id))
        return text_form(found, incident, Section(start.section))

    def _incident(self, incident_id: int, user_id: str) -> Incident:
        return self._answers.incident(incident_id, user_id)

    def _replace(self, response_url: str, answer: Answer, user_id: str) -> None:
        try:
            message = render(self._answers.load(answer, user_id))
        except BotError as error:
            message = sentence_message(Sentence(sentence(error)))
        client = WebhookClient(response_url, timeout=_TIMEOUT, retry_handlers=[])
        response = client.send(replace_original=True, **message.arguments())
        if response.status_code != 200:
            log.info("answer not replaced", status=response.status_code)

    def _guarded(self, work: Any, *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - the end of a thread
            # Nobody waits for this thread's result; the log is the only place for what went wrong.
            log.error("form or page failed", error=type(error).__name__)
