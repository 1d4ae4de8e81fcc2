"""Updates Slack after people have made a channel private or public."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain, islice

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import time_of
from bot.domain.kit.json import Json
from bot.domain.messages.slack_messages import CONVERSIONS
from bot.domain.outbox.effects import AskPublic, ComparePrivacy, HideTraces, ListMembers, TellTraces
from bot.domain.outbox.retry import FailureKind
from bot.domain.outbox.rows import PUT_OFF, Claimed, MessagePosted, Outcome
from bot.domain.privacy.model import DigestSent, Trace, is_news, names_any
from bot.domain.privacy.planned import question_key
from bot.effects.channels import channel_of, existing
from bot.effects.failures import CallFailed, not_yet, suppress_final
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack, suppress_lacking
from bot.operations.incidents.channels import Channels
from bot.operations.performer_reads import PerformerReads
from bot.operations.privacy.manage import ChannelPrivacy
from bot.operations.privacy.reads import PrivacyReads
from bot.views.privacy import question_message, traces_message

_TOGETHER = 200
"""Channels compared per database query."""
_LOOKED_BACK = 200
"""The number of recent messages searched for the one about the conversion."""
_SENT_WITHIN = timedelta(seconds=2)
"""How long a message that is being sent usually takes."""
_FILES_PAGE, _FILES_PAGES = 100, 100
"""Files per page, and the most pages that are read."""


class PrivacyPerformers:
    """Performs the effects of channel conversions."""

    def __init__(
        self,
        slack: Slack,
        facts: PerformerReads,
        members: Channels,
        posts: PostPerformers,
        privacy: ChannelPrivacy,
        reads: PrivacyReads,
        bot_user_id: Callable[[], str],
    ) -> None:
        self._slack, self._facts, self._members, self._posts = slack, facts, members, posts
        self._privacy, self._reads, self._bot_user_id = privacy, reads, bot_user_id

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            ComparePrivacy: self.compare,
            ListMembers: self.list_members,
            HideTraces: self.hide,
            TellTraces: self.tell_traces,
            AskPublic: self.ask,
        }

    def compare(self, _effect: ComparePrivacy, _row: Claimed) -> Outcome:
        """Update incidents whose channel has become private or public.

        One list of all the bot's channels also covers incidents that are over, and takes one call per
        thousand channels. If the server can't list them, nothing is done.
        """
        kinds = "public_channel,private_channel"
        with suppress_lacking():
            listed = self._slack.pages("users.conversations", "channels", types=kinds)
            while together := tuple(islice(listed, _TOGETHER)):
                found = {str(each["id"]): each["is_private"] for each in together if "is_private" in each}
                for incident, is_private in self._privacy.differing(found):
                    self._follow(incident, is_private)
        return None

    def _follow(self, incident: Incident, is_private: bool) -> None:
        """Record the conversion; if Slack's message about it is recent, it says who made it, and when."""
        channel_id, found, known = channel_of(incident), list[Json](), incident.conversion
        with suppress_final():
            answer = self._slack.call("conversations.history", channel=channel_id, limit=_LOOKED_BACK)
            found += answer["messages"]
        news = (each for each in found if CONVERSIONS.get(each.get("subtype")) is is_private)
        told = next((each for each in news if is_news(known, is_private, str(each["ts"]))), None)
        by, ts = (told.get("user"), str(told["ts"])) if told else (None, "")
        self._privacy.converted(channel_id, is_private=is_private, by=by, ts=ts)

    def list_members(self, effect: ListMembers, _row: Claimed) -> Outcome:
        """Let the private channel's members see its incident, and nobody else."""
        incident, since = existing(self._facts, effect.incident_id), self._facts.clock()
        with suppress_lacking():
            found = self._slack.pages("conversations.members", "members", channel=channel_of(incident))
            self._members.set_members(incident.id, frozenset(map(str, found)), since)
        return None

    def hide(self, effect: HideTraces, row: Claimed) -> Outcome:
        """Delete what outsiders were sent, as far as possible; raises at the end if something failed.

        Whatever is being sent to one of them meanwhile is deleted at the next attempt.
        """
        incident, failed = existing(self._facts, effect.incident_id), list[CallFailed]()
        if not incident.is_private:
            return None
        self._reads.drop_subscribers(incident.id)
        self._reads.show_homes_again(self._reads.homes(incident.id), row.key)
        # Before the traces are read: what has been sent by then is one of them.
        people = self._reads.written_to(incident.id)
        for trace in chain(self._reads.traces(incident.id), self._unnoticed(incident, people)):
            try:
                self._posts.takedown.delete(trace.channel_id, trace.ts)
            except CallFailed as error:
                if error.failure.kind is not FailureKind.FINAL:
                    raise
                failed.append(error)
            else:
                self._facts.forget(trace.key)
        with suppress_lacking():
            self._delete_exports(incident)
        if any(people.values()):
            raise not_yet(PUT_OFF, self._facts.clock() + _SENT_WITHIN)
        if failed:
            raise failed[0]
        return None

    def _unnoticed(self, incident: Incident, people: Iterable[str]) -> Iterator[Trace]:
        """Messages to these people about the incident, with or without an answer to our sending them.

        They are looked for one person at a time, after the known ones have been deleted.
        """
        starts = tuple(f"{each}/" for each in self._reads.refs(incident.id))
        for user_id in people:
            found = list[Trace]()
            # Nothing can be found for somebody whose account is deactivated.
            with suppress_final():
                channel = self._slack.direct_channel(user_id)
                found += [
                    Trace(key, channel, ts, user_id)
                    for key, ts in self._slack.keyed(channel, incident.created_at)
                    if key.startswith(starts)
                ]
            yield from found

    def _delete_exports(self, incident: Incident) -> None:
        """Delete the postmortem's files, except in its channel and those sent to people who may see it."""
        insiders = self._reads.exported_to(incident.id, may_see=True)
        kept = {channel_of(incident), *map(self._slack.direct_channel, insiders)}
        for file in self._own_files():
            places = {each for kind in ("channels", "groups", "ims") for each in file.get(kind) or ()}
            if str(file.get("name") or "").startswith(f"{incident.ref}-postmortem.") and not places & kept:
                with suppress_final():
                    self._slack.call("files.delete", file=file["id"])

    def _own_files(self) -> list[Json]:
        """All of the bot's files: https://docs.slack.dev/reference/methods/files.list."""
        found, me = list[Json](), self._bot_user_id()
        for page in range(1, _FILES_PAGES + 1):
            answer = self._slack.call("files.list", user=me, count=_FILES_PAGE, page=page)
            found += answer.get("files") or ()
            if page >= int((answer.get("paging") or {}).get("pages") or 1):
                break
        return found

    def tell_traces(self, effect: TellTraces, row: Claimed) -> Outcome:
        """Send one message with what still mentions the incident.

        It goes to the commander, or else the declarer, or else the person who converted the channel.
        """
        incident = existing(self._facts, effect.incident_id)
        to = self._reads.whom_to_tell(incident)
        if to is None or not incident.is_private:
            return None
        kept, refs = self._reads.kept(incident.id), self._reads.refs(incident.id)
        kept = replace(kept, digests=tuple(self._naming(kept.digests, refs)))
        channel, key = self._slack.direct_channel(to), f"{row.key}/{to}"
        ts = self._slack.post(row, key, channel, traces_message(incident, kept))
        return MessagePosted(key, channel, ts)

    def _naming(self, digests: Iterable[DigestSent], refs: frozenset[str]) -> Iterable[DigestSent]:
        """The digests that mention one of these incidents or items, or that can't be checked."""
        for each in digests:
            messages: list[Json] | None = None
            with suppress_final():
                at = {"latest": each.ts, "oldest": each.ts, "inclusive": True, "limit": 1}
                answer = self._slack.call("conversations.history", channel=each.channel_id, **at)
                messages = answer["messages"]
            if messages is None or any(names_any(message, refs) for message in messages):
                yield each

    def ask(self, effect: AskPublic, row: Claimed) -> Outcome:
        """Ask somebody who may see the incident, or update the question with the decision."""
        incident = existing(self._facts, effect.incident_id)
        key = question_key(incident.id, effect.ts, effect.user_id)
        place = self._facts.where(key)
        if place is None and not self._facts.may_see(incident.id, effect.user_id):
            return None
        channel = place[0] if place else self._slack.direct_channel(effect.user_id)
        message, since = question_message(incident, effect.ts), time_of(effect.ts)
        return MessagePosted(key, channel, self._posts.show(row, key, channel, message, since))
