"""Checklists: what has to be done in an incident, line by line."""
