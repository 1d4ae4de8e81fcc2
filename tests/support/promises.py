"""What must be true of a declared incident, whatever went wrong on the way."""

from __future__ import annotations

from itertools import pairwise

from tests.support.people import Workspace, eventually, shown


def declared_once(workspace: Workspace, number: int = 1, seconds: float = 15.0) -> str:
    """Check that everything of the incident exists, once; returns the name of its channel."""
    incident = f"INC-{number}"
    prefix = f"inc-{number}-"
    [name] = eventually(
        lambda: [each for each in workspace.incident_channels() if each.startswith(prefix)], seconds
    )
    eventually(lambda: workspace.card(name), seconds)
    eventually(lambda: "U0ANA" in workspace.channel(name)["members"], seconds)
    eventually(lambda: incident in workspace.channel(name)["topic"], seconds)
    eventually(lambda: incident in workspace.channel(name)["purpose"], seconds)
    eventually(lambda: len(workspace.channel(name)["pins"]) == 1, seconds)
    eventually(lambda: announced(workspace, incident), seconds)
    eventually(lambda: told(workspace, incident), seconds)
    eventually(lambda: not unfinished(workspace), seconds)
    assert len([each for each in workspace.incident_channels() if each.startswith(prefix)]) == 1
    assert (
        len(workspace.cards(name))
        == len(announced(workspace, incident))
        == len(told(workspace, incident))
        == 1
    )
    return name


def one_a_second(times: list[float]) -> None:
    """Check that what arrived at these seconds was sent at Slack's pace, as delays on the way vary."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap > 0.5 for gap in gaps), gaps
    assert sum(gaps) > len(gaps) - 0.5


def ref(channel: str) -> str:
    """The incident of a channel: `inc-12-database-is-slow` -> `INC-12`."""
    return "-".join(channel.split("-")[:2]).upper()


def announced(workspace: Workspace, incident: str) -> list[str]:
    """The incident's announcements."""
    return [text for text in map(shown, workspace.announcements()) if f"{incident} " in text]


def told(workspace: Workspace, incident: str) -> list[str]:
    """The direct messages that tell the declarer where the incident is."""
    return [text for text in map(shown, workspace.private("ana")) if f"{incident} is open in" in text]


def unfinished(workspace: Workspace) -> list[str]:
    """Calls that the app has begun and not finished."""
    return [call["name"] for call in workspace.calls() if call.get("ended") is None]
