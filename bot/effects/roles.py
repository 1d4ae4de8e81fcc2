"""Messages to people about the roles that they have."""

from __future__ import annotations

from bot.domain.outbox.effects import TellRole
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.channels import existing
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads
from bot.views.incidents.roles import told_holder


class RolePerformers:
    """Performs the effects that concern roles."""

    def __init__(self, slack: Slack, facts: PerformerReads) -> None:
        self._slack, self._facts = slack, facts

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {TellRole: self.tell}

    def tell(self, effect: TellRole, row: Claimed) -> Outcome:
        """Message the holder, unless somebody else now has the role, or they may not see the incident."""
        incident = existing(self._facts, effect.incident_id)
        roles = self._facts.roles(incident)
        role = roles.named(effect.role)
        if role is None or roles.holder(role) != effect.user_id:
            return None
        if not self._facts.may_see(incident.id, effect.user_id):
            return None
        channel = self._slack.direct_channel(effect.user_id)
        message = told_holder(incident, role, effect.user_id, effect.by)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))
