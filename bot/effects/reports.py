"""Reports of what failed for good, to those who lead the incident or to whoever asked for it."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.planned import failures_key, personal_failures_key
from bot.domain.outbox.effects import ReportFailures, TellAsker
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.channels import existing
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads
from bot.views.answers import failures


class ReportPerformers:
    """Performs the effects that report failures."""

    def __init__(self, slack: Slack, facts: PerformerReads, posts: PostPerformers) -> None:
        self._slack, self._facts, self._posts = slack, facts, posts

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {ReportFailures: self.report, TellAsker: self.report}

    def report(self, effect: ReportFailures | TellAsker, row: Claimed) -> Outcome:
        """Report failures to those who lead the incident, or to whoever asked, in one message.

        Nobody is notified of an edit: if something new was given up, a new message replaces the earlier one.
        Only people who may still see a private incident get its report.
        """
        incident = existing(self._facts, effect.incident_id)
        key, people = self._audience(effect, incident)
        place = self._facts.where(key)
        if place and not self._may_be_read(place[0], incident, people):
            self._take_down(key, place)
            place = None
        if not people:
            return None
        report = self._facts.failures(incident, people[0], key)
        shown = None if report.has_news else place
        if shown is None and not report.dead:
            return None
        channel = shown[0] if shown else self._slack.direct_channel(people[0])
        message = failures(incident, report.dead, report.trying)
        episode = f"{key}/{'.'.join(sorted(report.said))}"
        ts = self._posts.edit_or_post(row, shown, episode, channel, message, row.created_at)
        if place and report.has_news:
            # Only now: if posting has to wait, the earlier report still stands and is edited in the end.
            self._posts.takedown.delete(*place)
        self._facts.has_told(key, report.said)
        if not report.dead and not report.trying:
            self._facts.forget(key)
            return None
        return MessagePosted(key, channel, ts)

    def _audience(self, effect: ReportFailures | TellAsker, incident: Incident) -> tuple[str, list[str]]:
        """The key of the report, and the people who may read it; the first one gets it."""
        if isinstance(effect, ReportFailures):
            return failures_key(incident.id), self._facts.whom_to_tell(incident)
        may_see = self._facts.may_see(incident.id, effect.user_id)
        return personal_failures_key(incident.id, effect.user_id), [effect.user_id] if may_see else []

    def _take_down(self, key: str, place: tuple[str, str]) -> None:
        """Delete a report."""
        self._posts.takedown.delete(*place)
        self._facts.forget(key)

    def _may_be_read(self, channel: str, incident: Incident, people: list[str]) -> bool:
        """Whether the reader of a report in that channel may still see the incident."""
        return not incident.is_private or any(self._slack.direct_channel(each) == channel for each in people)
