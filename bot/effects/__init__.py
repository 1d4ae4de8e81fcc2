"""Performs outbox rows against the outside world; every performer is safe to run twice."""
