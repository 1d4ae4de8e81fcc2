"""Google Calendar as the app sees it: tokens, calendars, events, free/busy; strict like the real one.

Little of it is loaded before the app first calls: Google's discovery document alone takes a tenth of a
second.
"""

from __future__ import annotations

TEAM_CALENDAR = "incidents@acme.example"
ACCOUNT = "muster@acme.example"
"""The ordinary account that has agreed to the app."""
SERVICE_ACCOUNT = "muster@sandbox.iam.gserviceaccount.example"
DOMAIN = "@acme.example"
