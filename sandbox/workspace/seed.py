"""The people and channels of a fresh workspace, and the first messages in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.workspace.manifest import Manifest
from sandbox.workspace.model import Channel, Message, Person, UserGroup, Workspace

TEAM_ID = "T0ACME"
TEAM_NAME = "Acme"
SLACKBOT = "USLACKBOT"

# handle, real name, time zone, and flags
_PEOPLE: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("ana", "Ana Alvarez", "America/Los_Angeles", {"is_admin": True}),
    ("ben", "Ben Okafor", "Europe/London", {}),
    ("chen", "Chen Wei", "Asia/Shanghai", {}),
    ("dara", "Dara Novak", "Europe/Berlin", {}),
    ("emi", "Emi Tanaka", "Asia/Tokyo", {}),
    ("farid", "Farid Rahman", "Asia/Kolkata", {}),
    ("gus", "Gus Guest", "America/New_York", {"is_restricted": True}),
    ("hal", "Hal Former", "Europe/Paris", {"deleted": True}),
)

_TITLES = {
    "ana": "Admin in Los Angeles: may change the settings",
    "ben": "On call in London, eight hours ahead of Ana",
    "chen": "Databases, in Shanghai: evening at Ana's dawn",
    "dara": "Payments, in Berlin: watches #ops-alerts",
    "emi": "Frontend, in Tokyo, often already tomorrow",
    "farid": "Support, in Kolkata, half an hour off the rest",
    "gus": "Guest: sees only #general, and may not declare",
    "hal": "Left Acme: nobody can act as Hal",
}
# name, topic, purpose; everyone who isn't deactivated is a member, guests of #general only
_CHANNELS: tuple[tuple[str, str, str], ...] = (
    ("general", "Company-wide announcements and work-based matters", "This channel is for everyone at Acme."),
    ("random", "", "A place for everything else."),
    ("ops-alerts", "Alerts from production. Somebody looks at every one.", "Where our monitoring posts."),
)

# handle, name, members
_GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (("payments-team", "Payments", ("dara", "emi")),)

# channel, author (a handle, or a foreign bot's name), minutes before now, text
_MESSAGES: tuple[tuple[str, str, int, str], ...] = (
    ("general", "ana", 190, "Good morning everyone. The autumn release goes out on Thursday."),
    ("general", "ben", 171, "The release notes are in review. Comments are welcome until tomorrow."),
    ("random", "emi", 95, "The new coffee machine on the 3rd floor works. :coffee:"),
    ("random", "farid", 88, "Best news of the week."),
    ("ops-alerts", "Nightwatch", 41, "*payments-api*: 5xx rate is 4.2 % (threshold 1 %) for 5 minutes"),
    ("ops-alerts", "dara", 38, "Looking. The error budget of payments is nearly gone as it is."),
    ("ops-alerts", "chen", 33, "The connection pool of the primary database is at its limit."),
)

FOREIGN_BOT_ID = "B0NIGHTWATCH"


def zone_fields(zone: str, now: float) -> tuple[str, int]:
    """Label and UTC offset (seconds) of an IANA zone at ``now``. Raises ``ZoneInfoNotFoundError``."""
    moment = datetime.fromtimestamp(now, tz=UTC).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    return moment.tzname() or zone, int(offset.total_seconds()) if offset else 0


def bot_suffix(manifest: Manifest) -> str:
    """The part that the app's ids share: ``MUSTER`` in ``U0MUSTER``, ``B0MUSTER`` and ``A0MUSTER``."""
    name = manifest.display_name.upper()
    return "".join(char for char in name if char.isascii() and char.isalnum()) or "APP"


def add_titles(workspace: Workspace, manifest: Manifest) -> None:
    """Give everybody who has no title their own; no one has one in workspaces saved by older versions."""
    titles = _TITLES | {manifest.display_name.lower(): manifest.description}
    for person in workspace.people.values():
        person.title = person.title or titles.get(person.name, "")


def bots(manifest: Manifest) -> dict[str, Person]:
    """Slackbot and the app's bot user, by id."""
    name = manifest.display_name
    found = (
        Person(f"U0{bot_suffix(manifest)}", name.lower(), name, "UTC", "UTC", 0, "", is_bot=True),
        Person(SLACKBOT, "slackbot", "Slackbot", "UTC", "UTC", 0, "", is_bot=True),
    )
    return {person.id: person for person in found}


def seed(manifest: Manifest, now: float) -> Workspace:
    """A fresh workspace at ``now`` (seconds): people, a user group, and three channels with some messages."""
    workspace = Workspace(team_id=TEAM_ID, team_name=TEAM_NAME)
    for handle, real_name, zone, flags in _PEOPLE:
        label, offset = zone_fields(zone, now)
        email = f"{handle}@acme.example"
        person = Person(f"U0{handle.upper()}", handle, real_name, zone, label, offset, email, **flags)
        person.updated = int(now) - 86_400
        workspace.people[person.id] = person
    workspace.people |= bots(manifest)
    add_titles(workspace, manifest)
    for handle, name, members in _GROUPS:
        made, ids = int(now) - 86_400, [f"U0{each.upper()}" for each in members]
        group = UserGroup(f"S0{_id_part(handle)}", handle, name, "U0ANA", made, made, members=ids)
        workspace.groups[group.id] = group
    for name, topic, purpose in _CHANNELS:
        channel = _channel(workspace, name, topic, purpose, int(now) - 86_400)
        workspace.channels[channel.id] = channel
    for channel_name, author, minutes, text in _MESSAGES:
        _message(workspace, f"C0{_id_part(channel_name)}", author, now - 60 * minutes, text)
    for channel in workspace.channels.values():
        channel.last_read = {member: max(channel.messages) for member in channel.members}
    return workspace


def _id_part(name: str) -> str:
    return name.replace("-", "").upper()


def _channel(workspace: Workspace, name: str, topic: str, purpose: str, created: int) -> Channel:
    people = [person for person in workspace.people.values() if not person.deleted and not person.is_bot]
    members = {person.id for person in people if name == "general" or not person.is_restricted}
    channel_id = f"C0{_id_part(name)}"
    return Channel(channel_id, name, "U0ANA", created, topic=topic, purpose=purpose, members=members)


def _message(workspace: Workspace, channel_id: str, author: str, at: float, text: str) -> None:
    ts = f"{int(at)}.{100 * (len(workspace.channels[channel_id].messages) + 1):06d}"
    person = workspace.people.get(f"U0{author.upper()}")
    message = Message(ts, person.id if person else None, text)
    if person is None:
        message.bot_id, message.subtype, message.username = FOREIGN_BOT_ID, "bot_message", author
    workspace.channels[channel_id].messages[ts] = message
    workspace.last_ts = max(workspace.last_ts, int(at) * 1_000_000)
