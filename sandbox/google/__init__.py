"""Google Calendar as the app sees it: tokens, calendars, events, free/busy; as strict as the real one.

Most of it is loaded only when the app first calls: reading Google's discovery document alone takes a tenth of
a second.
"""

from __future__ import annotations

TEAM_CALENDAR = "incidents@acme.example"
ACCOUNT = "muster@acme.example"
"""The ordinary account that has authorised the app."""
SERVICE_ACCOUNT = "muster@sandbox.iam.gserviceaccount.example"
DOMAIN = "@acme.example"
