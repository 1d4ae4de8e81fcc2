"""A team that has set up all that admins can: more roles, a call, who comes, checklists, a project."""

from __future__ import annotations

from functools import partial

from bot.domain.projects.model import Link, Project
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings, Role
from storage import projects, settings
from tests.support.stage import Stage

PROJECT = "payments"


def set_up(stage: Stage) -> None:
    """Set it up on a stage on which nothing has happened."""
    group = stage.store.save_group("oncall", "ana", members=["dara", "emi"]).id
    stage.deliver_events()
    lines = (ChecklistLine("Freeze deployments"), ChecklistLine("Tell support", 10))
    team = ReminderSettings(
        roles=(Role("Liaison", "Talks to customers."),),
        call_link="https://meet.example.com/{ref}",
        people_critical=("U0EMI",),
        groups_high=(group,),
        checklists=(Checklist("Rollback", lines, severities=("critical", "high")),),
    )
    links = (Link("Runbook", "https://wiki.example.com/payments"),)
    now = stage.clock.now
    project = Project(0, PROJECT, ("U0BEN",), (group,), links, "U0ANA", now, "U0ANA", now)
    stage.bot.database.run(partial(settings.save, settings=team))
    stage.bot.database.run(partial(projects.add, project=project))
