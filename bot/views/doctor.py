"""What the doctor finds: in Slack, and as ``python app.py --doctor`` prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.domain.incidents.model import ref_of
from bot.domain.outbox.rows import Stuck
from bot.domain.surface.checkup import Check, Light
from bot.domain.surface.shown import DoctorShown
from bot.views.kit.fitting import in_sections
from bot.views.kit.labels import effect_label
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.remedies import in_order, with_code
from bot.views.kit.text import date, escape

_MARK: Mapping[Light, str] = {Light.GREEN: "✓ green", Light.AMBER: "! amber", Light.RED: "✗ red  "}


def report(checks: Sequence[Check]) -> str:
    """A line for each check, with what to do below each that isn't green, and how many there are of each."""
    width = max((len(each.name) for each in checks), default=0)
    lines = []
    for each in checks:
        lines.append(f"{_MARK[each.light]}  {each.name:<{width}}  {each.found}")
        if each.remedy:
            lines.append(f"         {'':<{width}}  → {each.remedy}")
    counts = Counter(each.light for each in checks)
    return "\n".join([*lines, ", ".join(f"{counts[light]} {light.value}" for light in Light)])


def doctor(shown: DoctorShown) -> Message:
    """What was given up, with a button to retry it, what is late, and which scopes are missing."""
    given_up = [_stuck_line(row) for row in in_order(shown.dead)]
    late = [_stuck_line(row) for row in shown.overdue]
    missing = {light: [_check_line(each) for each in shown.lacking if each.light is light] for light in Light}
    told = [context("\n".join(missing[Light.AMBER]))] if missing[Light.AMBER] else []
    if not given_up and not late and not missing[Light.RED]:
        well = "All is well: nothing has failed, and nothing is late."
        return Message(well, (section(well), *told))
    blocks: list[Block] = []
    if missing[Light.RED]:
        blocks += in_sections(["*Not granted*", *missing[Light.RED]])
    if given_up:
        retry = actions(button("Retry", "retry_everything", "all", "primary"))
        blocks += [section("*Given up*"), *in_sections(given_up), retry]
    if late:
        blocks += [section("*Late*"), *in_sections(late)]
    return Message("Some things need attention", (*blocks, *told))


def _check_line(check: Check) -> str:
    return f"• {escape(check.name)}: {escape(check.found)} {escape(check.remedy)}"


def _stuck_line(row: Stuck) -> str:
    of = f"{ref_of(row.incident_id)}: " if row.incident_id else ""
    why = f" ({with_code(row.last_error)})" if row.last_error else ""
    return f"• {of}{effect_label(row.kind)}{why}, since {date(row.created_at)}, tried {row.attempts}×"
