"""Opens forms and turns pages: what somebody waits for after a click, and can get again by clicking again.

These aren't outbox rows: they run after the ack, on a small pool of their own, since a form must open within
three seconds of the click. If Slack doesn't take one, a row sends a message instead:
https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from bot.codec import form_to_json
from bot.domain.action_items.model import ActionItem
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import BotError, NoPostmortem
from bot.domain.postmortems.model import Postmortem, Section
from bot.domain.surface.answers import Answer, FormOffer, Sentence
from bot.domain.surface.forms import (
    ActionStart,
    ChecklistStart,
    CompleteStart,
    CorrectionStart,
    CurateStart,
    DeclareStart,
    EditItemStart,
    EditStart,
    FiveWhysStart,
    FormStart,
    HandOverRoleStart,
    HandOverStart,
    LessonStart,
    MeetingStart,
    PageStart,
    PickTimeStart,
    PostmortemOwnerStart,
    PostmortemTextStart,
    ProjectStart,
    ReassignStart,
    RedateStart,
    ReopenStart,
    SettingsStart,
    SnoozeStart,
    UpdateStart,
    WaiveStart,
)
from bot.domain.surface.originals import Original
from bot.effects.clients import Webhook
from bot.effects.failures import CallFailed, from_exception
from bot.effects.slack import Slack
from bot.network import Network
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.answers import Answers
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.checklists.settings import ChecklistTemplates
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.incidents.roles import IncidentRoles
from bot.operations.pages.manage import IncidentPages
from bot.operations.postmortems.manage import PostmortemManager
from bot.operations.projects.manage import Projects
from bot.operations.settings import WorkspaceSettings
from bot.operations.updates.manage import IncidentUpdates
from bot.views.action_items.forms import action_form, edit_item_form, reassign_form, redate_form, snooze_form
from bot.views.answers import render, sentence_message
from bot.views.calendar.meeting_forms import meeting_form, pick_form
from bot.views.checklists.settings import checklist_form
from bot.views.five_whys.forms import hand_over_form, whys_form
from bot.views.incidents.forms import declare_form, edit_form, reopen_form
from bot.views.incidents.roles import hand_over_role_form
from bot.views.kit.errors import sentence
from bot.views.kit.form_parts import carrying_home
from bot.views.kit.message import Block, Message
from bot.views.pages.forms import page_form
from bot.views.postmortems.forms import (
    complete_form,
    curate_form,
    lesson_form,
    owner_form,
    text_form,
    waive_form,
)
from bot.views.projects.forms import project_form
from bot.views.settings_form import settings_form
from bot.views.updates.forms import correction_form, update_form

log = structlog.get_logger(__name__)
_POOL_SIZE = 8
"""Threads: forms that open at the same time don't wait for one another."""
_TIMEOUT = 5
"""Seconds to replace an answer, for which somebody waits."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The operations that forms are filled from."""

    answers: Answers
    items: ActionItemTracker
    whys: FiveWhysFacilitator
    postmortems: PostmortemManager
    settings: WorkspaceSettings
    meetings: PostmortemMeetings
    updates: IncidentUpdates
    roles: IncidentRoles
    projects: Projects
    pages: IncidentPages
    checklists: ChecklistTemplates

    def incident(self, start: Any, viewer: str) -> Incident:
        """The incident that the form is about; raises ``UnknownRef``."""
        return self.answers.incident(start.incident_id, viewer)

    def item(self, start: Any, viewer: str) -> ActionItem:
        """The action item that the form is about; raises ``UnknownRef``."""
        return self.items.get_action_item(start.item_id, viewer=viewer)

    def postmortem(self, start: Any, viewer: str) -> tuple[Postmortem, Incident]:
        """The postmortem that the form is about; raises ``UnknownRef`` or ``NoPostmortem``."""
        incident = self.incident(start, viewer)
        found = self.postmortems.get_postmortem(incident.id, viewer=viewer)
        if found is None:
            raise NoPostmortem(ref=incident.ref)
        return found, incident


class Forms:
    """Opens forms and replaces answers in place."""

    def __init__(
        self,
        slack: Slack,
        network: Network,
        answers: Answers,
        sources: Sources,
    ) -> None:
        self._slack, self._network, self._sources = slack, network, sources
        self._answers = answers
        self._pool = ThreadPoolExecutor(_POOL_SIZE, thread_name_prefix="forms")

    def open(
        self,
        trigger_id: str,
        start: FormStart,
        *,
        user_id: str,
        channel_id: str,
        home: Original | None = None,
    ) -> None:
        """Open the form soon; if Slack refuses, as when the trigger has expired, send a button instead.

        ``home`` is the answer to refresh after a submission, which carries it.
        """
        self._pool.submit(self._guarded, self._open, trigger_id, start, user_id, channel_id, home)

    def replace(self, original: Original, answer: Answer, *, user_id: str, key: str) -> None:
        """Replace the answer whose button was clicked with another one, or send that as a new message.

        ``key`` is the request's: however often Slack delivers it, at most one new message comes.
        """
        self._pool.submit(self._guarded, self._replace, original, answer, user_id, key)

    def close(self) -> None:
        """Finish what has been started, and drop the rest."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _open(
        self, trigger_id: str, start: FormStart, user_id: str, channel_id: str, home: Original | None
    ) -> None:
        try:
            view = OPENED[type(start)](self._sources, start, user_id)
            view = carrying_home(view, home) if home else view
            self._slack.call("views.open", trigger_id=trigger_id, view=view)
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

    def _replace(self, original: Original, answer: Answer, user_id: str, key: str) -> None:
        """Slack may have replaced it without our hearing of it: then the person sees the answer twice."""
        code = self._refusal(original.response_url, answer, user_id)
        if code:
            log.info("answer not replaced", code=code)
            self._answers.send(
                answer,
                to=user_id,
                channel_id=original.channel_id,
                thread_ts=original.thread_ts,
                key=f"replace/{key}",
            )

    def _refusal(self, response_url: str, answer: Answer, user_id: str) -> str:
        """Why the answer can't be shown there, or nothing if it is."""
        try:
            shown = self._message(answer, user_id).arguments()
            client = Webhook(self._network, response_url, timeout=_TIMEOUT)
            status = client.send(replace_original=True, **shown).status_code
        except Exception as error:  # noqa: BLE001 - whatever went wrong, somebody waits for an answer
            return from_exception(error).code
        return "" if status == 200 else f"http_{status}"

    def _message(self, answer: Answer, user_id: str) -> Message:
        try:
            return render(self._answers.load(answer, user_id))
        except BotError as error:
            return sentence_message(Sentence(sentence(error)))

    def _guarded(self, work: Any, *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - the end of a thread
            # Nobody waits for this thread's result, so only the log can say what went wrong.
            log.error("form or page failed", error=type(error).__name__)


def _declare(sources: Sources, start: DeclareStart, viewer: str) -> Block:
    found = sources.answers.declaring(start, viewer)
    return declare_form(found.start, found.recent, found.newest)


def _action(sources: Sources, start: ActionStart, viewer: str) -> Block:
    sources.incident(start, viewer)
    return action_form(start)


def _owner(sources: Sources, start: PostmortemOwnerStart, viewer: str) -> Block:
    incident = sources.incident(start, viewer)
    return owner_form(incident, sources.postmortems.get_postmortem(incident.id, viewer=viewer))


def _text(sources: Sources, start: PostmortemTextStart, viewer: str) -> Block:
    return text_form(*sources.postmortem(start, viewer), Section(start.section))


def _complete(sources: Sources, start: CompleteStart, viewer: str) -> Block:
    _found, incident = sources.postmortem(start, viewer)
    return complete_form(incident, sources.postmortems.missing(incident.id, viewer=viewer))


def _pick(sources: Sources, start: PickTimeStart, viewer: str) -> Block:
    return pick_form(sources.meetings.get_meeting(start.meeting_id, viewer=viewer))


def _correction(sources: Sources, start: CorrectionStart, viewer: str) -> Block:
    update = sources.updates.correctable(start.incident_id, start.number, viewer=viewer)
    return correction_form(sources.incident(start, viewer), update)


OPENED: Mapping[type[FormStart], Callable[[Sources, Any, str], Block]] = {
    DeclareStart: _declare,
    EditStart: lambda sources, start, viewer: edit_form(sources.incident(start, viewer)),
    ReopenStart: lambda sources, start, viewer: reopen_form(sources.incident(start, viewer)),
    ActionStart: _action,
    EditItemStart: lambda sources, start, viewer: edit_item_form(sources.item(start, viewer)),
    ReassignStart: lambda sources, start, viewer: reassign_form(sources.item(start, viewer)),
    RedateStart: lambda sources, start, viewer: redate_form(sources.item(start, viewer)),
    SnoozeStart: lambda sources, start, viewer: snooze_form(sources.item(start, viewer)),
    SettingsStart: lambda sources, start, viewer: settings_form(
        sources.settings.form(start.group, by=viewer)
    ),
    FiveWhysStart: lambda sources, start, viewer: whys_form(start, sources.incident(start, viewer), viewer),
    HandOverStart: lambda sources, start, viewer: hand_over_form(
        sources.whys.get_analysis(start.analysis_id, viewer=viewer)
    ),
    HandOverRoleStart: lambda sources, start, viewer: hand_over_role_form(
        sources.roles.handing_over(start.incident_id, start.role, viewer=viewer)
    ),
    PageStart: lambda sources, start, viewer: page_form(
        sources.pages.calling(start.incident_id, viewer=viewer)
    ),
    PostmortemTextStart: _text,
    LessonStart: lambda sources, start, viewer: lesson_form(start, sources.postmortem(start, viewer)[0]),
    CurateStart: lambda sources, start, viewer: curate_form(sources.postmortem(start, viewer)[1]),
    PostmortemOwnerStart: _owner,
    CompleteStart: _complete,
    WaiveStart: lambda sources, start, viewer: waive_form(sources.incident(start, viewer)),
    MeetingStart: lambda sources, start, viewer: meeting_form(
        sources.meetings.defaults(start.incident_id, viewer=viewer)
    ),
    PickTimeStart: _pick,
    UpdateStart: lambda sources, start, viewer: update_form(
        sources.updates.opening(start.incident_id, viewer=viewer)
    ),
    CorrectionStart: _correction,
    ProjectStart: lambda sources, start, viewer: project_form(sources.projects.opening(start, by=viewer)),
    ChecklistStart: lambda sources, start, viewer: checklist_form(
        sources.checklists.form(start.key, by=viewer)
    ),
}
"""How each form is filled when it opens; a test checks that no form is missing."""
