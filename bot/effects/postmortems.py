"""Postmortems in Slack: message, document, summary, exports, reminders."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.kit.errors import NoPostmortem, UnknownRef
from bot.domain.kit.json import Json
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import (
    AnnouncePostmortem,
    PublishPostmortem,
    RemindOfPostmortem,
    SendExport,
    ShowPostmortem,
    TellPostmortemOwner,
    TellWaived,
)
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.planned import message_key, summary_key
from bot.effects.channels import channel_of, existing
from bot.effects.failures import CallFailed, accepting
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads
from bot.operations.postmortems.manage import PostmortemManager
from bot.operations.postmortems.reminders import PostmortemDuties
from bot.views.kit.emoji import with_emoji
from bot.views.postmortems.exports import EXPORTS, canvas_markdown, cut_for_canvas, fits_canvas, markdown
from bot.views.postmortems.messages import (
    postmortem_message,
    reminder_message,
    summary_message,
    told_owner,
    waived_message,
)

_FALLBACK = (
    "Canvases aren't available here, so the document is a file in this channel. Each change replaces it."
)


class PostmortemPerformers:
    """Performs the effects that concern postmortems."""

    def __init__(
        self,
        slack: Slack,
        facts: PerformerReads,
        posts: PostPerformers,
        manager: PostmortemManager,
        duties: PostmortemDuties,
        announcements: Callable[[], str],
    ) -> None:
        self._slack, self._facts, self._posts = slack, facts, posts
        self._manager, self._duties, self._announcements = manager, duties, announcements

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            ShowPostmortem: self.show,
            PublishPostmortem: self.publish,
            AnnouncePostmortem: self.announce,
            SendExport: self.send_export,
            TellWaived: self.tell_waived,
            TellPostmortemOwner: self.tell_owner,
            RemindOfPostmortem: self.remind,
        }

    def show(self, effect: ShowPostmortem, row: Claimed) -> Outcome:
        """Post the postmortem's message or update it."""
        document = self._document(effect.incident_id)
        key, channel = message_key(effect.incident_id), channel_of(document.incident)
        missing = self._manager.missing(effect.incident_id, viewer=SYSTEM)
        fallback = _FALLBACK if document.postmortem.file_id else ""
        message = postmortem_message(document, missing, fallback)
        ts = self._posts.show(row, key, channel, message, document.postmortem.created_at)
        return MessagePosted(key, channel, ts)

    def publish(self, effect: PublishPostmortem, row: Claimed) -> Outcome:
        """Write the canvas; once Slack has refused one, upload a file instead and delete earlier ones."""
        document = self._document(effect.incident_id)
        channel_of(document.incident)
        if document.postmortem.file_id is None:
            with accepting(Meaning.FALL_BACK):
                self._write_canvas(document, row)
                return None
        self._replace_file(document)
        return None

    def announce(self, effect: AnnouncePostmortem, row: Claimed) -> Outcome:
        """Post the incident's outcome in the announcements channel, or update it.

        Nothing is posted before the postmortem is final; if the incident became private, nothing is left.
        """
        document, key = self._document(effect.incident_id), summary_key(effect.incident_id)
        if document.incident.is_private:
            self._posts.retract(row, key, document.postmortem.created_at)
            return None
        place = self._facts.where(key)
        if place is None and not document.postmortem.is_final:
            return None
        channel = place[0] if place else self._announcements()
        since = document.postmortem.created_at
        return MessagePosted(
            key, channel, self._posts.show(row, key, channel, summary_message(document), since)
        )

    def send_export(self, effect: SendExport, row: Claimed) -> Outcome:
        """Send the file, unless an earlier attempt with an unknown outcome already has."""
        try:
            document = self._manager.document(effect.incident_id, viewer=effect.user_id)
        except UnknownRef:
            # They have left the private channel since they asked.
            return None
        channel = self._slack.direct_channel(effect.user_id)
        name = f"{document.incident.ref}-postmortem.{effect.kind}"
        if row.look_first and any(
            each["name"] == name and float(each.get("created") or 0) >= row.created_at.timestamp() - 1
            for each in self._own_files(channel)
        ):
            return None
        self._upload(channel, name, EXPORTS[effect.kind](document), document.postmortem.title)
        return None

    def tell_waived(self, effect: TellWaived, row: Claimed) -> Outcome:
        """Say in the channel that there will be no postmortem, and why."""
        incident, duty = existing(self._facts, effect.incident_id), self._duties.get(effect.incident_id)
        if duty is None or duty.waived_by is None:
            return None
        channel = channel_of(incident)
        message = waived_message(incident, duty.waived_by, duty.waived_because or "")
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))

    def tell_owner(self, effect: TellPostmortemOwner, row: Claimed) -> Outcome:
        """Notify the new owner, unless the postmortem has been handed over again since."""
        incident = existing(self._facts, effect.incident_id)
        if not self._facts.may_see(incident.id, effect.user_id):
            return None
        found = self._manager.get_postmortem(effect.incident_id, viewer=SYSTEM)
        if found is None or found.owner_id != effect.user_id:
            return None
        channel, message = self._slack.direct_channel(effect.user_id), told_owner(incident, effect.by)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))

    def remind(self, effect: RemindOfPostmortem, row: Claimed) -> Outcome:
        """Remind somebody of the postmortem, unless it is complete or has been waived."""
        incident = existing(self._facts, effect.incident_id)
        if not self._facts.may_see(incident.id, effect.user_id):
            return None
        found = self._manager.get_postmortem(effect.incident_id, viewer=SYSTEM)
        duty = self._duties.get(effect.incident_id)
        if (found and found.is_final) or duty is None or duty.waived_by:
            return None
        channel = self._slack.direct_channel(effect.user_id)
        message = reminder_message(incident, has_begun=found is not None)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))

    def _write_canvas(self, document: Document, row: Claimed) -> None:
        """Write the document to the channel's canvas; raises :class:`CallFailed`."""
        found, content = document.postmortem, {"type": "markdown", "markdown": self._canvas_text(document)}
        if found.canvas_id:
            self._edit_canvas(found.canvas_id, content)
            return
        channel = channel_of(document.incident)
        try:
            made = self._slack.call(
                "conversations.canvases.create", channel_id=channel, document_content=content
            )
        except CallFailed as error:
            canvas = self._made_before(channel, row, error)
            if canvas is None:
                raise
            self._edit_canvas(canvas, content)
        else:
            canvas = str(made["canvas_id"])
        self._manager.note_canvas(found.id, canvas)

    def _made_before(self, channel: str, row: Claimed, error: CallFailed) -> str | None:
        """The canvas that an earlier attempt created whose answer was lost, or ``None``."""
        if error.code != "channel_canvas_already_exists" or not row.look_first:
            return None
        info = self._slack.call("conversations.info", channel=channel)
        canvas = ((info["channel"].get("properties") or {}).get("canvas") or {}).get("file_id")
        return str(canvas) if canvas else None

    def _canvas_text(self, document: Document) -> str:
        """What the canvas says: the document or, if it is too long, its beginning and a link to a file."""
        text = canvas_markdown(document)
        if fits_canvas(text):
            return text
        whole = self._put_file(document)
        return cut_for_canvas(text, str(whole.get("permalink") or document.channel_link or ""))

    def _edit_canvas(self, canvas: str, content: dict[str, str]) -> None:
        change = {"operation": "replace", "document_content": content}
        self._slack.call("canvases.edit", canvas_id=canvas, changes=[change])

    def _replace_file(self, document: Document) -> None:
        is_first = document.postmortem.file_id is None
        self._manager.note_file(document.postmortem.id, str(self._put_file(document)["id"]))
        if is_first:
            self._manager.show_again(document.incident.id)

    def _put_file(self, document: Document) -> Json:
        """Upload the whole document to the channel, and delete the earlier ones there; returns the file."""
        channel, name = channel_of(document.incident), f"{document.incident.ref}-postmortem.md"
        made = self._upload(channel, name, markdown(document), document.postmortem.title)
        for each in self._own_files(channel):
            if each["name"] == name and each["id"] != made["id"]:
                with accepting(Meaning.FALL_BACK):
                    self._slack.call("files.delete", file=each["id"])
        return made

    def _upload(self, channel: str, name: str, content: str, title: str) -> Json:
        answer = self._slack.call(
            "files.upload_v2", channel=channel, filename=name, content=content, title=with_emoji(title)
        )
        made: Json = answer["files"][0]
        return made

    def _own_files(self, channel: str) -> list[Json]:
        me, found = self._slack.call("auth.test")["user_id"], list[Json]()
        with accepting(Meaning.FALL_BACK):
            found += self._slack.call("files.list", channel=channel, user=me).get("files") or ()
        return found

    def _document(self, incident_id: int) -> Document:
        try:
            return self._manager.document(incident_id, viewer=SYSTEM)
        except NoPostmortem as error:
            raise AssertionError("a postmortem stays once it is there") from error
