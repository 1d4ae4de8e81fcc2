"""The App Home lists the open incidents and leads to everything else."""

from __future__ import annotations

from tests.support.people import Json, Workspace, eventually, shown
from tests.support.promises import ref


def test_it_lists_what_is_open_when_it_is_opened(acme: Workspace) -> None:
    channel = acme.declare("Cache & <cold>")
    home = _open(acme, "chen", f"*{ref(channel)}* Cache &amp; &lt;cold&gt;")
    assert f"<#{acme.channel(channel)['id']}>" in shown(home)
    acme.command("resolve", channel=channel)
    eventually(lambda: ref(channel) not in shown(_opened(acme, "chen")))


def test_its_buttons_declare_list_and_open(acme: Workspace) -> None:
    channel = acme.declare()
    home = _open(acme, "dara", ref(channel))
    [block] = [each["block_id"] for each in home["blocks"] if ref(channel) in shown({"blocks": [each]})]
    acme.post("interact", view="home", user="dara", action="show_tray", block=block)
    acme.told_directly("dara", f"{ref(channel)} · Database is slow")
    acme.post("interact", view="home", user="dara", action="show_all")
    acme.told_directly("dara", f"*{ref(channel)}* Database is slow")
    acme.post("interact", view="home", user="dara", action="declare_incident")
    eventually(lambda: acme.form("dara"))
    acme.post("view-close", user="dara")


def test_being_opened_twice_is_harmless(acme: Workspace) -> None:
    acme.faults({"envelope": "events_api", "effect": "duplicate", "copies": 2})
    _open(acme, "emi", "Incidents")
    deliveries = acme.get("log?since=0")["entries"]
    opened = [each for each in deliveries if each.get("event_type") == "app_home_opened"]
    eventually(lambda: all(each["acked"] for each in opened))
    assert not [each for each in opened if each["retry_attempt"]]


def _open(workspace: Workspace, user: str, wanted: str) -> Json:
    workspace.post("open-home", user=user)
    return eventually(lambda: _showing(workspace, user, wanted))


def _opened(workspace: Workspace, user: str) -> Json:
    workspace.post("open-home", user=user)
    return dict(workspace.get(f"view/{user}")["home"])


def _showing(workspace: Workspace, user: str, wanted: str) -> Json | None:
    home = workspace.get(f"view/{user}")["home"]
    return home if home and wanted in shown(home) else None
