"""Incidents: their lifecycle, channel and timeline."""
