"""Five-whys sessions in Slack: their messages, the questions in their threads, the marks on replies."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.five_whys.planned import findings_key, question_key, root_key
from bot.domain.incidents.timeline import permalink
from bot.domain.outbox.effects import (
    AskWhy,
    MarkReply,
    NudgeSession,
    PostFindings,
    ShowAnalysis,
    TellFacilitator,
)
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.channels import channel_of, existing
from bot.effects.failures import accepting, not_yet
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.five_whys.reads import Place, WhysReads
from bot.operations.performer_reads import PerformerReads
from bot.views.five_whys.messages import findings, nudge, question, root_message, told_facilitator

TAKEN = "white_check_mark"
_SOON = timedelta(seconds=2)
"""When to try again what belongs in a thread whose first message hasn't been posted yet."""


class WhysPerformers:
    """Performs the effects that concern five-whys sessions."""

    def __init__(
        self,
        slack: Slack,
        facts: PerformerReads,
        posts: PostPerformers,
        whys: FiveWhysFacilitator,
        reads: WhysReads,
    ) -> None:
        self._slack, self._facts, self._posts = slack, facts, posts
        self._whys, self._reads = whys, reads

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            ShowAnalysis: self.show,
            AskWhy: self.ask,
            MarkReply: self.mark,
            PostFindings: self.post_findings,
            NudgeSession: self.nudge,
            TellFacilitator: self.tell_facilitator,
        }

    def show(self, effect: ShowAnalysis, row: Claimed) -> Outcome:
        """Post the session's message or update it."""
        shown = self._reads.session(effect.analysis_id)
        analysis, key, channel = shown.analysis, root_key(effect.analysis_id), channel_of(shown.incident)
        link = permalink(shown.team_url, *shown.former) if shown.former else None
        message = root_message(analysis, shown.team_url, shown.names, link)
        ts = self._posts.edit_or_post(row, shown.place, key, channel, message, analysis.created_at)
        if shown.place is None:
            self._whys.stands(analysis.id, None, channel, ts)
        return MessagePosted(key, channel, ts)

    def ask(self, effect: AskWhy, row: Claimed) -> Outcome:
        """Ask the question in the thread, or update it."""
        channel_of(existing(self._facts, effect.incident_id))
        shown = self._reads.question(effect.analysis_id, effect.why_id)
        analysis, key = shown.analysis, question_key(effect.analysis_id, effect.why_id)
        message, why = question(analysis, effect.why_id, shown.names), analysis.whys.get(effect.why_id)
        is_gone = why is not None and not why.is_taken
        if message is None or (shown.place is None and is_gone):
            return None
        channel, thread = self._posted(shown.thread)
        since = analysis.created_at
        ts = self._posts.edit_or_post(row, shown.place, key, channel, message, since, thread)
        if shown.place is None:
            self._whys.stands(analysis.id, effect.why_id, channel, ts)
        return MessagePosted(key, channel, ts)

    def mark(self, effect: MarkReply, _row: Claimed) -> Outcome:
        """Mark the reply if it is in the tree, unmark it if not; fine if that is already so.

        Replies count even without marks: a workspace may have declined the optional scope.
        """
        channel_of(existing(self._facts, effect.incident_id))
        is_taken = self._reads.is_taken(effect.channel_id, effect.ts)
        method = "reactions.add" if is_taken else "reactions.remove"
        with accepting(Meaning.DONE, Meaning.FALL_BACK):
            self._slack.call(method, channel=effect.channel_id, timestamp=effect.ts, name=TAKEN)
        return None

    def post_findings(self, effect: PostFindings, row: Claimed) -> Outcome:
        """Post the findings or update them."""
        shown = self._reads.session(effect.analysis_id)
        analysis, incident = shown.analysis, shown.incident
        key, channel = findings_key(analysis.id), channel_of(incident)
        message = findings(analysis, incident, shown.team_url, shown.names)
        return MessagePosted(key, channel, self._posts.show(row, key, channel, message, analysis.created_at))

    def nudge(self, effect: NudgeSession, row: Claimed) -> Outcome:
        """Ask in the thread how to continue, unless the session has ended."""
        shown = self._reads.session(effect.analysis_id)
        analysis = shown.analysis
        if not analysis.is_active:
            return None
        channel_of(existing(self._facts, effect.incident_id))
        channel, thread = self._posted(shown.place)
        message = nudge(analysis, shown.names)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message, thread))

    def tell_facilitator(self, effect: TellFacilitator, row: Claimed) -> Outcome:
        """Notify the new facilitator, unless the session has been handed over again since."""
        shown = self._reads.session(effect.analysis_id)
        is_theirs = shown.analysis.facilitator_id == effect.user_id
        if not is_theirs or not self._facts.may_see(effect.incident_id, effect.user_id):
            return None
        link = permalink(shown.team_url, *shown.place) if shown.place and shown.team_url else ""
        message = told_facilitator(shown.analysis, shown.incident, effect.by, link)
        channel = self._slack.direct_channel(effect.user_id)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))

    def _posted(self, place: Place | None) -> Place:
        if place is None:
            raise not_yet("no_thread_yet", self._facts.clock() + _SOON)
        return place
