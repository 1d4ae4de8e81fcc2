"""What an incident gets from its project: bookmarks, a post in its home channel, and who comes."""

from __future__ import annotations

from bot.domain.incidents.comers import everybody
from bot.domain.incidents.planned import offer_key
from bot.domain.outbox.effects import AnnounceAtHome, BookmarkLink, OfferComers
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.domain.projects.model import Link
from bot.effects.channels import channel_of, existing
from bot.effects.failures import accepting
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack
from bot.operations.incidents.comers import Comers
from bot.operations.performer_reads import PerformerReads
from bot.views.incidents.card import announcement
from bot.views.incidents.comers import offer_message


class ProjectPerformers:
    """Performs the effects that concern an incident's project."""

    def __init__(self, slack: Slack, facts: PerformerReads, posts: PostPerformers, comers: Comers) -> None:
        self._slack, self._facts, self._posts, self._comers = slack, facts, posts, comers

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            BookmarkLink: self.bookmark,
            AnnounceAtHome: self.announce_at_home,
            OfferComers: self.offer,
        }

    def bookmark(self, effect: BookmarkLink, row: Claimed) -> Outcome:
        """Bookmark the link, unless it already is; if Slack refuses, the card still has the link.

        The channel is new, so only a second attempt looks first, which saves declarations a call.
        """
        incident = existing(self._facts, effect.incident_id)
        channel, links = channel_of(incident), self._facts.links(incident)
        if effect.number >= len(links):
            return None
        link = links[effect.number]
        with accepting(Meaning.FALL_BACK):
            if not row.look_first or not self._is_there(channel, link):
                self._slack.call(
                    "bookmarks.add", channel_id=channel, title=link.name, type="link", link=link.url
                )
        return None

    def _is_there(self, channel: str, link: Link) -> bool:
        found = self._slack.call("bookmarks.list", channel_id=channel).get("bookmarks") or ()
        return any((each.get("title"), each.get("link")) == (link.name, link.url) for each in found)

    def announce_at_home(self, effect: AnnounceAtHome, row: Claimed) -> Outcome:
        """Post the announcement in the home channel or update it; delete it if the incident became private.

        The announcements channel itself already has its announcement.
        """
        incident = existing(self._facts, effect.incident_id)
        key, home = f"{incident.ref}/home", incident.home_channel
        if incident.is_private:
            self._posts.takedown.remove(row, key, home, incident.created_at)
            return None
        if home is None or home == self._posts.known_announcements_channel():
            return None
        message = announcement(incident, self._facts.roles(incident).supporting)
        return MessagePosted(key, home, self._posts.show(row, key, home, message, incident.created_at))

    def offer(self, effect: OfferComers, row: Claimed) -> Outcome:
        """Ask whom to bring in, or show on that question what has been decided."""
        incident = existing(self._facts, effect.incident_id)
        key, channel = offer_key(incident.id), channel_of(incident)
        parties = self._comers.offered(incident.id)
        place = self._posts.whereabouts(row, key, channel, incident.created_at)
        if place is None and not everybody(parties):
            return None
        message = offer_message(incident, parties)
        ts = self._posts.edit_or_post(row, place, key, channel, message, incident.created_at)
        return MessagePosted(key, channel, ts)
