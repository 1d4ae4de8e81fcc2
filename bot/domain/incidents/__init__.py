"""Incidents: their life, channel and timeline."""
