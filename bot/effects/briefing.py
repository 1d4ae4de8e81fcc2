"""Offers people who join an incident's channel a briefing."""

from __future__ import annotations

from bot.domain.outbox.effects import OfferBriefing
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.channels import channel_of, existing
from bot.effects.failures import accepting
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads
from bot.views.incidents.briefing import offer_message


class BriefingPerformers:
    """Performs the effects that concern people who come later."""

    def __init__(self, slack: Slack, facts: PerformerReads) -> None:
        self._slack, self._facts = slack, facts

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {OfferBriefing: self.offer}

    def offer(self, effect: OfferBriefing, _row: Claimed) -> Outcome:
        """Show them the offer in the channel, and nowhere else: somebody who has left needs none."""
        incident = existing(self._facts, effect.incident_id)
        if self._facts.may_see(incident.id, effect.user_id):
            message = offer_message(incident)
            with accepting(Meaning.FALL_BACK):
                self._slack.call(
                    "chat.postEphemeral",
                    channel=channel_of(incident),
                    user=effect.user_id,
                    **message.arguments(),
                )
        return None
