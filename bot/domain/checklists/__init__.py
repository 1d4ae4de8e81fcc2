"""Checklists: what is to be done in an incident, line by line."""
