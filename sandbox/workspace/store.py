"""The store: the workspace with all mutations, of which those of people are here."""

from __future__ import annotations

from typing import Any

from sandbox.workspace import events
from sandbox.workspace.channels import Channels
from sandbox.workspace.model import Person
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

    def _with_zone(self, fields: dict[str, Any]) -> dict[str, Any]:
        if "tz" not in fields:
            return fields
        label, offset = zone_fields(fields["tz"], self.clock())
        return {"tz_label": label, "tz_offset": offset, **fields}
