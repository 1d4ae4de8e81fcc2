"""Checklists in Slack."""
