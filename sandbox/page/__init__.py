"""The sandbox's page in the browser: a small Slack to look at and act in.

It only reads the store, and acts only through the control API, as any script would.
"""
