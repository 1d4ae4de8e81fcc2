"""Incidents: declared, run, recorded, and their channels followed."""
