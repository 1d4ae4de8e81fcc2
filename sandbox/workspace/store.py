"""The store: the workspace with all mutations, of which those of people and user groups are here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.workspace import events
from sandbox.workspace.channels import Channels
from sandbox.workspace.model import Person, UserGroup
from sandbox.workspace.seed import zone_fields


class Store(Channels):
    """The workspace with all of its mutations."""

    def update_person(self, id_or_name: str, **fields: Any) -> Person:
        """Change fields of a person; ``tz`` also sets label and offset.

        Raises ``AttributeError`` for a field that doesn't exist.
        """
        person = self.person(id_or_name)
        for name, value in self._with_zone(fields).items():
            getattr(person, name)
            setattr(person, name, value)
        person.updated = int(self.clock())
        self.note(people=[person.id])
        self.emit(events.user_change(self, person), None)
        return person

    def add_person(self, name: str, real_name: str, *, tz: str = "UTC", **fields: Any) -> Person:
        """A new member of the workspace and of #general, with the handle ``name``."""
        label, offset = zone_fields(tz, self.clock())
        email = fields.pop("email", f"{name}@acme.example")
        person = Person(self.new_id("U"), name, real_name, tz, label, offset, email, **fields)
        person.updated = int(self.clock())
        self.workspace.people[person.id] = person
        self.note(people=[person.id])
        self.emit(events.team_join(self, person), None)
        self.join("general", person.id)
        return person

    def save_group(
        self,
        handle: str,
        user: str,
        *,
        name: str = "",
        was: str = "",
        members: Sequence[str] | None = None,
        is_disabled: bool = False,
    ) -> UserGroup:
        """A new user group, or, with the handle that it ``was`` known by, an existing one under a new handle.

        Its ``members`` are people's ids or names; they stay as they are if none are given.

        Raises ``LookupError`` if there is no such user group.
        """
        now, group = int(self.clock()), self.group(was) if was else None
        if group is None:
            creator = self.person(user).id
            group = UserGroup(self.new_id("S"), handle, name or handle.title(), creator, now, now)
            self.workspace.groups[group.id] = group
        group.handle, group.name, group.updated = handle, name or group.name, now
        group.deleted = now if is_disabled else 0
        if members is not None:
            group.members = [self.person(each).id for each in members]
        self.note(channels=self.workspace.channels)
        self.emit(events.subteam(self, group, is_new=not was), None)
        return group

    def group(self, id_or_handle: str) -> UserGroup:
        """The user group with that id or handle. Raises ``LookupError`` if there is none."""
        wanted = id_or_handle.removeprefix("@")
        for each in self.workspace.groups.values():
            if wanted in (each.id, each.handle):
                return each
        raise LookupError(f"no user group {id_or_handle!r}")

    def _with_zone(self, fields: dict[str, Any]) -> dict[str, Any]:
        if "tz" not in fields:
            return fields
        label, offset = zone_fields(fields["tz"], self.clock())
        return {"tz_label": label, "tz_offset": offset, **fields}
