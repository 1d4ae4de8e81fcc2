"""What the doctor finds: in Slack, and as ``python app.py --doctor`` prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.domain.incidents.model import ref_of
from bot.domain.outbox.rows import Stuck
from bot.domain.surface.checkup import Check, Light
from bot.domain.surface.shown import DoctorShown
from bot.domain.surface.slack_app import Scope
from bot.views.kit.fitting import in_sections
from bot.views.kit.labels import effect_label
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.remedies import in_order, with_code
from bot.views.kit.text import escape, local_time

_MARK: Mapping[Light, str] = {Light.GREEN: "✓ green", Light.AMBER: "! amber", Light.RED: "✗ red  "}


def report(checks: Sequence[Check]) -> str:
    """A line for each check, with what to do below each that isn't green, and how many there are of each."""
    width = max((len(each.name) for each in checks), default=0)
    lines = []
    for each in checks:
        lines.append(f"{_MARK[each.light]}  {each.name:<{width}}  {each.found}")
        if each.remedy:
            lines.append(f"         {'':<{width}}  → {each.remedy}")
    return "\n".join([*lines, _counts(checks)])


def examined(checks: Sequence[Check]) -> Message:
    """What isn't green, with what to do about it, when each event was last received, and what is green."""
    lines = [
        _check_line(each) for light in (Light.RED, Light.AMBER) for each in checks if each.light is light
    ]
    good = [each for each in checks if each.light is Light.GREEN]
    seen = [f"{_event_of(each)} {each.found}" for each in good if each.name.startswith(_EVENT)]
    others = [each.name for each in good if not each.name.startswith(_EVENT)]
    blocks: list[Block] = in_sections(lines) if lines else [section("Everything else is green.")]
    notes = [context(escape("  ".join(each))) for each in (seen, [f"Green: {', '.join(others)}."]) if each]
    return Message(f"Checked: {_counts(checks)}", (*blocks, *notes))


_EVENT = "event "


def lacking(scopes: Sequence[Scope]) -> Message:
    """What the app hasn't been granted, what it can't do until then, and how to grant it."""
    names = ", ".join(each.name for each in scopes)
    lines = [f"• `{escape(each.name)}`, to {escape(each.enables)}" for each in scopes]
    fix = "Update the app from `manifest.yml` at https://api.slack.com/apps, then reinstall it."
    top = "I need permissions that I haven't been granted. Until I have them, I can't do everything:"
    return Message(f"I lack permissions: {names}", tuple(in_sections([top, *lines, fix])))


def doctor(shown: DoctorShown) -> Message:
    """What was given up, with a button to retry it, and what is late."""
    given_up = [*(_stuck_line(row) for row in in_order(shown.dead)), *_more(shown.more_dead)]
    late = [*(_stuck_line(row) for row in shown.overdue), *_more(shown.more_overdue)]
    rest = [context("I'm checking everything else, too; that takes a moment.")] if shown.is_followed else []
    if not given_up and not late:
        well = "All is well: nothing has failed, and nothing is late."
        return Message(well, (section(well), *rest))
    blocks: list[Block] = []
    if given_up:
        retry = actions(button("Retry", "retry_everything", "all", "primary"))
        blocks += [section("*Given up*"), *in_sections(given_up), retry]
    if late:
        blocks += [section("*Late*"), *in_sections(late)]
    return Message("Some things need attention", (*blocks, *rest))


def _more(count: int) -> list[str]:
    return [f"• and {count} more"] if count > 0 else []


_SIGN: Mapping[Light, str] = {Light.GREEN: "🟢", Light.AMBER: "🟡", Light.RED: "🔴"}


def _check_line(check: Check) -> str:
    return f"{_SIGN[check.light]} *{escape(check.name)}*: {escape(check.found)} {escape(check.remedy)}"


def _event_of(check: Check) -> str:
    return f"{check.name.removeprefix(_EVENT)}:"


def _counts(checks: Sequence[Check]) -> str:
    counts = Counter(each.light for each in checks)
    return ", ".join(f"{counts[light]} {light.value}" for light in Light)


def _stuck_line(row: Stuck) -> str:
    of = f"{ref_of(row.incident_id)}: " if row.incident_id else ""
    why = f" ({with_code(row.last_error)})" if row.last_error else ""
    return f"• {of}{effect_label(row.kind)}{why}, since {local_time(row.created_at)}, tried {row.attempts}×"
