"""Meetings, time blocks, and what people change in the calendar."""
