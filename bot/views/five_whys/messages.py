"""Five whys in Slack: the session's message, the questions in its thread, findings and lists."""

from __future__ import annotations

import json
from itertools import accumulate, takewhile

from bot.codec import form_to_json
from bot.domain.five_whys.model import (
    ENOUGH_WHYS,
    MAX_WHYS,
    WHY_THAT,
    AnalysisStatus,
    FiveWhysAnalysis,
    Why,
    as_sentence,
)
from bot.domain.five_whys.tree import asker, depth_of, is_settled, latest, open_ends, shown
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import permalink
from bot.domain.kit.references import Names
from bot.domain.kit.text import cut, one_line, plain_from_markup
from bot.domain.surface.forms import ActionStart
from bot.views.kit.fitting import in_sections
from bot.views.kit.labels import ANALYSIS_STATUS
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.text import (
    entities,
    escape,
    escape_within,
    label_of,
    mention,
    quote_message,
)

_ANSWER_SHOWN, _CAUSES_SHOWN = 240, 10
_TREE_SHOWN = 7000
"""Characters of a tree, so that the message around it stays within Slack's limit."""
_QUOTED = 150
_OR_SOON = "or I'll finish in half an hour."
_LIMIT = "That's ten whys, which is the limit. Press *This is the root cause* below the right answer."
_EVIDENCE_SHOWN = 3
_TITLE_FROM_CAUSE = 200


def root_message(
    analysis: FiveWhysAnalysis, team_url: str, names: Names, former: str | None = None
) -> Message:
    """The session with its tree so far; ``former`` links to its earlier thread."""
    head = f"🔎 *{analysis.ref} · Why did this happen?*\n*{escape(analysis.problem)}*"
    blocks = [section(head), *tree_blocks(analysis, team_url, names)]
    state = f"{ANALYSIS_STATUS[analysis.status]} · facilitated by {mention(analysis.facilitator_id)}"
    takes_answers = analysis.is_active and depth_of(analysis, analysis.current_id) < MAX_WHYS
    how = " · answer in the thread" if takes_answers else ""
    before = f" · <{former}|earlier replies>" if former else ""
    blocks += [context(f"{state}{how}{before}"), actions(*session_buttons(analysis))]
    return Message(f"{analysis.ref}: why did this happen? {escape(analysis.problem)}", tuple(blocks))


def tree_blocks(
    analysis: FiveWhysAnalysis, team_url: str, names: Names, *, authors: bool = True
) -> list[Block]:
    """The tree, one line per answer, indented by depth. It pings nobody: the answers themselves did."""
    lines = [answer_line(why, depth, team_url, names, authors=authors) for why, depth in shown(analysis)]
    kept = list(takewhile(lambda until: until <= _TREE_SHOWN, accumulate(len(line) + 1 for line in lines)))
    if len(kept) < len(lines):
        lines = [*lines[: len(kept)], f"… and {len(lines) - len(kept)} more in the thread"]
    return in_sections(lines)


def answer_line(why: Why, depth: int, team_url: str, names: Names, *, authors: bool = True) -> str:
    """One answer: its depth, text, author (with ``authors``) and evidence."""
    indent = "\u2003" * (depth - 1)
    if not why.is_taken:
        return f"{indent}{depth}. _retracted_"
    sign = "🎯 " if why.is_cause else ""
    link = permalink(team_url, why.channel_id, why.ts, why.thread_ts) if why.channel_id and why.ts else ""
    said = quote_message(why.answer, names, _ANSWER_SHOWN, mentions=False) or "…"
    source = f" (<{entities(link)}|reply>)" if link and team_url else ""
    who = f" — {escape(names.person(why.answered_by))}" if authors else ""
    return f"{indent}{depth}. {sign}{said}{who}{source}{_evidence(why)}"


def question(analysis: FiveWhysAnalysis, why_id: int, names: Names) -> Message | None:
    """The question to post after an answer (0: the first question); ``None`` if there is none to post."""
    why = analysis.whys.get(why_id)
    is_latest = why_id == latest(analysis)
    if not analysis.is_active:
        causes = [why.answer for why, _ in shown(analysis) if why.is_cause][:_CAUSES_SHOWN]
        found = "; ".join(f"*{quote_message(each, names, _QUOTED, mentions=False)}*" for each in causes)
        text = f"{analysis.ref} is {analysis.status.value}." + (f" Root cause: {found}" if found else "")
        return Message(text, (context(text),)) if is_latest else None
    if why and not why.is_taken and not is_latest:
        return Message("Retracted", (context("_This answer was retracted._"),))
    text = _asked_below(analysis, why, names)
    blocks = [section(text)]
    if why_id == 0:
        blocks.append(context("Reply here to answer. Start with `//` to discuss without answering."))
    buttons = _answer_buttons(analysis, why, is_latest=is_latest)
    return Message(text, (*blocks, actions(*buttons)) if buttons else tuple(blocks))


def _asked_below(analysis: FiveWhysAnalysis, why: Why | None, names: Names) -> str:
    """What the message below an answer says: the open question is in one of them only."""
    if (why.id if why else 0) == asker(analysis):
        return f"{_lead(analysis, why)}{asked_about(analysis, names)}"
    if why and (why.is_cause or why.is_late):
        noted = "a root cause" if why.is_cause else "another cause"
        return f"Noted as {noted}: *{quote_message(why.answer, names, _QUOTED, mentions=False)}*"
    return _about(why, analysis, names)


def asked_about(analysis: FiveWhysAnalysis, names: Names) -> str:
    """The question that is open now."""
    current = analysis.current
    if is_settled(analysis) and not (current and current.is_cause):
        return f"Is there another? If not, press *Finish*, {_OR_SOON} {_about(current, analysis, names)}"
    if current and current.is_cause and (ends := open_ends(analysis)):
        current = ends[0]
    if depth_of(analysis, analysis.current_id) >= MAX_WHYS:
        return _LIMIT
    return _about(current, analysis, names)


def findings(analysis: FiveWhysAnalysis, incident: Incident, team_url: str, names: Names) -> Message:
    """The findings of five whys, with buttons to create action items.

    The session's own message has the whole tree, so it is here only if it names no root cause.
    """
    if analysis.status is not AnalysisStatus.COMPLETED:
        text = f"🔎 {analysis.ref} was {_AFTER_FINDINGS[analysis.status]}: *{escape(analysis.problem)}*"
        return Message(text, (section(text),))
    head = f"🔎 *{analysis.ref} · What we found*\n*{escape(analysis.problem)}*"
    causes = [why for why, _ in shown(analysis) if why.is_cause]
    tree = [] if causes else tree_blocks(analysis, team_url, names, authors=False)
    blocks = [section(head), *tree]
    for why in causes[:_CAUSES_SHOWN]:
        opens = button("Create an action item", "open_form", _action_value(analysis, why, names))
        text = f"🎯 *Root cause:* {quote_message(why.answer, names, _ANSWER_SHOWN, mentions=False)}"
        blocks.append(section(text, accessory=opens))
    if not causes:
        blocks.append(context("No root cause was named."))
    blocks.append(actions(button("Resume", "whys_resume", str(analysis.id))))
    told = escape_within("; ".join(analysis.root_causes(names)), 300) or "no root cause named"
    return Message(f"{incident.ref}, {analysis.ref}: {told}", tuple(blocks))


def nudge(analysis: FiveWhysAnalysis, names: Names) -> Message:
    """The single nudge that a quiet session gets."""
    text = f"Still there? {asked_about(analysis, names)}"
    return Message(text, (section(text), actions(*session_buttons(analysis))))


def told_facilitator(analysis: FiveWhysAnalysis, incident: Incident, by: str, link: str) -> Message:
    """The notification to somebody that a session was given to them."""
    text = f"🔎 {mention(by)} made you the facilitator of *{analysis.ref} · {escape(analysis.problem)}*."
    where = f"{incident.ref} {escape_within(incident.title, 300)}"
    more = context(f"You're the facilitator · {f'<{link}|Thread> · ' if link else ''}{where}")
    buttons = actions(*session_buttons(analysis))
    told = f"{analysis.ref} is yours to facilitate: {escape(analysis.problem)}"
    return Message(told, (section(text), more, buttons))


_AFTER_FINDINGS = {
    AnalysisStatus.ACTIVE: "resumed",
    AnalysisStatus.ABANDONED: "resumed, and then abandoned",
}
"""What has become of a session that had findings."""


def _lead(analysis: FiveWhysAnalysis, why: Why | None) -> str:
    """The words before the question, depending on what has just happened."""
    if why is None:
        return ""
    if not why.is_taken:
        return "Retracted. "
    if why.is_cause:
        ends = len(open_ends(analysis))
        branches = "One branch is" if ends == 1 else f"{ends} branches are"
        more = f"{branches} still open. " if ends else ""
        return f"Noted as a root cause. {more}"
    can_go_deeper = depth_of(analysis, analysis.current_id) < MAX_WHYS
    if analysis.current_id != why.id:
        # The answer became a branch, or somebody asked for another cause.
        is_branch = why.is_late
        return "Noted as another cause. " if is_branch else "Looking for another cause. "
    if depth_of(analysis, why.id) >= ENOUGH_WHYS and can_go_deeper:
        return "Is that the root cause? If not, dig deeper. "
    return ""


def _about(why: Why | None, analysis: FiveWhysAnalysis, names: Names) -> str:
    told = escape_within(analysis.problem, _QUOTED)
    if why:
        told = quote_message(why.answer, names, _QUOTED, mentions=False)
    plain_text = plain_from_markup(told, names)
    if plain_text.lower().startswith("why") and plain_text.endswith("?"):
        return f"*{told}*"
    return f"*{as_sentence(told)}* {WHY_THAT}"


def _answer_buttons(analysis: FiveWhysAnalysis, why: Why | None, *, is_latest: bool) -> list[Block]:
    value = f"{analysis.id}/{why.id if why else 0}"
    buttons: list[Block] = []
    if why and why.is_taken:
        style = "primary" if depth_of(analysis, why.id) >= ENOUGH_WHYS else None
        if not why.is_cause:
            buttons.append(button("This is the root cause", "whys_root_cause", value, style))
        if analysis.current_id != why.id:
            buttons.append(button("Continue here", "whys_go_on", value))
        buttons.append(button("Add another cause", "whys_branch", value))
        buttons.append(button("Not an answer", "whys_take_back", value))
    if is_latest and is_settled(analysis):
        buttons.insert(0, button("Finish", "whys_finish", str(analysis.id), "primary"))
    if is_latest and analysis.steps:
        buttons.append(button("Undo", "whys_undo", value))
    return buttons


def session_buttons(analysis: FiveWhysAnalysis) -> list[Block]:
    """The buttons below a session."""
    number = str(analysis.id)
    if not analysis.is_active:
        return [button("Resume", "whys_resume", number)]
    return [
        button("Finish", "whys_finish", number),
        button("Hand over", "hand_over_whys", number),
        button("Abandon", "whys_abandon", number),
    ]


def _evidence(why: Why) -> str:
    links = []
    for each in why.evidence[:_EVIDENCE_SHOWN]:
        name = label_of(str(each.get("name") or "file"), 60)
        link = entities(str(each.get("permalink") or "")).replace("|", "%7C")
        links.append(f" 📎 <{link}|{name}>" if link and len(link) < 300 else f" 📎 {name}")
    more = len(why.evidence) - _EVIDENCE_SHOWN
    return "".join(links) + (f" 📎 {more} more" if more > 0 else "")


def _action_value(analysis: FiveWhysAnalysis, why: Why, names: Names) -> str:
    told = one_line(plain_from_markup(why.answer, names))
    start = ActionStart(
        analysis.incident_id,
        cut(told, _TITLE_FROM_CAUSE),
        f"Root cause found by {analysis.ref}: {cut(analysis.problem, 200)}",
    )
    name, arguments = form_to_json(start)
    return json.dumps({"form": name, "arguments": arguments}, ensure_ascii=False)
