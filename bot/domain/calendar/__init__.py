"""Meetings, time blocks and events in the calendar."""
