"""The living workspace: the one place where it changes.

Each mutation updates the records, emits the event that Slack would, and notes what may look different. It
all runs on the sandbox's loop, so there are no locks. Whether somebody may do a thing is decided by the
callers (web API and control API), whose answers differ.
"""
