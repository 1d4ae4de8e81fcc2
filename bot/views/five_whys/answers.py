"""Five whys in answers that one person sees: a session, an incident's sessions, and hints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.surface.answers import Hint, HintAbout, WhysTray
from bot.domain.surface.shown import WhysListShown, WhysOverShown, WhysTrayShown
from bot.views.five_whys.messages import session_buttons, tree_blocks
from bot.views.kit.answers import shows
from bot.views.kit.labels import ANALYSIS_STATUS
from bot.views.kit.message import Message, actions, button, context, section
from bot.views.kit.text import counted, escape, escape_within, mention

_ANSWER_SHOWN, _SESSIONS_SHOWN = 240, 15


def whys_tray(found: WhysTrayShown) -> Message:
    """A session as an answer that one person sees."""
    analysis = found.analysis
    head = f"🔎 *{analysis.ref} · {escape(analysis.problem)}*\n{ANALYSIS_STATUS[analysis.status]}"
    blocks = [section(head), *tree_blocks(analysis, "", found.names)]
    if found.link:
        blocks.append(context(f"<{found.link}|Thread> in INC-{analysis.incident_id}"))
    blocks.append(actions(*session_buttons(analysis)))
    return Message(f"{analysis.ref}: {escape(analysis.problem)}", tuple(blocks))


def whys_over(found: WhysOverShown) -> Message:
    """A hint to somebody who has answered in the thread of a session that has ended."""
    analysis = found.analysis
    text = f"{analysis.ref} has been resumed. Please write your answer again, so that it counts."
    if not analysis.is_active:
        text = (
            f"{analysis.ref} is {analysis.status.value}, so your reply isn't part of it. "
            "Resume it and write your answer again, or leave it at that."
        )
    buttons = [] if analysis.is_active else [actions(*session_buttons(analysis))]
    return Message(text, (section(text), *buttons))


def whys_list(found: WhysListShown) -> Message:
    """An incident's sessions with their status, and a button to start one."""
    incident = found.incident
    count = len(found.analyses)
    sessions = counted(count, "five-whys session") if count else "No five-whys sessions"
    title = f"{sessions} in {incident.ref}"
    blocks = [section(f"*{title}*")]
    for each in found.analyses[-_SESSIONS_SHOWN:]:
        opens = shows("Show", "show_whys", WhysTray(each.id))
        named = each.root_causes(found.names)
        causes = f" · 🎯 {escape_within('; '.join(named), 200)}" if named else ""
        text = (
            f"*{each.ref}* {escape_within(each.problem, _ANSWER_SHOWN)}\n"
            f"{ANALYSIS_STATUS[each.status]} · {mention(each.facilitator_id)}{causes}"
        )
        blocks.append(section(text, accessory=opens))
    blocks.append(actions(button("Start five whys", "start_whys", str(incident.id), "primary")))
    return Message(title, tuple(blocks))


HINTS = {
    HintAbout.A_PERSON: (
        "A gentle hint: people make mistakes where a system lets them. "
        "What made this possible? You can edit your answer."
    ),
    HintAbout.GUESTS: "Your reply counts as discussion: only full members of this workspace can answer here.",
    HintAbout.DEEP_ENOUGH: (
        "That's ten whys, which is the limit, so your reply counts as discussion. "
        "Press *Add another cause* below an answer to branch off there."
    ),
}


def hint(about: str) -> Message:
    """A hint to the author of a reply."""
    text = HINTS[HintAbout(about)]
    return Message(text, (section(text),))


VIEWS: Mapping[type[Any], Callable[[Any], Message]] = {
    WhysTrayShown: whys_tray,
    WhysOverShown: whys_over,
    WhysListShown: whys_list,
    Hint: lambda found: hint(found.about),
}
"""Loaded answers about five whys -> their functions, for :mod:`bot.views.answers`."""
