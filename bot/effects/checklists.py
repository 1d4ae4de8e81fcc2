"""Checklists in incidents' channels, and the nudges in their threads."""

from __future__ import annotations

from bot.domain.checklists.planned import checklist_key, nudge_key
from bot.domain.outbox.effects import NudgeChecklist, ShowChecklist
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.channels import channel_of
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.operations.checklists.reads import ChecklistReads
from bot.operations.performer_reads import PerformerReads
from bot.views.checklists.messages import checklist_message, nudge_message


class ChecklistPerformers:
    """Performs the effects that concern checklists."""

    def __init__(self, facts: PerformerReads, posts: PostPerformers, reads: ChecklistReads) -> None:
        self._facts, self._posts, self._reads = facts, posts, reads

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {ShowChecklist: self.show, NudgeChecklist: self.nudge}

    def show(self, effect: ShowChecklist, row: Claimed) -> Outcome:
        """Post the list or update it; the timeline entry of somebody who posted it links to the message."""
        found = self._reads.checklist(effect.incident_id, effect.checklist_id)
        if found is None:
            return None
        incident, posted = found
        key, channel = checklist_key(incident.id, posted.id), channel_of(incident)
        ts = self._posts.show(row, key, channel, checklist_message(incident, posted), posted.at)
        return MessagePosted(key, channel, ts, entry_id=posted.entry_id)

    def nudge(self, effect: NudgeChecklist, row: Claimed) -> Outcome:
        """Nudge in the list's thread, or show on the nudge what has been done since.

        Nothing is posted if there is no longer any need: nothing is open, or the incident is over.
        """
        found = self._reads.nudged(effect.incident_id, effect.checklist_id)
        if found is None:
            return None
        incident, posted = found.incident, found.checklist
        key = nudge_key(incident.id, posted.id, effect.minutes)
        channel, thread = self._facts.where(checklist_key(incident.id, posted.id)) or (
            channel_of(incident),
            None,
        )
        place = self._posts.whereabouts(row, key, channel, row.created_at, thread)
        is_open = any(each.is_open for each in posted.timed(effect.minutes))
        if place is None and not (incident.is_active and is_open):
            return None
        message = nudge_message(incident, posted, effect.minutes, found.person)
        ts = self._posts.edit_or_post(row, place, key, channel, message, row.created_at, thread)
        return MessagePosted(key, channel, ts)
