"""What a message in the thread of a five-whys session is: a decision, made once and applied elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.five_whys.model import (
    MAX_WHYS,
    FiveWhysAnalysis,
    is_discussion,
    names_a_person,
    question_about,
)
from bot.domain.five_whys.tree import answers_what, depth_of
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.people import Person
from bot.domain.kit.references import Names


@dataclass(frozen=True, slots=True)
class Heard:
    """What has to be known about a message besides its text."""

    writer: Person | None
    may_see: bool
    """Whether the writer may know of the incident."""
    is_taken: bool
    """Whether the message is already an answer."""
    is_to_a_bot: bool
    """Whether it begins with a mention of a bot."""
    asked_at: str | None
    """The ts of the question about the current answer, if it was posted."""
    names: Names


@dataclass(frozen=True, slots=True)
class Talk:
    """The message is only discussion: nothing follows from it."""


@dataclass(frozen=True, slots=True)
class FromAGuest:
    """The message's writer may not answer, and is told so."""


@dataclass(frozen=True, slots=True)
class DeepEnough:
    """The session asks no further there, and the message's writer is told so."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The message's files belong to the current answer."""


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """The message answers a question."""

    parent_id: int | None
    """The answer that was asked about; ``None`` for the problem itself."""
    question: str
    is_late: bool
    """Whether its writer had not seen the latest question yet."""
    names_a_person: bool
    """Whether it seems to blame somebody, which its writer is asked to reconsider."""


Decision = Talk | FromAGuest | DeepEnough | Evidence | NewAnswer


def decide(analysis: FiveWhysAnalysis, message: PostedMessage, heard: Heard) -> Decision:
    """What a reply in the thread of an active session is."""
    writer = heard.writer
    if heard.is_taken or writer is None or writer.is_bot or not heard.may_see:
        return Talk()
    if not writer.may_act:
        return FromAGuest()
    if is_discussion(message.text, heard.names) or heard.is_to_a_bot:
        is_evidence = message.files and not message.text.strip().startswith("//")
        return Evidence() if is_evidence else Talk()
    return answer(analysis, message, heard.asked_at, heard.names)


def answer(
    analysis: FiveWhysAnalysis, message: PostedMessage, asked_at: str | None, names: Names
) -> NewAnswer | DeepEnough:
    """The message as an answer to the question that its writer had seen, or that the tree is deep enough."""
    parent_id, is_late = answers_what(analysis, asked_at, message.ts)
    if depth_of(analysis, parent_id) >= MAX_WHYS:
        return DeepEnough()
    about = analysis.whys[parent_id].answer if parent_id else analysis.problem
    question = question_about(about, names)
    return NewAnswer(parent_id, question, is_late, names_a_person(message.text))
