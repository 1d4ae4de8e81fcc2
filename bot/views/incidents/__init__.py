"""Incidents in Slack: card, announcement and forms."""
