"""The running workspace: the only place where it changes.

Each mutation updates the records, emits the event that Slack would emit, and notes what may look different.
Everything runs on the sandbox's loop, so there are no locks. The callers (web API and control API) decide
whether somebody may do something, because their answers differ.
"""
