"""Slack's requests over HTTP, health and metrics."""
