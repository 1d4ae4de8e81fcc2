"""Performs outbox rows by calling Slack and the calendar; every performer is safe to run twice."""
