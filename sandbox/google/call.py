"""One request as the methods see it, checked against the schema."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.faults import Faults
from sandbox.google.access import Access, Principal
from sandbox.google.errors import GoogleError, not_found
from sandbox.google.store import Calendars
from sandbox.model import Json
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what, and where the answer is found."""

    store: Store
    calendars: Calendars
    access: Access
    faults: Faults
    principal: Principal
    args: Json
    """Of path and query."""
    body: Json = field(default_factory=dict)
    if_match: str | None = None
    conference_is_slow: bool = False

    def calendar(self, *, writing: bool) -> str:
        """The calendar that the call names; raises what Google answers to whoever may not."""
        name = self.calendar_id(self.args["calendarId"])
        role = self.role(name)
        if role == "none":
            raise not_found()
        if role == "freeBusyReader":
            what = "writer" if writing else "reader"
            raise GoogleError(
                403, "requiredAccessLevel", f"You need to have {what} access to this calendar."
            )
        return name

    def calendar_id(self, told: str) -> str:
        """The calendar's own id: ``primary`` is that of whoever asks."""
        return self.principal.email if told == "primary" else told.lower()

    def role(self, calendar: str) -> str:
        """What whoever asks may do there; ``none`` also where there is no such calendar."""
        return self.access.role(self.principal, calendar) if self.calendars.exists(calendar) else "none"

    def event(self, calendar: str) -> Json:
        """The event that the call names; raises what Google answers where there is none, or another one."""
        found = self.calendars.find(calendar, self.args["eventId"])
        if found is None:
            raise not_found()
        if self.if_match and self.if_match not in {"*", found["etag"]}:
            raise GoogleError(412, "conditionNotMet", "Precondition Failed")
        return found
