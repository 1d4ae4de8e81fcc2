"""The panel that greets newcomers: the steps as this person can do them now, and who everybody is."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.greeting.steps import STEPS, Offer, Situation, Step, offer_of
from sandbox.page import sidebar
from sandbox.page.screen import Context, Screen


@dataclass(frozen=True)
class Row:
    """One step as the panel shows it."""

    step: Step
    offer: Offer
    is_done: bool
    is_next: bool

    @property
    def title(self) -> str:
        """What the button says."""
        return self.offer.title or self.step.title

    @property
    def hint(self) -> str:
        """What to expect of the step, or what it has led to so far."""
        return self.offer.hint or self.step.hint

    @property
    def calls(self) -> str:
        """What the button does, as the page's script reads it."""
        return json.dumps(self.offer.calls)


def about(screen: Screen) -> Context:
    """The context of the panel; without one, ``greeting`` is ``None``."""
    remembered = screen.store.workspace.greeting
    if not screen.greets or remembered.is_dismissed:
        return {"greeting": None}
    at = Situation(screen.store, screen.viewer.me, screen.channel, screen.bot)
    following = next((each.name for each in STEPS if each.name not in remembered.done), "")
    rows = [_row(step, at, following) for step in STEPS]
    return {
        "greeting": rows,
        "steps_done": sum(row.is_done for row in rows),
        "following": next((row for row in rows if row.is_next), None),
        "is_folded": remembered.is_folded,
        "everybody": sidebar.everybody(screen.viewer),
    }


def _row(step: Step, at: Situation, following: str) -> Row:
    done = step.name in at.store.workspace.greeting.done
    return Row(step, offer_of(step, at), done, step.name == following)
