"""Incidents: declaring, running and recording them, and following their channels."""
